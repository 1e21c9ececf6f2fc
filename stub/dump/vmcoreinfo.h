// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* vmcoreinfo.h - KEY=VALUE lines that the kernel exports for dump tools (format:
 * Documentation/admin-guide/kdump/vmcoreinfo.rst). A key with an invalid value counts as absent;
 * of duplicate keys the last wins. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vmcoreinfo;

/* Parse at most 1 MiB of text; it is copied. NULL only without memory. text may be NULL (no keys).
 */
struct vmcoreinfo *vmcoreinfo_parse(const char *text, size_t len);
void vmcoreinfo_destroy(struct vmcoreinfo *v);

/* Value text of a whole key such as "OSRELEASE", NULL when absent. Borrowed. */
const char *vmcoreinfo_str(const struct vmcoreinfo *v, const char *key);
/* SYMBOL(name)=hex, KERNELOFFSET-like bare hex keys, and NUMBER/SIZE/OFFSET/LENGTH(name):
 * signed decimal or 0x hex. False if absent or malformed, or impossible (a SYMBOL that is not a
 * kernel address, a phys_base that is not page aligned); *ret is untouched then. */
bool vmcoreinfo_symbol(const struct vmcoreinfo *v, const char *name, uint64_t *ret);
bool vmcoreinfo_hex(const struct vmcoreinfo *v, const char *key, uint64_t *ret);
/* Bare decimal keys: PAGESIZE, CRASHTIME. */
bool vmcoreinfo_dec(const struct vmcoreinfo *v, const char *key, uint64_t *ret);
bool vmcoreinfo_number(const struct vmcoreinfo *v, const char *name, uint64_t *ret);
bool vmcoreinfo_size(const struct vmcoreinfo *v, const char *name, uint64_t *ret);
bool vmcoreinfo_offset(const struct vmcoreinfo *v, const char *name, uint64_t *ret);
bool vmcoreinfo_length(const struct vmcoreinfo *v, const char *name, uint64_t *ret);
