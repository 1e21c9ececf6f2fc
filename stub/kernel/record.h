// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* record.h - what vmstub knows of a kernel struct, as a table with one row per member: its names,
 * newest first, and how to decode it. A table stands beside the code that reads the struct, and a
 * renamed member costs one name in one row.
 * A row is looked up once per opened kernel. An object is read as few pieces of memory, and each of
 * its members is then known or not: what cannot be read never looks like 0. */
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
	RECORD_POINTER, /* read, not followed */
	RECORD_ADDRESS, /* a struct, list head or array inside the object: where it is */
};

struct record_field {
	const char *names[RECORD_NAMES]; /* paths as types_member() takes them */
	enum record_kind kind;
	const char *only; /* which kernels have it, for people; NULL: all that vmstub supports */
};

struct record_def {
	const char *type; /* struct, union or typedef, without the keyword */
	const struct record_field *fields;
	size_t n;
};

/* Defines the table NAME of kernel type TYPE with the rows of the array FIELDS, and lists it for
 * record_each(), so that no table can be forgotten there. */
#define RECORD(NAME, TYPE, FIELDS)                                                                 \
	const struct record_def NAME = { TYPE, FIELDS, sizeof(FIELDS) / sizeof((FIELDS)[0]) };     \
	_Static_assert(sizeof(FIELDS) / sizeof((FIELDS)[0]) <= RECORD_MAX, "rows of " TYPE);       \
	static const struct record_def *const NAME##_listed                                        \
		__attribute__((used, section("vmstub_records"))) = &NAME

/* One object. Plain data: it stays valid when memory changes, and k is borrowed. */
struct record {
	struct kernel *k;
	const struct record_def *def;
	kva_t va;
	uint64_t known; /* bit i: v[i] holds the value of row i */
	uint64_t v[RECORD_MAX];
};

#define RECORD_BIT(field) (1ULL << (field))
#define RECORD_ALL	  UINT64_MAX

/* Read the rows of the mask `wanted`. Cannot fail: what is not there, or not in the dump, is
 * unknown. */
void record_read(struct kernel *k, const struct record_def *def, kva_t va, uint64_t wanted,
		 struct record *ret);
bool record_knows(const struct record *r, unsigned field);
/* *ret is left alone when the value is unknown. */
bool record_get(const struct record *r, unsigned field, uint64_t *ret);
/* For a value that the caller cannot do without: err says why it is unknown. */
vs_status record_need(const struct record *r, unsigned field, uint64_t *ret, struct err *err);
/* For a pointer that is only followed: 0 when it is null or unknown. */
kva_t record_pointer(const struct record *r, unsigned field);
/* The string at a pointer row, or in the array at an address row, unprintable bytes as '?'.
 * Unknown: false, and "?". */
bool record_string(const struct record *r, unsigned field, char *dst, size_t cap);

/* One member of the object at va, without the others. */
vs_status record_field_read(struct kernel *k, const struct record_def *def, kva_t va,
			    unsigned field, uint64_t *ret, struct err *err);
/* Where a member is in the struct. VS_NOTFOUND: this kernel has it under none of its names. */
vs_status record_member(struct kernel *k, const struct record_def *def, unsigned field,
			struct member *ret, struct err *err);
/* The name under which this kernel has the member; NULL: none. */
const char *record_name(struct kernel *k, const struct record_def *def, unsigned field);

/* All tables of the program, in no useful order. */
void record_each(void (*fn)(void *ctx, const struct record_def *def), void *ctx);
