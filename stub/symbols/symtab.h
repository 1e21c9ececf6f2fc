// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* symtab.h - name <-> address lookup for the symbols of one image (kernel or module).
 * kallsyms.c or a reader of ELF symbol tables fills and seals it; lookups work only after that.
 * Symbols stay where they were added: pointers to them are valid until the next add. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct symbol {
	kva_t va;	  /* run-time address; zero-based per-CPU symbols keep their offset */
	uint64_t size;	  /* 0: unknown */
	const char *name; /* lives as long as the symtab */
	char type;	  /* nm letter: T t D d B b R r W V A ... */
	uint32_t hash;	  /* private to symtab.c: of the name */
};

struct symtab;

struct symtab *symtab_create(void);
void symtab_destroy(struct symtab *t);

/* False without memory. The name is copied. */
bool symtab_add(struct symtab *t, const char *name, kva_t va, uint64_t size, char type);
/* The same for a name, whose strlen() is len, that the caller keeps as long as the table. */
bool symtab_add_borrowed(struct symtab *t, const char *name, size_t len, kva_t va, uint64_t size,
			 char type);
/* Indexes the names; call it after the last add, and again after more. The first lookup by address
 * sorts. False without memory. */
bool symtab_seal(struct symtab *t);

size_t symtab_count(const struct symtab *t);
/* In address order. */
const struct symbol *symtab_at(const struct symtab *t, size_t i);
/* The i of symtab_at() for s, a symbol of t. */
size_t symtab_index(const struct symtab *t, const struct symbol *s);
/* First symbol with that name in address order (preferring functions and data), or NULL. */
const struct symbol *symtab_find(const struct symtab *t, const char *name);
/* The symbol that covers va: the last one at or before it, preferring functions and objects; NULL
 * before the first one, or past the known size of the last one. */
const struct symbol *symtab_lookup(const struct symtab *t, kva_t va);
/* Index of the first symbol above va; symtab_count() if there is none. */
size_t symtab_above(const struct symtab *t, kva_t va);
/* Returns where the code or data of s, a symbol of t, ends: by its size, else at the next symbol;
 * s->va if there is none. */
kva_t symtab_end(const struct symtab *t, const struct symbol *s);
/* Calls fn for all symbols with that name, in address order, until it returns false. */
void symtab_each_named(const struct symtab *t, const char *name,
		       bool (*fn)(void *ctx, const struct symbol *s), void *ctx);
