// SPDX-License-Identifier: GPL-3.0-or-later
/* verbs.c - the verbs as the tables have them: "name<TAB>brief", for tests/lint/verbs.sh. */
#include <stdio.h>

#include "stub/monitor/cmd.h"

int main(void)
{
	const struct cmd *all[CMD_MAX];
	size_t n = cmd_all(all, CMD_MAX);

	for (size_t i = 0; i < n; i++)
		printf("%s\t%s\n", all[i]->name, all[i]->brief);
	return 0;
}
