// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* linkdir.h - the private folder of links that give images names, kept by a process of its own: the
 * one that reads the dump may create no files (sandbox.h), and when it dies in whatever way, the
 * folder still goes. */
#include <stdbool.h>
#include <stddef.h>

struct linkdir;

/* Start the process. folder, if not NULL, is an empty folder of the user's, which is then used and
 * removed; otherwise one is made with the first link. NULL: not possible, images then go by their
 * numbers. Call before anything of the dump is open. */
struct linkdir *linkdir_start(const char *folder);
/* Remove the folder; returns when it is gone. NULL is fine. */
void linkdir_end(struct linkdir *d);

/* A link called name to this process's descriptor fd; its path into path. False: none was made. */
bool linkdir_add(struct linkdir *d, const char *name, int fd, char *path, size_t cap);
/* A link .build-id/xx/yy.debug to descriptor fd for the build-id xxyy (lower-case hex), so that the
 * folder serves gdb as a debug-file-directory. False: none was made, or the folder is not the
 * user's, so that gdb does not look there. */
bool linkdir_add_debug(struct linkdir *d, const char *build_id, int fd);
