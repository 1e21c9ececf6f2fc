// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* release.h - tells the user that a kernel is older than those that vmstub was made for. */

/* Prints a warning if this release ("2.6.32-754.el6.x86_64") is too old; not if it is unknown. */
void release_warn(const char *release);
