// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* debuginfod.h - debug files by build-id from the servers of $DEBUGINFOD_URLS, through elfutils'
 * client and its cache. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"

#define DEBUGINFOD_PATH_MAX 4096

/* Is $DEBUGINFOD_URLS set? */
bool debuginfod_configured(void);
/* The path of the file in the client's cache: no network is used. False: it is not there. */
bool debuginfod_cached(const uint8_t *id, size_t len, char path[DEBUGINFOD_PATH_MAX]);
/* Fetch the file, with progress on a terminal; what names it there. Ctrl-C ends the program, as it
 * does by default. VS_NOTFOUND: no server has it. VS_UNSUPPORTED: the client is not installed. */
vs_status debuginfod_fetch(const uint8_t *id, size_t len, const char *what,
			   char path[DEBUGINFOD_PATH_MAX], struct err *err);
