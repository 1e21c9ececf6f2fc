// SPDX-License-Identifier: GPL-3.0-or-later
/* fdespans.c - finds the code that vmlinux's .debug_frame describes. */
#include "stub/unwind/fdespans.h"

#include "stub/base/bytes.h"
#include "stub/base/radix.h"
#include "stub/kernel/kernel.h"

#define MAX_FDES (4u << 20)

/* Reads the code ranges of all FDEs of .debug_frame (DWARF 5, 6.4.1). Each entry has a length, a
 * CIE pointer (~0 for a CIE) and the absolute start and the size of the code. */
void fde_spans_load(struct kernel *k, struct fde_spans *out)
{
	struct elf_section sec;
	const void *data;
	size_t len;
	struct bytes b;

	if (kernel_need_vmlinux(k, NULL) || elffile_section(k->vmlinux, ".debug_frame", &sec) ||
	    elffile_data(k->vmlinux, sec.index, &data, &len, NULL))
		return;
	b = bytes_of(data, len);
	while (b.left >= 4 && out->s.n < MAX_FDES) {
		uint64_t size = bytes_u32(&b), id;
		bool wide = size == 0xffffffff;
		struct bytes e;
		struct fde_span s;

		if (wide)
			size = bytes_u64(&b);
		e = bytes_sub(&b, size);
		id = wide ? bytes_u64(&e) : bytes_u32(&e);
		s.start = bytes_u64(&e) + k->slide;
		s.end = s.start + bytes_u64(&e);
		if (e.bad || id == (wide ? UINT64_MAX : 0xffffffff) || s.end <= s.start)
			continue;
		if (!vec_push(&out->s, s))
			break;
	}
	if (!radix_sort(out->s.v, out->s.n, sizeof(out->s.v[0])))
		vec_free(&out->s);
}

/* The span that covers va, or the next one after it; NULL past the last. */
const struct fde_span *fde_span_from(const struct fde_spans *s, kva_t va)
{
	size_t lo = 0, hi = s->s.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->s.v[mid].end <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s->s.n ? &s->s.v[lo] : NULL;
}
