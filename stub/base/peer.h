// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* peer.h - who is at the other end of a connection. */
#include <stdbool.h>
#include <sys/types.h>

/* PID of the local gdb that started vmstub by `target remote | vmstub ...`; 0 if the other
 * end is anything else, such as sshd for `target remote | ssh host vmstub ...`. */
pid_t peer_local_gdb(int fd);

/* PID of the local gdb at the other end of an accepted unix or TCP connection; 0 if it is anything
 * else, such as sshd, which forwards a port to another machine, or a gdb whose files this user may
 * not look at. */
pid_t peer_connected_gdb(int fd);

/* For whom a gdb was started: the last option -i or --interpreter on its command line, else whether
 * it has the command new-ui there. */
enum peer_front_end {
	PEER_CONSOLE,
	PEER_BESIDE, /* a console, and beside it one that speaks the machine interface (cgdb) */
	PEER_MI, /* a front-end that speaks the machine interface (gdb -i mi), as most IDEs do */
	PEER_DAP /* one that speaks the Debug Adapter Protocol (gdb -i dap) */
};

/* PEER_CONSOLE also if it is not known. */
enum peer_front_end peer_front_end(pid_t pid);

/* Opens the terminal that process pid (a gdb) has as its standard error. Returns a non-blocking
 * descriptor, which the caller closes, or -1 if that is not a terminal or access is denied. vmstub
 * has no controlling terminal: gdb starts the program after '|' in a new session. */
int peer_terminal(pid_t pid);

/* Are the standard descriptors those that gdb gives the program after '|': one local socket for
 * input and output, and another (or a pipe) for errors? Also true if peer_local_gdb() cannot
 * identify that gdb: it has another name or is in another PID namespace. sshd gives a program
 * separate descriptors for input and output. */
bool peer_behind_bar(int in_fd, int out_fd, int err_fd);
