// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* printfmt.h - decides whether libtraceevent may evaluate a print format, which comes from the
 * dump: the library divides by whatever a format says, and trusts lengths and indices that it
 * computes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"

/* Gets the name of a field. */
typedef void (*printfmt_field_fn)(void *ctx, const char *name, size_t len);

/* Is the format (the text behind "print fmt: ") harmless for every event whose length fields have
 * small values? Calls fn for each such field. */
bool printfmt_is_safe(const char *text, printfmt_field_fn fn, void *ctx);

/* Does a format string of trace_printk() have only conversions that libtraceevent decodes? With
 * others, such as %c, it takes wrong bytes for the arguments. */
bool printfmt_is_plain(const char *text);

/* Calls fn for the fields in arguments that divide, compare or shift right, so that signs matter.
 */
void printfmt_each_signed(const char *text, printfmt_field_fn fn, void *ctx);

/* The value of an enumerator. False: there is none of that name. */
typedef bool (*printfmt_value_fn)(void *ctx, const char *name, int64_t *ret);

/* What libtraceevent cannot know, or computes wrongly (seen in 1.7.1), is replaced in a print
 * format:
 * - enumerators, which it takes for 0, become numbers,
 * - "a & (b | c)", of which it makes "(a & b) | c", gets a cast: "a & (u64)(b | c)",
 * - the address of a struct page, of which it ignores the size: page_address("vmemmap_base") and
 *   page_size, 0 if unknown.
 * Returns false if the format has a name that is none of these, such as that of a variable. */
struct printfmt_names {
	printfmt_value_fn value;
	void *ctx;
	uint64_t vmemmap, page_size;
};
bool printfmt_rewrite(const char *text, const struct printfmt_names *names, struct buf *out);
