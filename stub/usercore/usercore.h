// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* usercore.h - writes a process of the crashed kernel as an ELF core, like that of a program. */
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"

struct kernel;

/* Writes the process of the thread `pid` to fd. If fd is a file at its start, zeros become holes;
 * else (a pipe) everything is written in order. Appends to `said` one line of what was written, and
 * one for each kind of memory and registers that the core lacks. Nothing is written if there is no
 * such process. */
vs_status usercore_write(struct kernel *k, int32_t pid, int fd, struct buf *said, struct err *err);
