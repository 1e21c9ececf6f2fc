// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* record.h - describes a kernel struct by a table with one row per member: its names, newest first,
 * and how to decode it. The table is next to the code that reads the struct; a renamed member needs
 * only another name in its row.
 * Each row is looked up once per opened kernel. An object is read in few pieces of memory, and each
 * of its members is then known or unknown: an unreadable member never looks like 0. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;
struct member;

#define RECORD_MAX   64 /* rows of a table */
#define RECORD_NAMES 4

enum record_kind {
	RECORD_UINT,	/* unsigned integer or bit field */
	RECORD_INT,	/* signed integer */
	RECORD_POINTER, /* the value of a pointer */
	RECORD_ADDRESS, /* the address of a struct, list head or array inside the object */
};

struct record_field {
	const char *names[RECORD_NAMES]; /* paths for types_member() */
	enum record_kind kind;
	const char *only; /* text: which kernels have it; NULL: all that vmstub supports */
};

struct record_def {
	const char *type; /* struct, union or typedef, without the keyword */
	const struct record_field *fields;
	size_t n;
};

/* Defines the table NAME of kernel type TYPE with the rows of the array FIELDS, and registers it
 * for record_each(). */
#define RECORD(NAME, TYPE, FIELDS)                                                                 \
	const struct record_def NAME = { TYPE, FIELDS, sizeof(FIELDS) / sizeof((FIELDS)[0]) };     \
	_Static_assert(sizeof(FIELDS) / sizeof((FIELDS)[0]) <= RECORD_MAX, "rows of " TYPE);       \
	static const struct record_def *const NAME##_listed                                        \
		__attribute__((used, section("vmstub_records"))) = &NAME

/* One object. It is plain data, which stays valid when memory changes; k is borrowed. */
struct record {
	struct kernel *k;
	const struct record_def *def;
	kva_t va;
	uint64_t known; /* bit i: v[i] holds the value of row i */
	uint64_t v[RECORD_MAX];
};

#define RECORD_BIT(field) (1ULL << (field))
#define RECORD_ALL	  UINT64_MAX

/* Read the rows in the mask `wanted`. Cannot fail: members that this kernel or the dump lacks are
 * unknown. */
void record_read(struct kernel *k, const struct record_def *def, kva_t va, uint64_t wanted,
		 struct record *ret);
bool record_knows(const struct record *r, unsigned field);
/* Returns false and does not change *ret if the value is unknown. */
bool record_get(const struct record *r, unsigned field, uint64_t *ret);
/* For a value that the caller needs: fails if it is unknown, and err says why. */
vs_status record_need(const struct record *r, unsigned field, uint64_t *ret, struct err *err);
/* For a pointer that the caller just follows: 0 if it is NULL or unknown. */
kva_t record_pointer(const struct record *r, unsigned field);
/* The string that a pointer row points to, or in the array of an address row, with unprintable
 * bytes as '?'. If unknown, returns false and "?". */
bool record_string(const struct record *r, unsigned field, char *dst, size_t cap);

/* One member of the object at va, without the others. */
vs_status record_field_read(struct kernel *k, const struct record_def *def, kva_t va,
			    unsigned field, uint64_t *ret, struct err *err);
/* A member's place in the struct. VS_NOTFOUND: this kernel has none of its names. */
vs_status record_member(struct kernel *k, const struct record_def *def, unsigned field,
			struct member *ret, struct err *err);
/* The member's name in this kernel; NULL: none. */
const char *record_name(struct kernel *k, const struct record_def *def, unsigned field);

/* All tables of the program, in no useful order. */
void record_each(void (*fn)(void *ctx, const struct record_def *def), void *ctx);
