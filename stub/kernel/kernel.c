// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel.c - opens the crashed kernel: address translation first, everything else when needed. */
#include "stub/kernel/kernel.h"

#include <elf.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/kernel/dumpsyms.h"
#include "stub/kernel/layout.h"
#include "stub/kernel/release.h"
#include "stub/kernel/typesource.h"
#include "stub/kernel/vmlinux.h"

vs_status kernel_open(struct dump *dump, const struct arch_ops *arch,
		      const struct kernel_options *opt, struct kernel **ret, struct err *err)
{
	struct kernel *k = calloc(1, sizeof(*k));
	vs_status st;

	if (!k)
		return fail(err, VS_NOMEM, "out of memory");
	k->arch = arch;
	k->dump = dump;
	k->opt = opt;
	k->kmem = kmem_create(arch, dump_mem(dump));
	if (!k->kmem) {
		kernel_close(k);
		return fail(err, VS_NOMEM, "out of memory");
	}
	k->mem = kmem_kernel(k->kmem);
	if (dump_info(dump)->live)
		kmem_set_live(k->kmem);
	st = layout_find(k, err);
	if (st) {
		kernel_close(k);
		return st;
	}
	release_warn(k->release);
	*ret = k;
	return VS_OK;
}

void kernel_close(struct kernel *k)
{
	if (!k)
		return;
	slots_unload(k);
	kmem_destroy(k->kmem);
	vmcoreinfo_destroy(k->vmci);
	free(k);
}

vs_status kernel_need_vmlinux(struct kernel *k, struct err *err)
{
	return slot_need(k, &k->vmlinux_slot, &vmlinux_slot_ops, k, err);
}

/* --- symbols */

static char symbol_letter(const struct elf_section *sec, const struct elf_symbol *s)
{
	char c = 'a';

	if (s->section && s->section < SHN_LORESERVE)
		c = sec->flags & SHF_EXECINSTR ? 't'
		    : sec->type == SHT_NOBITS  ? 'b'
		    : sec->flags & SHF_WRITE   ? 'd'
					       : 'r';
	if (s->bind == STB_WEAK)
		return 'W';
	return s->bind == STB_GLOBAL ? (char)(c - 'a' + 'A') : c;
}

struct vmlinux_fill {
	struct kernel *k;
	struct symtab *t;
	bool ok;
};

static bool add_vmlinux_symbol(void *ctx, const struct elf_symbol *s)
{
	struct vmlinux_fill *f = ctx;
	bool absolute = s->section >= SHN_LORESERVE;
	struct elf_section sec = { 0 };
	uint64_t va = s->value;

	if (!s->name[0] || s->section == SHN_UNDEF || s->type == STT_FILE || s->type == STT_SECTION)
		return true;
	if (!absolute &&
	    (!elffile_section_at(f->k->vmlinux, s->section, &sec) || !(sec.flags & SHF_ALLOC)))
		return true;
	// Zero-based per-CPU symbols (before 6.15) are offsets and do not move with the slide.
	if (!absolute && va >= f->k->arch->os->image_base)
		va += f->k->slide;
	// The file stays open as long as the kernel.
	f->ok = symtab_add_borrowed(f->t, s->name, strlen(s->name), va, s->size,
				    symbol_letter(&sec, s));
	return f->ok;
}

static vs_status syms_from_vmlinux(struct kernel *k, struct symtab *t, struct err *err)
{
	struct vmlinux_fill f = { .k = k, .t = t, .ok = true };
	vs_status st = kernel_need_vmlinux(k, err);

	if (st)
		return st;
	(void)symtab_reserve(t, elffile_symbol_count(k->vmlinux)); // else it grows
	st = elffile_symbols(k->vmlinux, add_vmlinux_symbol, &f, err);
	if (st)
		return fail_ctx(err, st, "%s", k->vmlinux_path);
	return f.ok ? VS_OK : fail(err, VS_NOMEM, "symbols of %s", k->vmlinux_path);
}

static vs_status load_syms(struct kernel *k, void *owner, struct err *err)
{
	struct symtab *t = symtab_create();
	struct err second;
	vs_status st;

	(void)owner;
	if (!t)
		return fail(err, VS_NOMEM, "symbols");
	st = syms_from_vmlinux(k, t, err);
	if (st == VS_OK && !symtab_seal(t))
		st = fail(err, VS_NOMEM, "symbols");
	if (st == VS_OK) {
		k->syms = t;
		return VS_OK;
	}
	symtab_destroy(t);
	if (kernel_need_dump_syms(k, &second))
		return fail_ctx(err, st, "no kernel symbols: %s", second.msg);
	k->syms_from_dump = true;
	k->syms = k->dump_syms;
	return VS_OK;
}

