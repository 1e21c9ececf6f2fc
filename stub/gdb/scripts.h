// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* scripts.h - what the commands of vmstub.gdb and vmstub tell each other: gdb evaluates arguments
 * such as $rsp or &jiffies for a verb, and bt learns whether its arguments are crash's or gdb's. A
 * script gets only numbers, never a command to run: a hostile dump may have taken over vmstub. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"

struct monitor;

/* gdb evaluates the arguments 1 to SCRIPTS_ARGS. */
#define SCRIPTS_ARGS 8

struct scripts {
	uint64_t value[SCRIPTS_ARGS + 1];
	uint32_t have; /* bit N: value[N] is known */
};

/* Runs a monitor command. may_ask: a script waits for *answer, which is then a mask: bit N means
 * that gdb must evaluate argument N, say so by "vmstub-value N VALUE", and send the line again.
 * Nothing ran then. After "vmstub-bt ARGUMENT...", which prints what belongs above or instead of
 * gdb's backtrace, *answer is SCRIPTS_DONE if gdb should print none. SCRIPTS_PIPE and the others
 * mean that nothing ran, because the user's words have a part for a shell (enum monitor_shell),
 * which the script splits off. Else *answer is 0. */
#define SCRIPTS_DONE	    1
#define SCRIPTS_PIPE	    0x10000
#define SCRIPTS_FILE	    0x20000
#define SCRIPTS_FILE_JOINED 0x40000
vs_status scripts_run(struct scripts *s, struct monitor *m, const char *line, bool may_ask,
		      uint32_t *answer, struct buf *out, struct err *err);
