// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* sys_parts.h - the options of sys; private to cmd_sys.c and its parts. */
#include "stub/monitor/cmd.h"

/* Starts a row of sys: the label, right-aligned, and a colon. */
void sys_put_label(struct buf *out, const char *label);

/* -c: the system call table; which: a number or part of a name, NULL: all. */
vs_status sys_put_calls(struct monitor *m, const char *which, struct buf *out, struct err *err);
/* -t: the taint mask with its letters. */
vs_status sys_put_taints(struct monitor *m, struct buf *out, struct err *err);
/* -i: the machine's DMI strings. */
vs_status sys_put_dmi(struct monitor *m, struct buf *out, struct err *err);
/* -r: the members of one struct, or with NULL of all, that vmstub reads, and which of them this
 * kernel has. VS_NOTFOUND: vmstub does not read this struct. */
vs_status sys_put_records(struct monitor *m, const char *type, struct buf *out, struct err *err);
/* -s: where symbols, types and lines come from, and what to install if they are missing. */
vs_status sys_put_symbols(struct monitor *m, struct buf *out, struct err *err);
/* config: the text of .config that the kernel has. */
vs_status sys_put_config(struct monitor *m, struct buf *out, struct err *err);
