// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* pager.h - long output of --exec on a terminal goes through a pager, as in crash.
 * The process splits in two before a dump is opened. One does all the work, in its sandbox, and
 * writes to a pipe; the other one starts the pager, which a sandbox would forbid. */
#include <stdbool.h>
#include <stdio.h>

/* Is standard output a terminal that a pager can use, and does the user want one? Not if $PAGER is
 * empty or cat, or if $TERM is dumb. */
bool pager_wanted(void);

/* Splits the process. Returns true in the one that shall do the work; its standard output is the
 * pipe, and *terminal is what it was before (to be closed). Returns false in the other one, when
 * both that process and the pager have ended: *code is the exit code of the work. The pager is
 * $PAGER, else less, else more; it starts with the first text, so there is none without output. If
 * it cannot be started, the text goes to the terminal. */
bool pager_split(FILE **terminal, int *code);
