// SPDX-License-Identifier: GPL-3.0-or-later
/* verbs.c - prints the tables of the verbs for tests/lint/verbs.sh: "name<TAB>brief"; with
 * "options" each option as in `help -o`; with "man" the list for the man page; with "help VERB"
 * that help. */
#include <stdio.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/monitor/cmd.h"

/* Escapes text for roff, where '-' is a hyphen, and '.' or '\'' at the start of a line a request.
 */
static void put_roff(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++) {
		if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
	}
}

static void put_man(const struct cmd *c)
{
	printf(".TP\n.B %s\n", c->name);
	put_roff(c->brief);
	fputs("\n.RS\n.nf\n", stdout);
	put_roff(c->synopsis);
	puts("\n.fi");
	for (const struct cmd_opt *o = c->options; o && o->name; o++) {
		printf(".TP\n\\fB\\-%s\\fR", o->name);
		if (o->arg) {
			fputs(" \\fI", stdout);
			put_roff(o->arg);
			fputs("\\fR", stdout);
		}
		putchar('\n');
		put_roff(o->help);
		putchar('\n');
	}
	if (c->json)
		puts(".TP\n\\fB\\-\\-json\\fR\n" CMD_JSON_HELP);
	puts(".RE");
}

int main(int argc, char **argv)
{
	const struct cmd *const *all;
	size_t n = cmd_all(&all);
	const char *what = argc > 1 ? argv[1] : "";
	struct monitor m = { .k = NULL };
	AUTO(buf) out = { 0 };

	if (strcmp(what, "options") == 0) {
		monitor_run(&m, "help -o", &out, NULL);
		fputs(buf_str(&out), stdout);
		return 0;
	}
	if (strcmp(what, "help") == 0 && argc > 2) {
		AUTO(buf) line = { 0 };

		buf_printf(&line, "help %s", argv[2]);
		monitor_run(&m, buf_str(&line), &out, NULL);
		fputs(buf_str(&out), stdout);
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		if (strcmp(what, "man") == 0)
			put_man(all[i]);
		else
			printf("%s\t%s\n", all[i]->name, all[i]->brief);
	}
	return 0;
}
