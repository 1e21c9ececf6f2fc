// SPDX-License-Identifier: GPL-3.0-or-later
/* monitor.c - finding verbs, splitting of lines, and what verbs share. */
#include "stub/monitor/monitor.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/unwind/dyncode.h"
#include "stub/module/modules.h"
#include "stub/subsys/mm/slab.h"
#include "stub/monitor/cmd.h"

static const struct cmd_table *const tables[] = { &cmds_system, &cmds_tasks,  &cmds_objects,
						  &cmds_data,	&cmds_memory, &cmds_devices };

#define NTABLES (sizeof(tables) / sizeof(tables[0]))

size_t cmd_all(const struct cmd **ret, size_t max)
{
	size_t n = 0;

	// Each table is short and the order by name is wanted only here: insertion.
	for (size_t i = 0; i < NTABLES; i++)
		for (size_t j = 0; j < tables[i]->n && n < max; j++) {
			size_t at = n++;

			for (; at && strcmp(ret[at - 1]->name, tables[i]->v[j].name) > 0; at--)
				ret[at] = ret[at - 1];
			ret[at] = &tables[i]->v[j];
		}
	return n;
}

const struct cmd *cmd_find(const char *name)
{
	for (size_t i = 0; i < NTABLES; i++)
		for (size_t j = 0; j < tables[i]->n; j++)
			if (strcmp(tables[i]->v[j].name, name) == 0)
				return &tables[i]->v[j];
	return NULL;
}

/* Split in place at blanks; "..." and '...' keep blanks. */
static vs_status split(char *line, char **argv, int *argc, struct err *err)
{
	char *out;

	*argc = 0;
	for (;;) {
		while (isspace((unsigned char)*line))
			line++;
		if (!*line)
			break;
		if (*argc == MONITOR_MAX_ARGS - 1)
			return fail(err, VS_INVAL, "more than %d arguments", MONITOR_MAX_ARGS - 1);
		argv[(*argc)++] = out = line;
		for (char quote = 0; *line && (quote || !isspace((unsigned char)*line)); line++) {
			if (quote ? *line == quote : *line == '"' || *line == '\'')
				quote = quote ? 0 : *line;
			else
				*out++ = *line;
		}
		if (*line)
			line++;
		*out = '\0';
	}
	argv[*argc] = NULL;
	return VS_OK;
}

vs_status monitor_run(struct monitor *m, const char *line, struct buf *out, struct err *err)
{
	char *argv[MONITOR_MAX_ARGS];
	AUTO_FREE char *copy = strdup(line);
	const struct cmd *cmd;
	struct args a;
	vs_status st;

	if (!copy)
		return fail(err, VS_NOMEM, "out of memory");
	st = split(copy, argv, &a.argc, err);
	if (st || a.argc == 0)
		return st;
	cmd = cmd_find(argv[0]);
	if (!cmd)
		return fail(err, VS_INVAL, "%s: unknown command; \"help\" lists them", argv[0]);
	a.argc--;
	a.argv = argv + 1;
	st = cmd->run(m, &a, out, err);
	return st ? fail_ctx(err, st, "%s", cmd->name) : VS_OK;
}

/* Cut the first line off the list at *next, which goes behind it; NULL at the end. Quotes keep the
 * separator. */
static char *next_line(char **next)
{
	char *line = *next, *p = line, quote = 0;

	if (!line)
		return NULL;
	for (; *p && (quote || *p != ';'); p++)
		if (quote ? *p == quote : *p == '"' || *p == '\'')
			quote = quote ? 0 : *p;
	*next = *p ? p + 1 : NULL;
	*p = '\0';
	return line;
}

vs_status monitor_run_list(struct monitor *m, const char *lines, struct buf *out, monitor_done done,
			   void *ctx, struct err *err)
{
	AUTO_FREE char *copy = strdup(lines);
	char *next = copy, *line;
	vs_status first = VS_OK;

	if (!copy)
		return fail(err, VS_NOMEM, "out of memory");
	while ((line = next_line(&next)) && !buf_stopped(out)) {
		struct err why = { 0 };
		vs_status st = monitor_run(m, line, out, &why);

		if (done)
			done(ctx, st, &why);
		if (st && !first)
			first = fail(err, st, "%s", why.msg);
	}
	return first;
}

vs_status cmd_help(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	const struct cmd *all[CMD_MAX], *cmd;
	size_t n;

	(void)m;
	if (a->argc) {
		cmd = cmd_find(a->argv[0]);
		if (!cmd)
			return fail(err, VS_INVAL, "%s: unknown command", a->argv[0]);
		buf_printf(out, "%s - %s\n\n  %s\n\n%s", cmd->name, cmd->brief, cmd->synopsis,
			   cmd->help);
		return VS_OK;
	}
	n = cmd_all(all, CMD_MAX);
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%-8s %s\n", all[i]->name, all[i]->brief);
	return VS_OK;
}

