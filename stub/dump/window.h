// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* window.h - a small buffer over a file that reads ahead when the caller moves forward.
 * It returns pointers into the buffer, so that a page can be decoded without a copy. */
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"

struct file;

struct window {
	struct file *f; /* borrowed */
	uint8_t *buf;
	size_t cap;
	size_t min;   /* least bytes to read at once */
	size_t ahead; /* bytes to read at the next forward move; doubles up to cap */
	uint64_t off; /* of buf[0] */
	size_t len;
};

/* cap: at least the largest request. */
vs_status window_init(struct window *w, struct file *f, size_t min, size_t cap, struct err *err);
void window_deinit(struct window *w);
/* len <= cap bytes at off. *ret is valid until the next call. Fails like file_read(). */
vs_status window_get(struct window *w, uint64_t off, size_t len, const uint8_t **ret,
		     struct err *err);
