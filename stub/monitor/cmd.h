// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* cmd.h - what the verbs share; private to stub/monitor. */
#include <stdbool.h>

#include "stub/kernel/kernel.h"
#include "stub/task/tasks.h"
#include "stub/monitor/monitor.h"

/* Arguments after the verb; argv[argc] is NULL. */
struct args {
	int argc;
	char **argv;
};

typedef vs_status (*cmd_fn)(struct monitor *m, struct args *a, struct buf *out, struct err *err);

struct cmd {
	const char *name;
	cmd_fn run;
	const char *brief;    /* one line for `help` */
	const char *synopsis; /* "mod [-s NAME [FILE]] ..." */
	const char *help;     /* the rest of `help NAME`, with an example */
};

/* The verbs of one subject, each defined by its verbs_SUBJECT.c. */
struct cmd_table {
	const struct cmd *v;
	size_t n;
};
extern const struct cmd_table cmds_system, cmds_tasks, cmds_objects, cmds_data, cmds_memory,
	cmds_devices;

#define CMD_MAX 256
/* All verbs by name, at most max; returns their number. */
size_t cmd_all(const struct cmd **ret, size_t max);
/* NULL: no such verb. */
const struct cmd *cmd_find(const char *name);

/* How foreach gives tasks to a verb. */
enum cmd_tasks {
	TASKS_NONE, /* it takes none */
	TASKS_ONE,  /* a task, last */
	TASKS_MANY, /* any number of tasks, last, in one output */
};
enum cmd_tasks cmd_takes_tasks(const char *verb);

/* Options: walks argv like getopt(3) with optstring ("ls:d"), collecting letters; what remains in a
 * are the operands. Returns the next option letter, 0 at the end, -1 with err on a bad one. */
struct opt_state {
	int index, pos;
	const char *arg;
};
int cmd_option(struct args *a, struct opt_state *s, const char *optstring, struct err *err);
/* Drop the options walked over. */
void cmd_operands(struct args *a, const struct opt_state *s);

/* Options after operands are moved before them, as getopt(3) of GNU does; "--" ends them. */
void cmd_permute(struct args *a, const char *optstring);

/* The text behind a row of n bytes, at most 16, that were shown as words of that size. */
void cmd_put_ascii(const uint8_t *row, size_t n, unsigned size, struct buf *out);
/* Memory as rows of 16 bytes: "address:  word word   text"; size of a word: 1, 2, 4 or 8. */
void cmd_put_words(const uint8_t *data, size_t len, uint64_t address, unsigned size,
		   struct buf *out);

/* "ffffffff81000000", "0xffff...", "symbol", "symbol+0x10", "module:symbol"... */
vs_status cmd_address(struct monitor *m, const char *text, kva_t *ret, struct err *err);
/* A decimal number, or 0x hex. */
bool cmd_number(const char *text, uint64_t *ret);

/* A PID, or a task address in hexadecimal. */
vs_status cmd_find_task(struct monitor *m, const char *text, kva_t *ret, struct err *err);

/* The selected thread's task. */
vs_status cmd_selected_task(struct monitor *m, kva_t *ret, struct err *err);

/* Name at an address: symbol, offset and module (NULL: vmlinux). False when nothing covers it. */
struct addr_name {
	const struct symbol *sym;
	uint64_t off;
	const struct module *mod;
	const char
		*owner; /* what stands in brackets behind it: the module's name, "bpf", or NULL */
};
bool cmd_lookup(struct monitor *m, kva_t va, struct addr_name *ret);
/* "func+12" (decimal offset) or "func+0xc"; "(unknown)" without a symbol. */
void cmd_put_name(struct buf *out, const struct addr_name *n, bool hex);
/* " [module]" when the address is not vmlinux's. */
void cmd_put_owner(struct buf *out, const struct addr_name *n);
/* What a word points to: "func", "func+12"; or for a slab object, as crash says it, "[cache]" or
 * "[address:cache]". False, and nothing is put: none of these. */
enum cmd_slabs { CMD_SLABS_NONE, CMD_SLABS_NAME, CMD_SLABS_ADDRESS };
bool cmd_put_pointer(struct monitor *m, uint64_t word, enum cmd_slabs slabs, struct buf *out);

/* One number of a record as a column, "?" when it is unknown; fmt takes a uint64_t. */
#define cmd_put_field(out, record, field, fmt)                                                     \
	buf_put_known(out, record_knows(record, field), fmt, record_pointer(record, field))

vs_status cmd_sys(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_log(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_mod(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_sym(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_dis(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_kbt(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_files(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_mount(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_ps(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_sig(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_runq(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_waitq(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_ipcs(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_mach(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_set(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_foreach(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_task(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_struct(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_union(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_whatis(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_klist(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_tree(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_eval(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_percpu(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_btop(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_kmem(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_pte(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_ptob(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_ptov(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_rd(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_search(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_swap(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_vm(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_vtop(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_why(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_irq(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_timer(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_bpf(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_dev(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_net(struct monitor *m, struct args *a, struct buf *out, struct err *err);
vs_status cmd_help(struct monitor *m, struct args *a, struct buf *out, struct err *err);

/* crash's lines about one task: PID, COMMAND, TASK, CPU, STATE. */
vs_status cmd_put_context(struct monitor *m, kva_t task, struct buf *out, struct err *err);
/* "PID: 1  TASK: ...  CPU: 0  COMMAND: ..." */
void cmd_task_line(const struct task *t, struct buf *out);