int cmd_option(struct args *a, struct opt_state *s, const char *optstring, struct err *err)
{
	const char *word = s->index < a->argc ? a->argv[s->index] : NULL;
	const char *spec;
	char c;

	if (!word || (s->pos == 0 && (word[0] != '-' || !word[1])))
		return 0;
	if (s->pos == 0 && strcmp(word, "--") == 0) {
		s->index++;
		return 0;
	}
	if (s->pos == 0)
		s->pos = 1;
	c = word[s->pos++];
	spec = strchr(optstring, c);
	if (!spec || c == ':') {
		fail(err, VS_INVAL, "unknown option -%c", c);
		return -1;
	}
	s->arg = NULL;
	if (spec[1] == ':') {
		s->arg = word[s->pos]		  ? word + s->pos
			 : s->index + 1 < a->argc ? a->argv[++s->index]
						  : NULL;
		s->pos = 0;
		s->index++;
		if (!s->arg) {
			fail(err, VS_INVAL, "option -%c needs an argument", c);
			return -1;
		}
	} else if (!word[s->pos]) {
		s->pos = 0;
		s->index++;
	}
	return c;
}

void cmd_permute(struct args *a, const char *optstring)
{
	char *words[MONITOR_MAX_ARGS] = { 0 }, *operands[MONITOR_MAX_ARGS] = { 0 };
	int n = 0, others = 0, i = 0;

	for (; i < a->argc && strcmp(a->argv[i], "--") != 0; i++) {
		char *word = a->argv[i];
		const char *spec, *c = word + 1;

		if (word[0] != '-' || !word[1]) {
			operands[others++] = word;
			continue;
		}
		words[n++] = word;
		// The last letter may want the next word.
		while (*c && (spec = strchr(optstring, *c)) && spec[1] != ':')
			c++;
		if (*c && strchr(optstring, *c) && !c[1] && i + 1 < a->argc)
			words[n++] = a->argv[++i];
	}
	for (; i < a->argc; i++)
		operands[others++] = a->argv[i];
	memcpy(a->argv, words, sizeof(*words) * (size_t)n);
	memcpy(a->argv + n, operands, sizeof(*words) * (size_t)others);
}

void cmd_put_ascii(const uint8_t *row, size_t n, unsigned size, struct buf *out)
{
	buf_printf(out, "%*s  ", (int)((16 - n / size * size) / size * (2 * size + 1)), "");
	for (size_t i = 0; i < n; i++)
		buf_putc(out, isprint(row[i]) ? (char)row[i] : '.');
}

void cmd_put_words(const uint8_t *data, size_t len, uint64_t address, unsigned size,
		   struct buf *out)
{
	for (size_t row = 0; row < len; row += 16) {
		size_t n = len - row < 16 ? len - row : 16, i;

		buf_printf(out, "%16" PRIx64 ":  ", address + row);
		for (i = 0; i + size <= n; i += size) {
			uint64_t v = 0;

			memcpy(&v, data + row + i, size);
			buf_printf(out, "%0*" PRIx64 " ", 2 * (int)size, v);
		}
		cmd_put_ascii(data + row, n, size, out);
		buf_putc(out, '\n');
	}
}

void cmd_operands(struct args *a, const struct opt_state *s)
{
	a->argv += s->index;
	a->argc -= s->index;
}

