// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_help.c - help: lists the verbs and describes them, from their tables. */
#include <string.h>

#include "stub/monitor/cmd.h"

/* "-c CPUS", "-s, --symbols". */
static void put_option_name(const struct cmd_opt *o, struct buf *out)
{
	buf_printf(out, "-%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
	if (o->word)
		buf_printf(out, ", -%s", o->word);
}

static void put_options(const struct cmd *c, struct buf *out)
{
	size_t width = c->json ? strlen("--json") : 0;

	for (const struct cmd_opt *o = c->options; o && o->name; o++) {
		size_t len = 1 + strlen(o->name) + (o->arg ? 1 + strlen(o->arg) : 0) +
			     (o->word ? 3 + strlen(o->word) : 0);

		width = len > width ? len : width;
	}
	for (const struct cmd_opt *o = c->options; o && o->name; o++) {
		size_t start = out->len;

		buf_puts(out, "  ");
		put_option_name(o, out);
		buf_printf(out, "%*s%s\n", (int)(width + 4 - (out->len - start)), "", o->help);
	}
	if (c->json)
		buf_printf(out, "  %-*s  %s\n", (int)width, "--json", CMD_JSON_HELP);
}

static void put_verb(const struct cmd *c, struct buf *out)
{
	buf_printf(out, "%s - %s\n\n  %s\n", c->name, c->brief, c->synopsis);
	if (c->help || c->options || c->json)
		buf_putc(out, '\n');
	if (c->help)
		buf_puts(out, c->help);
	put_options(c, out);
	if (c->example)
		buf_printf(out, "\n%s", c->example);
	if (out->len && out->p[out->len - 1] != '\n')
		buf_putc(out, '\n');
}

/* For shells: verb, option, name of its argument and help, separated by tabs. */
static void list_options(const struct cmd *c, struct buf *out)
{
	for (const struct cmd_opt *o = c->options; o && o->name; o++)
		buf_printf(out, "%s\t-%s\t%s\t%s\n", c->name, o->name, o->arg ? o->arg : "",
			   o->help);
	for (const struct cmd_opt *o = c->options; o && o->name; o++)
		if (o->word)
			buf_printf(out, "%s\t-%s\t%s\t%s\n", c->name, o->word, o->arg ? o->arg : "",
				   o->help);
	if (c->json)
		buf_printf(out, "%s\t--json\t\t%s\n", c->name, CMD_JSON_HELP);
}

static vs_status cmd_help(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	const struct cmd *const *all, *c;
	size_t n = cmd_all(&all);

	(void)m;
	for (int i = 0; i < a->argc; i++) {
		c = cmd_find(a->argv[i]);
		if (!c)
			return fail(err, VS_INVAL, "%s: unknown command", a->argv[i]);
		if (i)
			buf_putc(out, '\n');
		if (cmd_has(a, "o"))
			list_options(c, out);
		else
			put_verb(c, out);
	}
	for (size_t i = 0; i < n && !a->argc; i++) {
		if (cmd_has(a, "o"))
			list_options(all[i], out);
		else
			buf_printf(out, "%-8s %s\n", all[i]->name, all[i]->brief);
	}
	return VS_OK;
}

static const struct cmd_opt options[] = {
	{ "o", .help = "options as tab-separated name, argument and help, for completion" },
	{ 0 },
};

const struct cmd verb_help = {
	.name = "help",
	.run = cmd_help,
	.brief = "this list, or help on one command",
	.synopsis = "help [-o] [COMMAND]...",
	.options = options,
	.operands = OPERANDS(0, OPERANDS_ANY),
};
