// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* gcore.h - `vmstub --gcore`: writes a process of the dump as a core file. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kernel;

struct gcore_options {
	bool wanted;
	int32_t pid;	  /* of any of its threads */
	const char *file; /* -o; NULL: standard output */
};

enum { GCORE_PID = 0x300 }; /* the number of --gcore for getopt */

/* Takes one of its options. Returns -1 to continue, -2 if it is another option, else an exit code.
 */
int gcore_take_option(int c, const char *arg, struct gcore_options *o);
/* Returns whether the options contradict each other, and prints how. other_mode: --exec, --listen
 * or the like was given, too. */
bool gcore_bad_usage(const struct gcore_options *o, bool other_mode);

/* Opens the file, or takes standard output, before rights are dropped. dumps are files that must
 * not be overwritten. Returns -1 after it has printed why not. */
int gcore_open(const struct gcore_options *o, char *const *dumps, size_t n);
/* Writes the core, prints what it lacks on standard error, and closes fd. Returns the exit code. */
int gcore_run(const struct gcore_options *o, struct kernel *k, int fd);
