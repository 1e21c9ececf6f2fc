// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* io.h - writes to file descriptors that wait. */
#include <stdbool.h>
#include <stddef.h>

/* Writes all bytes, also in several pieces and after signals. False: errno says why. */
bool write_all(int fd, const void *data, size_t len);
