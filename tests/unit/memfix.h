// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* memfix.h - sparse memory for tests: pieces at any address; gaps cannot be read.
 * Includes cmocka as every test needs it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/mem.h"

#include <cmocka.h> /* after err.h: its fail() is a macro that hides ours */
#undef fail
#undef fail_msg
#define fail_msg(...) (print_error("ERROR: " __VA_ARGS__), _fail(__FILE__, __LINE__))

/* Prints different values in full; assert_int_equal() prints only 32 bits of some. */
#define assert_u64(a, b)                                                                           \
	do {                                                                                       \
		unsigned long long a_ = (a), b_ = (b);                                             \
		if (a_ != b_)                                                                      \
			fail_msg("%s:%d: %s is %#llx, not %#llx\n", __FILE__, __LINE__, #a, a_,    \
				 b_);                                                              \
	} while (0)

#define FIX_MEM_PIECES 32

struct fix_mem {
	struct mem mem;
	struct {
		uint64_t base;
		size_t len;
		uint8_t *data;
	} piece[FIX_MEM_PIECES];
	size_t n;
};

static struct mem_got fix_mem_read(const struct mem *m, uint64_t addr, void *dst, size_t len,
				   struct err *err)
{
	const struct fix_mem *f = m->ctx;
	struct mem_got got = { 0, VS_OK };

	while (got.len < len) {
		uint64_t at = addr + got.len;
		size_t i = 0, n;

		while (i < f->n && at - f->piece[i].base >= f->piece[i].len)
			i++;
		if (i == f->n) {
			got.why =
				fail(err, VS_EXCLUDED, "%#llx is excluded", (unsigned long long)at);
			break;
		}
		n = f->piece[i].len - (size_t)(at - f->piece[i].base);
		if (n > len - got.len)
			n = len - got.len;
		memcpy((char *)dst + got.len, f->piece[i].data + (at - f->piece[i].base), n);
		got.len += n;
	}
	return got;
}

/* m must not move, because m->mem refers to it. */
static inline void fix_mem_init(struct fix_mem *m)
{
	*m = (struct fix_mem){ .mem = { fix_mem_read, m } };
}

static inline void fix_mem_deinit(struct fix_mem *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->piece[i].data);
	m->n = 0;
}

/* A new piece of zeroes. */
static inline uint8_t *fix_mem_add(struct fix_mem *m, uint64_t base, size_t len)
{
	uint8_t *data = calloc(1, len);

	assert_true(m->n < FIX_MEM_PIECES && data);
	m->piece[m->n].base = base;
	m->piece[m->n].len = len;
	m->piece[m->n++].data = data;
	return data;
}

/* Write into a piece that holds all of it. */
static inline void fix_mem_put(struct fix_mem *m, uint64_t addr, const void *src, size_t len)
{
	for (size_t i = 0; i < m->n; i++) {
		uint64_t off = addr - m->piece[i].base;

		if (off < m->piece[i].len && len <= m->piece[i].len - off) {
			memcpy(m->piece[i].data + off, src, len);
			return;
		}
	}
	fail_msg("no piece at %#llx\n", (unsigned long long)addr);
}

static inline void fix_mem_u64(struct fix_mem *m, uint64_t addr, uint64_t v)
{
	fix_mem_put(m, addr, &v, sizeof(v));
}
