// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kdump.h - private to kdump*.c: one file of a compressed kdump and the set of them. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/dump/format.h"
#include "stub/dump/kdump_format.h"
#include "stub/dump/window.h"

struct rank;
struct codec;

/* One file: the whole dump, or a member of a split set. */
struct kdump_file {
	struct file *f; /* borrowed */
	struct kdump_header h;
	struct kdump_sub_header sub; /* fields its version lacks are 0 */
	bool diskdump;
	bool split;
	uint64_t max_pfn;
	uint64_t start_pfn, end_pfn; /* pages described here: [start, end) */
	uint64_t bitmap1_off; /* RAM exists; equals bitmap2_off if there is only one bitmap */
	uint64_t bitmap2_off; /* page stored */
	uint64_t desc_off;
	uint64_t zero_off;  /* data shared by zero pages; 0 until one was seen */
	struct rank *rank;  /* over bitmap 2 from start_pfn */
	struct window desc; /* page descriptors */
	struct window data; /* page data */
};

struct kdump {
	struct kdump_file *v; /* sorted by start_pfn */
	size_t n;
	size_t last;	/* member of the previous page */
	unsigned shift; /* log2 of the block size */
	uint64_t max_pfn;
	bool absent_is_zero; /* DISKDUMP and version 0 left out only zero pages */
	struct rank *ram;    /* bitmap 1, NULL if there is only one bitmap */
	struct codec *codec;
};

/* Parse and check the headers of k->f; nothing is allocated. */
vs_status kdump_read_headers(struct kdump_file *k, struct err *err);

/* Do the headers of two members say that they come from one dump? */
bool kdump_same_dump(const struct kdump_file *a, const struct kdump_file *b);

/* Frees the set and its readers. */
void kdump_close(void *fmt);

/* The readers over an opened set. */
extern const struct dump_ops kdump_ops;
