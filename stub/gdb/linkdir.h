// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* linkdir.h - a private folder of links that give images names. A separate process manages it: the
 * main process must not create files (sandbox.h), and the folder must go even if that one crashes.
 */
#include <stdbool.h>
#include <stddef.h>

struct linkdir;

/* Starts the process. folder, if not NULL, is an empty folder of the user's, which is used and
 * later removed; otherwise the first link makes one. Returns NULL on failure; images then have
 * numbers. Call it before any file of the dump is open. */
struct linkdir *linkdir_start(const char *folder);
/* Removes the folder, and returns when it is gone. d may be NULL. */
void linkdir_end(struct linkdir *d);

/* Removes all links, because their files are closed: the next gdb gets new ones. d may be NULL. */
void linkdir_clear(struct linkdir *d);

/* Makes a link called name to this process's descriptor fd and writes its path. Returns false on
 * failure. */
bool linkdir_add(struct linkdir *d, const char *name, int fd, char *path, size_t cap);
/* Makes a link .build-id/xx/yy.debug to descriptor fd for build-id xxyy (lower-case hex), so that
 * the folder can be gdb's debug-file-directory. Returns false on failure, or if the user did not
 * give the folder, so that gdb does not look there. */
bool linkdir_add_debug(struct linkdir *d, const char *build_id, int fd);
