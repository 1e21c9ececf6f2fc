// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* usage.h - the text of --help. */
#include <stdio.h>

/* Prints it. */
void usage(FILE *f);
