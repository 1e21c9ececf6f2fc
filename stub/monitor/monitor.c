/* monitor.c - the table of verbs, splitting of lines, and what verbs share. */
#include "stub/monitor/monitor.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/modules.h"
#include "stub/monitor/cmd.h"

// clang-format off
static const struct cmd table[] = {
	{ "dis", cmd_dis, "disassemble",
	  "dis [-r | -f] [-l | -s] ADDRESS | SYMBOL [COUNT]",
	  "One instruction at ADDRESS, all of a function named SYMBOL, or COUNT instructions.\n"
	  "  -r  from the start of the function to ADDRESS\n"
	  "  -f  from ADDRESS to the end of the function\n"
	  "  -l  with file and line where they change\n"
	  "  -s  source of the function instead, when its files are on this machine\n\n"
	  "  dis ffffffffc05a3b78\n"
	  "  0xffffffffc05a3b78 <l2w_vdev_xmit+248>:  mov    0xe8(%rax),%rdx\n" },
	{ "foreach", cmd_foreach, "a command for many tasks",
	  "foreach [user | kernel | active | STATE | PID | TASK | NAME]... kbt [OPTION]...",
	  "All tasks that one of the words selects; all tasks without any.\n\n"
	  "  foreach UN kbt -l\n" },
	{ "help", cmd_help, "this list, or what one command does", "help [COMMAND]", "" },
	{ "kbt", cmd_kbt, "kernel backtrace in crash's layout",
	  "kbt [-ilsdfFg] [PID | TASK | -c CPUS | -a | -p]...\n"
	  "  kbt -r | -t | -T | -e [PID | TASK | -c CPUS | -a | -p]...\n"
	  "  kbt -E [-c CPUS]\n"
	  "  kbt -v",
	  "Without arguments: the selected thread's CPU.\n"
	  "  -a  the active task of every CPU\n"
	  "  -c  the active tasks of these CPUs: 0,2-3\n"
	  "  -p  the task that panicked\n"
	  "  -g  and all threads of its process\n"
	  "  -i  with inlined functions\n"
	  "  -l  with file and line\n"
	  "  -s  with offsets into functions\n"
	  "  -f  with the stack words of each frame; -F with symbols for them\n"
	  "  -d  say how each frame was found\n"
	  "  -r  the whole stack, raw\n"
	  "  -t  every text address on the stack above the stack pointer; -T on all of it\n"
	  "  -e  register frames found on the stack; -E on each CPU's interrupt and\n"
	  "      exception stacks\n"
	  "  -v  tasks whose stack overflowed\n\n"
	  "  kbt 1\n"
	  "  PID: 1        TASK: ff2583be411e20c0  CPU: 1    COMMAND: \"init\"\n"
	  "   #0 [ff54976340013d58] __schedule at ffffffff8c0b1c3d\n" },
	{ "log", cmd_log, "the kernel's log buffer", "log [-T] [-t] [-m] [-c]",
	  "  -t  without timestamps\n"
	  "  -T  with the time of day\n"
	  "  -m  with the level as <N>\n"
	  "  -c  with the caller's task or CPU, where the kernel recorded it\n\n"
	  "  log -T\n"
	  "  [Mon Nov 23 03:44:01 UTC 2026] Linux version 6.1.0\n" },
	{ "mod", cmd_mod, "loaded modules and their symbols",
	  "mod [-s NAME [FILE] | -S [DIR] | -d NAME]",
	  "Without arguments: the list of modules.\n"
	  "  -s  use FILE (or search again) for the module's symbols; another build is refused\n"
	  "  -S  search for all modules' files, in DIR first\n"
	  "  -d  forget the module's symbols\n\n"
	  "  mod -s l2w /root/l2w.ko\n" },
	{ "ps", cmd_ps, "tasks", "ps [-k | -u | -G | -A] [-y POLICY,...] [-s] [PID | TASK | NAME | REGEX]...\n"
	  "  ps -p | -c | -g | -t | -a | -r | -S | -l [-C CPUS] | -m [-C CPUS] [PID | TASK | NAME]...",
	  "'>' marks the tasks that were running. VSZ and RSS in kB; \\123 is a task named 123.\n"
	  "  -k  kernel threads; -u  user tasks; -G  first threads of processes; -A  running ones\n"
	  "  -y  of these policies: 0 or NORMAL, FIFO, RR, BATCH, IDLE, DEADLINE, EXT\n"
	  "  -s  the stack pointer of sleeping tasks instead of the task's address\n"
	  "  -p  the task's ancestors; -c  its children; -g  the threads of its process\n"
	  "  -t  when it began and its CPU time, in nanoseconds\n"
	  "  -a  arguments and environment, from user memory\n"
	  "  -r  limits\n"
	  "  -S  how many tasks are in each state\n"
	  "  -l  when it last ran, last first; -m  how long ago (days hours:minutes:seconds)\n"
	  "  -C  of these CPUs, each by itself: 0,2-3 or a for all\n\n"
	  "  ps 1\n"
	  "      PID    PPID  CPU       TASK        ST  %MEM      VSZ      RSS  COMM\n"
	  "        1       0   0  ffff95d6811d2d00  IN   0.3     2260     1692  init\n" },
	{ "set", cmd_set, "the selected task", "set [-l]",
	  "The task of the selected thread.\n"
	  "  -l  in one line, as above a backtrace\n" },
	{ "sym", cmd_sym, "translate between symbols and addresses",
	  "sym ADDRESS | SYMBOL[+OFFSET] ...",
	  "Address, type letter, symbol and offset, [module], file: line.\n\n"
	  "  sym ffffffffc05a3b78\n"
	  "  ffffffffc05a3b78 (t) l2w_vdev_xmit+248 [l2w] /root/l2w/vdev.c: 216\n" },
	{ "sys", cmd_sys, "the system: kernel, dump, uptime, panic", "sys", "" },
	{ "task", cmd_task, "make a task a thread of gdb", "task [PID | TASK | -c CPU]",
	  "The task becomes a thread, so that bt, info locals, $task and user memory are its own.\n"
	  "With vmstub.gdb loaded the command selects it, too; else `info threads` has its number.\n"
	  "Without arguments: the selected task.\n\n"
	  "  task 1\n"
	  "  thread 5: pid 1, IN, init\n" },
};
// clang-format on

