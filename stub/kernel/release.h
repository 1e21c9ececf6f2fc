// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* release.h - warns of kernels that are older than vmstub supports. */

/* Prints a warning if this release ("2.6.32-754.el6.x86_64") is too old; not if it is unknown. */
void release_warn(const char *release);
