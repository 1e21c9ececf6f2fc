// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* splitset.h - tells by their headers which files are members of one split set (makedumpfile
 * --split). */
#include <stdbool.h>

struct split_member;

/* Reads the file's header, and keeps what identifies its set. Returns NULL if the file is not a
 * member of a split set, is flattened, or cannot be read. The caller frees it with
 * split_member_free(). */
struct split_member *split_member_read(const char *path);
/* Are both members of one set, with other pages? NULL is a member of none. */
bool split_member_same(const struct split_member *a, const struct split_member *b);
void split_member_free(struct split_member *m); /* NULL is fine */
