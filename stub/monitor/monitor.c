// SPDX-License-Identifier: GPL-3.0-or-later
/* monitor.c - parses command lines, runs verbs, and holds functions that verbs share. */
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
#include "stub/monitor/shell.h"

#define MAX_NAMESAKES 8 /* PIDs in a message */

/* Split in place at blanks outside quotes. */
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
		for (char quote = 0; *line && (quote || !isspace((unsigned char)*line)); line++)
			if (!shell_take_quote(*line, &quote))
				*out++ = *line;
		if (*line)
			line++;
		*out = '\0';
	}
	argv[*argc] = NULL;
	return VS_OK;
}

/* Runs a verb with --json. A verb that it runs in turn adds to the same document. */
static vs_status run_json(struct monitor *m, const struct cmd *c, struct args *a, struct buf *out,
			  struct err *err)
{
	struct err why = { 0 };
	struct document d;
	vs_status st;

	document_init(&d, c->name, out);
	m->json = &d;
	st = c->run(m, a, &d.notes, &why);
	m->json = NULL;
	document_end(&d, st, &why);
	if (st && err)
		*err = why;
	return st;
}

vs_status cmd_run(struct monitor *m, const struct cmd *c, int argc, char **argv, struct buf *out,
		  struct err *err)
{
	struct args a = { .argc = argc, .argv = argv, .json = m->json };
	vs_status st = cmd_parse(c, &a, err);

	if (st == VS_OK)
		st = a.json && !m->json ? run_json(m, c, &a, out, err) : c->run(m, &a, out, err);
	vec_free(&a.given);
	return st ? fail_ctx(err, st, "%s", c->name) : VS_OK;
}

/* The verb of a line: its first word, which ends at a '|' or '>', too. */
static const struct cmd *find_verb(const char *word, bool redirected)
{
	char name[32];
	size_t n = redirected ? strcspn(word, "|>") : strlen(word);

	if (n >= sizeof(name))
		return NULL;
	memcpy(name, word, n);
	name[n] = '\0';
	return cmd_find(name);
}

