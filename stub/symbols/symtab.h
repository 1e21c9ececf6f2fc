// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* symtab.h - name <-> address lookup for the symbols of one image (kernel or module).
 * kallsyms.c or a reader of ELF symbol tables fills and seals it; lookups work only after that.
 * A symbol that a lookup returns has its name; so a loop over all symbols decodes all names.
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

#define SYMTAB_NAME_MAX 1024 /* bytes of a coded name, with its NUL */

/* Reads names that would take long to decode all at once. */
struct symtab_coder {
	/* Decodes the name that was added with this ref; false: it cannot be. */
	bool (*decode)(void *ctx, uint32_t ref, char name[SYMTAB_NAME_MAX]);
	uint32_t (*hash)(const char *name);
	void (*destroy)(void *ctx);
	void *ctx;
};

struct symtab *symtab_create(void);
void symtab_destroy(struct symtab *t);

/* False without memory. The name is copied. */
bool symtab_add(struct symtab *t, const char *name, kva_t va, uint64_t size, char type);
/* The same for a name, whose strlen() is len, that the caller keeps as long as the table. */
bool symtab_add_borrowed(struct symtab *t, const char *name, size_t len, kva_t va, uint64_t size,
			 char type);
/* For a table of coded names only: from now on it owns the coder's ctx. */
void symtab_set_coder(struct symtab *t, const struct symtab_coder *coder);
/* Adds a symbol whose name the coder decodes when somebody asks for the symbol. hash: the coder's,
 * of that name. False without memory. */
bool symtab_add_coded(struct symtab *t, uint32_t ref, uint32_t hash, kva_t va, char type);
/* Makes room for n symbols in an empty table. False without memory. */
bool symtab_reserve(struct symtab *t, size_t n);
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
