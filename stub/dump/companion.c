// SPDX-License-Identifier: GPL-3.0-or-later
/* companion.c - finds the other file of a dump that is two files.
 * In: a path. Out: that file, if there is one. */
#include "stub/dump/companion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stub/base/cleanup.h"
#include "stub/dump/file.h"

static const struct {
	const char *of, *other;
} endings[] = {
	{ ".vmss", ".vmem" },
	{ ".vmsn", ".vmem" },
	{ ".vmem", ".vmss" },
	{ ".vmem", ".vmsn" },
};

vs_status companion_open(const char *path, struct file **ret, struct err *err)
{
	size_t len = strlen(path), n = strlen(endings[0].of);
	AUTO_FREE char *other = strdup(path);

	*ret = NULL;
	if (!other)
		return fail(err, VS_NOMEM, "%s: out of memory", path);
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (len <= n || strcmp(path + len - n, endings[i].of) != 0)
			continue;
		strcpy(other + len - n, endings[i].other);
		if (access(other, F_OK) == 0)
			return file_open(other, ret, err);
	}
	return VS_OK;
}
