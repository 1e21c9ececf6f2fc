// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* shell.h - the part of a line that crash gives to a shell: `ps | grep init`, `log > file`. vmstub
 * cannot start programs or write files. Private to stub/monitor. */
#include <stdbool.h>

#include "stub/base/err.h"

/* Does c open or close a quotation? *quote is the open quote character, or 0. */
bool shell_take_quote(char c, char *quote);

/* Finds an unquoted '|' or '>', also in `ps|grep init` and `log>file`, or NULL. The '>' of "->" is
 * none. */
const char *shell_part(const char *line);

/* Fails with a message that says how gdb or a shell does what the part at `at` of the line wants.
 */
vs_status shell_refuse(const char *line, const char *at, struct err *err);