const struct cmd *cmd_table(size_t *n)
{
	*n = sizeof(table) / sizeof(table[0]);
	return table;
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
	struct args a;
	vs_status st;

	if (!copy)
		return fail(err, VS_NOMEM, "out of memory");
	st = split(copy, argv, &a.argc, err);
	if (st || a.argc == 0)
		return st;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(table[i].name, argv[0]) != 0)
			continue;
		a.argc--;
		a.argv = argv + 1;
		st = table[i].run(m, &a, out, err);
		return st ? fail_ctx(err, st, "%s", table[i].name) : VS_OK;
	}
	return fail(err, VS_INVAL, "%s: unknown command; \"help\" lists them", argv[0]);
}

vs_status monitor_run_list(struct monitor *m, const char *lines, struct buf *out, struct err *err)
{
	AUTO_FREE char *copy = strdup(lines);
	char *next = copy;

	if (!copy)
		return fail(err, VS_NOMEM, "out of memory");
	while (next) {
		char *line = next;
		char quote = 0;
		vs_status st;

		for (; *next && (quote || *next != ';'); next++)
			if (quote ? *next == quote : *next == '"' || *next == '\'')
				quote = quote ? 0 : *next;
		if (*next)
			*next++ = '\0';
		else
			next = NULL;
		st = monitor_run(m, line, out, err);
		if (st)
			return st;
	}
	return VS_OK;
}

vs_status cmd_help(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	(void)m;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (a->argc == 0) {
			buf_printf(out, "%-8s %s\n", table[i].name, table[i].brief);
		} else if (strcmp(a->argv[0], table[i].name) == 0) {
			buf_printf(out, "%s - %s\n\n  %s\n\n%s", table[i].name, table[i].brief,
				   table[i].synopsis, table[i].help);
			return VS_OK;
		}
	}
	if (a->argc)
		return fail(err, VS_INVAL, "%s: unknown command", a->argv[0]);
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
	}
	*ret = (struct addr_name){ s, s ? va - s->va : 0, mod };
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

void cmd_task_line(const struct task *t, struct buf *out)
{
	buf_printf(out, "PID: %-7d  TASK: %" PRIx64 "  CPU: %-3u  COMMAND: \"%s\"\n", t->pid, t->va,
		   t->cpu, t->comm);
}
