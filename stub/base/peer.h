#pragma once
/* peer.h - who is at the other end of standard input. */
#include <stdbool.h>
#include <sys/types.h>

/* Process id of the gdb on this machine that started us with `target remote | vmstub ...`; 0 when
 * the other end is anything else, such as the sshd of `target remote | ssh host vmstub ...`. */
pid_t peer_local_gdb(int fd);

/* Are the standard descriptors what gdb gives a program behind '|': one socket of this machine for
 * input and output, another (or a pipe) for errors? True with a gdb that cannot be named, too: of
 * another name, or in another PID namespace. sshd gives a program two for input and output. */
bool peer_behind_bar(int in_fd, int out_fd, int err_fd);
