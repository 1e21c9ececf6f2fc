// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* cmd.h - what the verbs share; private to stub/monitor. */
#include <limits.h>
#include <stdbool.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/task/tasks.h"
#include "stub/unwind/addrname.h"
#include "stub/monitor/monitor.h"
#include "stub/monitor/table.h"

/* How many arguments besides options a verb takes. */
struct operands {
	bool set; /* by OPERANDS(); if an option does not set it, the verb's numbers apply */
	int min, max;
};
#define OPERANDS(min, max)                                                                         \
	{                                                                                          \
		true, min, max                                                                     \
	}
#define OPERANDS_ANY INT_MAX

/* An option: one declaration for parsing, `help VERB`, the man page and completion. */
struct cmd_opt {
	const char *name;	  /* one letter, a longer word, or "-word" for --word; of the
				   * longer ones only --word can take an argument */
	const char *arg;	  /* the name of its argument; NULL: it takes none */
	const char *help;	  /* one line */
	struct operands operands; /* if they differ from the verb's with this option */
	bool plain;		  /* with this option, the verb does not take --json */
	const char *word; /* also its name: "-symbols" for --symbols; NULL: it has no other */
};

/* The option --json is one of all verbs with cmd.json; this is its help. */
#define CMD_JSON_HELP "tables as one JSON document"

struct cmd_given {
	const struct cmd_opt *opt;
	const char *arg; /* NULL when it takes none */
};

/* The arguments of a verb: operands, with argv[argc] NULL, and the options in their order. */
struct args {
	int argc;
	char **argv;
	VEC(struct cmd_given) given;
	bool json; /* --json is in force, which cmd_run() handles */
};

/* How often an option was given. */
unsigned cmd_has(const struct args *a, const char *name);
/* The argument of an option; if it was repeated, the last one. NULL: not given. */
const char *cmd_value(const struct args *a, const char *name);
/* Which of these one-letter options was given last; 0: none. */
char cmd_last(const struct args *a, const char *letters);
/* Sets *ret to which of these one-letter options was given, or 0. Fails if two differ. */
vs_status cmd_one_of(const struct args *a, const char *letters, char *ret, struct err *err);

typedef vs_status (*cmd_fn)(struct monitor *m, struct args *a, struct buf *out, struct err *err);

/* How foreach passes tasks to a verb. */
enum cmd_tasks {
	TASKS_NONE, /* not at all */
	TASKS_ONE,  /* one task as the last argument, one run for each */
	TASKS_MANY, /* all tasks as the last arguments, in one run */
};

/* A verb. Each file ends with its `const struct cmd verb_NAME`; verbs.c lists them. */
struct cmd {
	const char *name;
	cmd_fn run;
	const char *brief;    /* one line for `help` */
	const char *synopsis; /* "mod [-s NAME [FILE]] ..."; lines after the first are indented */
	const char *help;     /* lines with more than the options say; may be NULL */
	const char *example;  /* input and output, indented; may be NULL */
	const struct cmd_opt *options; /* ends with {0}; NULL: none */
	struct operands operands;      /* none if not set */
	enum cmd_tasks tasks;
	const char *grouped; /* the verb that foreach runs instead if there is -g; may be NULL */
	bool json;	     /* it prints tables (table.h), and so takes --json */
	bool verbatim;	     /* words after the first operand are operands, even with '-' */
	bool operators;	     /* '|' and '>' are operators of this verb, not meant for a shell */
};

/* Split a, which holds the words after the verb, into options and operands. Options may be
 * combined ("-lf", "-c2") and follow operands; "--" ends them. VS_INVAL: an unknown option, too
 * many or too few operands, or --json for what is not a table. The caller frees a->given in any
 * case. */
vs_status cmd_parse(const struct cmd *c, struct args *a, struct err *err);
/* Parse the words after the verb and run it. With --json, what it prints is one document, also when
 * this call is a part of another verb. */
vs_status cmd_run(struct monitor *m, const struct cmd *c, int argc, char **argv, struct buf *out,
		  struct err *err);

