// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* log.h - diagnostics on stderr. stdout belongs to the protocol when vmstub serves a pipe. */

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Drop messages of higher levels than this (default LOG_WARN). */
void log_set_level(enum log_level level);
/* Parse "error", "warn", "info", "debug". Returns 0, or -1 for any other name. */
int log_level_parse(const char *name, enum log_level *ret);

/* Write "vmstub: text\n" to stderr if level is enabled. No trailing newline in fmt. */
void log_msg(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_msg(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_msg(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_msg(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_msg(LOG_DEBUG, __VA_ARGS__)
