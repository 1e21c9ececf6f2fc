// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* splitset.h - tells by their headers which files are members of one split set (makedumpfile
 * --split). */
#include <stdbool.h>

struct split_member;

/* What the file's header says of its set. Reads the header only. NULL: not a member of a split set,
 * flattened, or not readable. Free with split_member_free(). */
struct split_member *split_member_read(const char *path);
/* Are both members of one set, with other pages? NULL is a member of none. */
bool split_member_same(const struct split_member *a, const struct split_member *b);
void split_member_free(struct split_member *m); /* NULL is fine */
