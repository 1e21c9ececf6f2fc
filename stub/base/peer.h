// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* peer.h - who is at the other end of standard input. */
#include <stdbool.h>
#include <sys/types.h>

/* Process id of the gdb on this machine that started us with `target remote | vmstub ...`; 0 when
 * the other end is anything else, such as the sshd of `target remote | ssh host vmstub ...`. */
pid_t peer_local_gdb(int fd);

/* What process pid (a gdb) has as its standard error, when that is a terminal: a descriptor of the
 * caller's that never blocks; -1: something else, or no right to it. A program behind '|' has no
 * terminal of its own to open: gdb starts it in a new session. */
int peer_terminal(pid_t pid);

/* Are the standard descriptors what gdb gives a program behind '|': one socket of this machine for
 * input and output, another (or a pipe) for errors? True with a gdb that cannot be named, too: of
 * another name, or in another PID namespace. sshd gives a program two for input and output. */
bool peer_behind_bar(int in_fd, int out_fd, int err_fd);