static bool is_word_of_gdb(const char *word)
{
	static const char *const words[] = { "full", "no-filters", "hide" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

bool monitor_is_kbt(struct monitor *m, const char *arguments, bool *number)
{
	char *argv[MONITOR_MAX_ARGS];
	AUTO_FREE char *copy = strdup(arguments);
	struct args a = { .argv = argv };
	uint64_t pid;
	bool is;
	kva_t va;

	*number = false;
	if (!copy || split(copy, argv, &a.argc, NULL) || a.argc == 0)
		return false;
	// A word of gdb's backtrace is none of a task's names.
	is = !is_word_of_gdb(argv[0]) && cmd_parse(cmd_find("kbt"), &a, NULL) == VS_OK;
	for (int i = 0; is && i < a.argc; i++)
		is = cmd_find_task(m, a.argv[i], &va, NULL) == VS_OK;
	*number = is && a.argc == 1 && !a.given.n && cmd_number(a.argv[0], &pid);
	vec_free(&a.given);
	return is;
}

vs_status monitor_run(struct monitor *m, const char *line, struct buf *out, struct err *err)
{
	char *argv[MONITOR_MAX_ARGS];
	AUTO_FREE char *copy = strdup(line);
	const char *shell = shell_part(line);
	const struct cmd *cmd;
	vs_status st;
	int argc;

	if (!copy)
		return fail(err, VS_NOMEM, "out of memory");
	st = split(copy, argv, &argc, err);
	if (st || argc == 0)
		return st;
	cmd = find_verb(argv[0], shell != NULL);
	if (!cmd)
		return fail(err, VS_INVAL, "%s: unknown command; \"help\" lists them", argv[0]);
	if (shell && !cmd->operators)
		return fail_ctx(err, shell_refuse(line, shell, err), "%s", cmd->name);
	return cmd_run(m, cmd, argc - 1, argv + 1, out, err);
}

/* Is it a comment in a file of commands? */
static bool is_comment(const char *line)
{
	return line[strspn(line, " \t")] == '#';
}

/* Does it end a list of commands, as in crash? */
static bool is_quit(const char *line)
{
	static const char *const words[] = { "q", "quit", "exit" };
	size_t n;

	line += strspn(line, " \t\r");
	n = strcspn(line, " \t\r");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (n == strlen(words[i]) && strncmp(line, words[i], n) == 0)
			return true;
	return false;
}

/* Cuts the first line off the list at *next and advances *next; NULL at the end. A ';' in quotes
 * or in a comment does not separate lines; a newline always does. */
static char *next_line(char **next)
{
	char *line = *next, *p = line, quote = 0;

	if (!line)
		return NULL;
	if (is_comment(line))
		p += strcspn(p, "\n");
	for (; *p && *p != '\n' && (quote || *p != ';'); p++)
		(void)shell_take_quote(*p, &quote);
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
	while ((line = next_line(&next)) && !buf_stopped(out) && !m->quit) {
		struct err why = { 0 };
		vs_status st;

		m->quit = is_quit(line);
		if (m->quit || is_comment(line))
			continue;
		st = monitor_run(m, line, out, &why);

		if (done)
			done(ctx, st, &why);
		if (st && !first)
			first = fail(err, st, "%s", why.msg);
	}
	return first;
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

vs_status cmd_hex_number(const char *text, uint64_t *ret, struct err *err)
{
	char *end;

	*ret = strtoull(text, &end, 16);
	return *end || end == text ? fail(err, VS_INVAL, "%s: not a hexadecimal number", text)
				   : VS_OK;
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

/* The process with this command's name. Threads of one process may share it; several processes are
 * ambiguous, as in crash's foreach, which takes all of them. */
static vs_status task_by_name(struct monitor *m, const char *name, kva_t *ret, struct err *err)
{
	AUTO_FREE kva_t *list = NULL;
	AUTO(buf) pids = { 0 };
	size_t n = 0, found = 0;
	struct err why = { 0 };
	struct task first = { 0 };
	vs_status st = tasks_list(m->k, &list, &n, &why);

	for (size_t i = 0; i < n; i++) {
		struct task t;

		if (task_load(m->k, list[i], &t, NULL) || strcmp(t.comm, name) != 0)
			continue;
		if (found && t.tgid == first.tgid && t.pid)
			continue;
		if (!found)
			first = t;
		if (found < MAX_NAMESAKES)
			buf_printf(&pids, "%s%d", found ? ", " : "", t.pid);
		found++;
	}
	if (found == 1 && st == VS_OK) {
		*ret = first.va;
		return VS_OK;
	}
	if (found > 1)
		return fail(err, VS_INVAL, "%s: %zu processes have this name: PID %s%s", name,
			    found, buf_str(&pids), found > MAX_NAMESAKES ? ", ..." : "");
	if (st)
		return fail(err, st, "%s: not among the tasks that can be listed: %s", name,
			    why.msg);
	return fail(err, VS_INVAL, "%s: neither a PID, a task address nor a task's name", name);
}

vs_status cmd_find_task(struct monitor *m, const char *text, kva_t *ret, struct err *err)
{
	char *end;
	uint64_t v = strtoull(text, &end, 16);

	if (!*end && m->k->arch->is_kernel_va(v)) {
		*ret = v;
		return VS_OK;
	}
	if (cmd_number(text, &v))
		return task_by_pid(m->k, (int32_t)v, ret, err);
	// "\\123" is a task named 123, as in ps and foreach.
	return task_by_name(m, text + (text[0] == '\\' && isdigit((unsigned char)text[1])), ret,
			    err);
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
		char sign = *plus, *size = strchr(plus, '/');
		uint64_t unused;

		*plus = '\0';
		// The kernel prints the function's size after the offset.
		if (size && cmd_number(size + 1, &unused))
			*size = '\0';
		if (!cmd_number(plus + 1, &off))
			return fail(err, VS_INVAL, "%s: bad offset", text);
		if (sign == '-')
			off = 0 - off;
	}
	if (find_symbol(m, name, &va) || hex_address(name, &va)) {
		*ret = va + off;
		return VS_OK;
	}
	if (text[0] == '$') // a convenience variable or register of gdb
		return fail(err, VS_INVAL, "only gdb knows %s; p/x %s shows its value", text, text);
	return fail(err, VS_NOTFOUND, "%s: no such symbol or address", text);
}

bool cmd_lookup(struct monitor *m, kva_t va, struct addr_name *ret)
{
	return addr_lookup(m->k, va, ret);
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

void cmd_put_symbol(struct monitor *m, kva_t va, struct buf *out)
{
	struct addr_name n;

	if (cmd_lookup(m, va, &n))
		buf_printf(out, n.off ? " <%s+%" PRIu64 ">" : " <%s>", n.sym->name, n.off);
}

void cmd_put_target(void *ctx, kva_t va, struct buf *out)
{
	buf_printf(out, "%#" PRIx64, va);
	cmd_put_symbol(ctx, va, out);
}

void cmd_put_owner(struct buf *out, const struct addr_name *n)
{
	if (n->owner)
		buf_printf(out, " [%s]", n->owner);
}

bool cmd_put_caller(struct monitor *m, kva_t pc, struct buf *out)
{
	struct addr_name name;

	if (!cmd_lookup(m, pc - 1, &name))
		return false;
	name.off = pc - name.sym->va;
	cmd_put_name(out, &name, false);
	cmd_put_owner(out, &name);
	return true;
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

void cmd_task_cells(const struct task *t, struct table *row)
{
	table_int(row, t->pid);
	table_uint(row, t->va);
	table_known(row, task_knows(t, TASK_CPU), t->cpu);
	table_text(row, t->comm);
}

void cmd_task_line(const struct task *t, struct buf *out)
{
	if (task_knows(t, TASK_PID))
		buf_printf(out, "PID: %-7d  TASK: %" PRIx64 "  CPU: ", t->pid, t->va);
	else
		buf_printf(out, "PID: ?        TASK: %" PRIx64 "  CPU: ", t->va);
	if (task_knows(t, TASK_CPU))
		buf_printf(out, "%-3u", t->cpu);
	else
		buf_puts(out, "?  ");
	if (task_knows(t, TASK_COMM))
		buf_printf(out, "  COMMAND: \"%s\"\n", t->comm);
	else
		buf_puts(out, "  COMMAND: ?\n");
}
