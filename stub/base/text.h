// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* text.h - questions about strings that the C library has no name for. */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static inline bool begins_with(const char *s, const char *start)
{
	return strncmp(s, start, strlen(start)) == 0;
}

static inline bool begins_with_any(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (begins_with(s, list[i]))
			return true;
	return false;
}

/* The same with an array of strings. */
#define BEGINS_WITH_ANY(s, list) begins_with_any(s, list, sizeof(list) / sizeof((list)[0]))
