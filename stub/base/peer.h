#pragma once
/* peer.h - who is at the other end of standard input. */
#include <stdbool.h>
#include <sys/types.h>

/* Process id of the gdb on this machine that started us with `target remote | vmstub ...`; 0 when
 * the other end is anything else, such as the sshd of `target remote | ssh host vmstub ...`. */
pid_t peer_local_gdb(int fd);

/* Are the descriptors what gdb gives a program behind '|': a socket of this machine as standard
 * input, a pipe as standard error? True with a gdb that cannot be named, too: of another name, or
 * in another PID namespace. */
bool peer_behind_bar(int in_fd, int err_fd);