/* All verbs by name, a static list; returns their number. */
size_t cmd_all(const struct cmd *const **ret);
/* Find a verb by its name or by crash's name for it (bt, list). NULL: no such verb. */
const struct cmd *cmd_find(const char *name);

/* The text column of a row of n bytes, at most 16, shown as words of that size. */
void cmd_put_ascii(const uint8_t *row, size_t n, unsigned size, struct buf *out);
/* Memory as rows of 16 bytes: "address:  word word   text"; size of a word: 1, 2, 4 or 8. */
void cmd_put_words(const uint8_t *data, size_t len, uint64_t address, unsigned size,
		   struct buf *out);

/* "ffffffff81000000", "0xffff...", "symbol", "symbol+0x10", or "symbol+0x10/0x70" as in an oops. */
vs_status cmd_address(struct monitor *m, const char *text, kva_t *ret, struct err *err);
/* A decimal number, or 0x hex. */
bool cmd_number(const char *text, uint64_t *ret);

/* Hexadecimal, with or without 0x. */
vs_status cmd_hex_number(const char *text, uint64_t *ret, struct err *err);

/* A PID, a task address in hexadecimal, or the name of a command that one process runs. */
vs_status cmd_find_task(struct monitor *m, const char *text, kva_t *ret, struct err *err);

/* The selected thread's task. */
vs_status cmd_selected_task(struct monitor *m, kva_t *ret, struct err *err);

/* addr_lookup() in the monitor's kernel. */
bool cmd_lookup(struct monitor *m, kva_t va, struct addr_name *ret);
/* "func+12" (decimal offset) or "func+0xc"; "(unknown)" without a symbol. */
void cmd_put_name(struct buf *out, const struct addr_name *n, bool hex);
/* gdb's " <func>" or " <func+12>" for an address; nothing without a symbol. */
void cmd_put_symbol(struct monitor *m, kva_t va, struct buf *out);
/* gdb's "0xffffffff81000000 <func+4>", for arch_ops.disassemble(); ctx: the monitor. */
void cmd_put_target(void *ctx, kva_t va, struct buf *out);
/* " [module]" if the address is outside vmlinux. */
void cmd_put_owner(struct buf *out, const struct addr_name *n);
/* "func+12 [module]" of a return address, which may be just behind the function. False: it has no
 * name, and nothing is written. */
bool cmd_put_caller(struct monitor *m, kva_t pc, struct buf *out);
/* What a word points to: "func", "func+12"; or for a slab object, as in crash, "[cache]" or
 * "[address:cache]". Returns false and prints nothing if it is none of these. */
enum cmd_slabs { CMD_SLABS_NONE, CMD_SLABS_NAME, CMD_SLABS_ADDRESS };
bool cmd_put_pointer(struct monitor *m, uint64_t word, enum cmd_slabs slabs, struct buf *out);

/* One number of a record as a column, "?" if it is unknown; fmt takes a uint64_t. */
#define cmd_put_field(out, record, field, fmt)                                                     \
	buf_put_known(out, record_knows(record, field), fmt, record_pointer(record, field))

/* crash's lines about one task: PID, COMMAND, TASK, CPU, STATE. */
vs_status cmd_put_context(struct monitor *m, kva_t task, struct buf *out, struct err *err);
/* The columns of a task in a table, and its cells: in text the line of cmd_task_line(). */
#define CMD_TASK_COLUMNS                                                                           \
	{ "pid", "PID: ", -7, COLUMN_NUMBER }, { "task", "  TASK: ", 0, COLUMN_ADDRESS },          \
		{ "cpu", "  CPU: ", -3, COLUMN_NUMBER },                                           \
	{                                                                                          \
		"command", "  COMMAND: \"", 0, COLUMN_TEXT, "\"\n"                                 \
	}
void cmd_task_cells(const struct task *t, struct table *row);
/* "PID: 1  TASK: ...  CPU: 0  COMMAND: ..." */
void cmd_task_line(const struct task *t, struct buf *out);
