// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* beacon.h - bytes that keep gdb waiting while vmstub works.
 *
 * gdb waits three times two seconds for a reply, or four times for the '+' of a request, and then
 * goes on without it. Each byte that arrives starts the two seconds anew: while gdb waits for a
 * reply it skips what is neither '$' nor '%' (getpkt() in gdb/remote.c, 10 to 18), while it waits
 * for a '+' all but "+-$%" is junk to it (putpkt_binary()). So a thread writes a space twice a
 * second. It is a thread, because a timer's signal does not interrupt a read from a file system in
 * user space or on the network, where vmstub is slowest. Other clients may not skip the spaces. */
#include <stdbool.h>

struct beacon;

/* A beacon that is off. Its thread handles no signals. NULL: none can be had, so gdb waits no
 * longer than it would. All calls below do nothing then. */
struct beacon *beacon_start(void);
void beacon_end(struct beacon *b);

/* From now on bytes go to fd, the first within a second. Cheap. */
void beacon_on(struct beacon *b, int fd);
/* No byte is written after the return. */
void beacon_off(struct beacon *b);

/* Between these two no byte is written, so that none gets into a packet. */
void beacon_hold(struct beacon *b);
void beacon_release(struct beacon *b);