static void unload_syms(struct kernel *k, void *owner)
{
	(void)owner;
	if (!k->syms_from_dump)
		symtab_destroy(k->syms);
	k->syms = NULL;
}

static const struct slot_ops syms_slot_ops = { load_syms, unload_syms };

vs_status kernel_need_syms(struct kernel *k, struct err *err)
{
	return slot_need(k, &k->syms_slot, &syms_slot_ops, k, err);
}

vs_status kernel_symbol(struct kernel *k, const char *name, kva_t *ret, struct err *err)
{
	const struct symbol *s;
	vs_status st = kernel_need_syms(k, err);

	if (st)
		return st;
	s = symtab_find(k->syms, name);
	if (!s)
		return fail(err, VS_NOTFOUND, "no kernel symbol %s", name);
	*ret = s->va;
	return VS_OK;
}

vs_status kernel_symbol_quick(struct kernel *k, const char *name, kva_t *ret, struct err *err)
{
	if (vmcoreinfo_symbol(k->vmci, name, ret))
		return VS_OK;
	return kernel_symbol(k, name, ret, err);
}

bool kernel_is_core_text(struct kernel *k, kva_t va)
{
	kva_t start, end;

	// This excludes .init.text, which is executable only during boot.
	return kernel_symbol_quick(k, "_stext", &start, NULL) == VS_OK &&
	       kernel_symbol(k, "_etext", &end, NULL) == VS_OK && va >= start && va < end;
}

bool kernel_code_find(struct kernel *k, struct kernel_code *ret)
{
	static const char *const names[2][2] = { { "_stext", "_etext" },
						 { "_sinittext", "_einittext" } };
	struct kernel_code c = { 0 };
	bool any = false;

	for (size_t i = 0; i < 2; i++) {
		kva_t start, end;

		if (kernel_symbol(k, names[i][0], &start, NULL) ||
		    kernel_symbol(k, names[i][1], &end, NULL) || start >= end)
			continue;
		c.start[i] = start;
		c.end[i] = end;
		any = true;
	}
	if (!c.end[1] || kernel_symbol(k, "__init_end", &c.init_end, NULL))
		c.init_end = 0;
	*ret = c;
	return any;
}

bool kernel_code_has(const struct kernel_code *c, kva_t va)
{
	return va - c->start[0] < c->end[0] - c->start[0] ||
	       va - c->start[1] < c->end[1] - c->start[1];
}

bool kernel_code_names(const struct kernel_code *c, const struct symbol *s)
{
	return kernel_code_has(c, s->va) ||
	       ((s->type == 't' || s->type == 'T') && s->va >= c->end[1] && s->va < c->init_end);
}

vs_status kernel_named_end(struct kernel *k, kva_t *end, bool *only_code, struct err *err)
{
	struct kernel_code c;
	vs_status st = kernel_symbol(k, "_end", end, err);

	*only_code = st == VS_NOTFOUND;
	if (st != VS_NOTFOUND || !kernel_code_find(k, &c))
		return st;
	*end = c.end[0] > c.end[1] ? c.end[0] : c.end[1];
	return VS_OK;
}

/* --- types */

vs_status kernel_need_types(struct kernel *k, struct err *err)
{
	return slot_need(k, &k->types_slot, &kernel_types_slot_ops, k, err);
}

vs_status kernel_member(struct kernel *k, const char *type, struct member *ret, struct err *err,
			const char *path, ...)
{
	va_list ap;
	vs_status st = kernel_need_types(k, err);

	if (st)
		return st;
	va_start(ap, path);
	st = VS_NOTFOUND;
	for (struct err *e = err; path; path = va_arg(ap, const char *), e = NULL) {
		st = types_member(k->types, type, path, ret, e);
		if (st == VS_OK)
			break;
	}
	va_end(ap);
	return st;
}

vs_status kernel_read_at(struct kernel *k, kva_t va, const struct member *m, uint64_t *ret,
			 struct err *err)
{
	uint64_t v = 0;
	vs_status st;

	if (m->bit_size) {
		size_t bytes = (m->bit_off + m->bit_size + 7u) / 8;

		st = mem_read(k->mem, va + m->off, &v, bytes > 8 ? 8 : bytes, err);
		if (st)
			return st;
		v >>= m->bit_off;
		*ret = m->bit_size < 64 ? v & ((1ULL << m->bit_size) - 1) : v;
		return VS_OK;
	}
	return mem_read_uint(k->mem, va + m->off, m->size, ret, err);
}