bool cmd_number(const char *text, uint64_t *ret)
{
	char *end;
	uint64_t v;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	v = strtoull(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
	if (*end || errno)
		return false;
	*ret = v;
	return true;
}

static bool hex_address(const char *text, kva_t *ret)
{
	char *end;
	kva_t v;

	if (!isxdigit((unsigned char)*text))
		return false;
	errno = 0;
	v = strtoull(text, &end, 16);
	if (*end || errno)
		return false;
	*ret = v;
	return true;
}

vs_status cmd_selected_task(struct monitor *m, kva_t *ret, struct err *err)
{
	if (!m->task)
		return task_current(m->k, m->cpu, ret, err);
	*ret = m->task;
	return VS_OK;
}

vs_status cmd_find_task(struct monitor *m, const char *text, kva_t *ret, struct err *err)
{
	char *end;
	uint64_t v = strtoull(text, &end, 16);

	if (!*end && m->k->arch->is_kernel_va(v)) {
		*ret = v;
		return VS_OK;
	}
	if (!cmd_number(text, &v))
		return fail(err, VS_INVAL, "%s: neither a PID nor a task address", text);
	return task_by_pid(m->k, (int32_t)v, ret, err);
}

static bool find_symbol(struct monitor *m, const char *name, kva_t *ret)
{
	struct modules *mods;

	if (kernel_symbol(m->k, name, ret, NULL) == VS_OK)
		return true;
	if (kernel_need_modules(m->k, &mods, NULL))
		return false;
	for (size_t i = 0; i < mods->n; i++) {
		const struct symbol *s;

		if (module_need_syms(m->k, &mods->v[i], NULL))
			continue;
		s = symtab_find(mods->v[i].syms, name);
		if (s) {
			*ret = s->va;
			return true;
		}
	}
	return false;
}

vs_status cmd_address(struct monitor *m, const char *text, kva_t *ret, struct err *err)
{
	AUTO_FREE char *name = strdup(text);
	char *plus = name ? strpbrk(name, "+-") : NULL;
	uint64_t off = 0;
	kva_t va;

	if (!name)
		return fail(err, VS_NOMEM, "out of memory");
	// A symbol wins over a hex number of the same spelling ("add", "face"), as in crash.
	if (plus) {
		char sign = *plus;

		*plus = '\0';
		if (!cmd_number(plus + 1, &off))
			return fail(err, VS_INVAL, "%s: bad offset", text);
		if (sign == '-')
			off = 0 - off;
	}
	if (find_symbol(m, name, &va) || hex_address(name, &va)) {
		*ret = va + off;
		return VS_OK;
	}
	if (text[0] == '$') // gdb's, and of the frame selected there
		return fail(err, VS_INVAL, "%s is known to gdb only; p/x %s shows its value", text,
			    text);
	return fail(err, VS_NOTFOUND, "%s: no such symbol or address", text);
}

bool cmd_lookup(struct monitor *m, kva_t va, struct addr_name *ret)
{
	struct modules *mods;
	const struct symbol *s = NULL;
	struct module *mod = NULL;
	const char *owner = NULL;
	kva_t end;

	if (kernel_need_modules(m->k, &mods, NULL) == VS_OK)
		mod = modules_by_va(mods, va);
	if (mod) {
		if (module_need_syms(m->k, mod, NULL) == VS_OK)
			s = symtab_lookup(mod->syms, va);
		if (s && !module_has(mod, s->va))
			s = NULL;
	} else if (kernel_need_syms(m->k, NULL) == VS_OK) {
		s = symtab_lookup(m->k->syms, va);
		// Beyond the image nothing is the last symbol plus an offset.
		if (s && kernel_symbol(m->k, "_end", &end, NULL) == VS_OK && va >= end)
			s = NULL;
		if (s && !m->k->arch->is_kernel_va(s->va))
			s = NULL;
		if (!s)
			s = dyncode_symbol(m->k, va, &owner);
	}
	*ret = (struct addr_name){ s, s ? va - s->va : 0, mod, mod ? mod->name : owner };
	return s != NULL;
}

void cmd_put_name(struct buf *out, const struct addr_name *n, bool hex)
{
	if (!n->sym)
		buf_puts(out, "(unknown)");
	else if (hex)
		buf_printf(out, "%s+%#" PRIx64, n->sym->name, n->off);
	else
		buf_printf(out, "%s+%" PRIu64, n->sym->name, n->off);
}

void cmd_put_owner(struct buf *out, const struct addr_name *n)
{
	if (n->owner)
		buf_printf(out, " [%s]", n->owner);
}

bool cmd_put_pointer(struct monitor *m, uint64_t word, enum cmd_slabs slabs, struct buf *out)
{
	struct addr_name name;
	char cache[64];

	if (!m->k->arch->is_kernel_va(word))
		return false;
	if (cmd_lookup(m, word, &name)) {
		if (name.off)
			cmd_put_name(out, &name, false);
		else
			buf_puts(out, name.sym->name);
		return true;
	}
	if (slabs == CMD_SLABS_NONE || slab_cache_name(m->k, word, cache, sizeof(cache), NULL))
		return false;
	if (slabs == CMD_SLABS_ADDRESS)
		buf_printf(out, "[%" PRIx64 ":%s]", word, cache);
	else
		buf_printf(out, "[%s]", cache);
	return true;
}

void cmd_task_line(const struct task *t, struct buf *out)
{
	buf_printf(out, "PID: %-7d  TASK: %" PRIx64 "  CPU: ", t->pid, t->va);
	if (task_knows(t, TASK_CPU))
		buf_printf(out, "%-3u", t->cpu);
	else
		buf_puts(out, "?  ");
	buf_printf(out, "  COMMAND: \"%s\"\n", t->comm);
}
