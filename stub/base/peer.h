#pragma once
/* peer.h - who is at the other end of standard input. */
#include <sys/types.h>

/* Process id of the gdb on this machine that started us with `target remote | vmstub ...`; 0 when
 * the other end is anything else, such as the sshd of `target remote | ssh host vmstub ...`. */
pid_t peer_local_gdb(int fd);
