// SPDX-License-Identifier: GPL-3.0-or-later
/* args.c - parses packet arguments: hex numbers, thread ids, hex-encoded text. */
#include "stub/rsp/args.h"

static int args_digit(const struct bytes *args)
{
	uint8_t c;

	if (args->left == 0)
		return -1;
	c = *args->p;
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool args_hex(struct bytes *args, uint64_t *ret)
{
	uint64_t v = 0;
	unsigned n = 0;
	int d;

	for (; (d = args_digit(args)) >= 0; n++) {
		if (v >> 60)
			return false;
		v = v << 4 | (uint64_t)d;
		bytes_skip(args, 1);
	}
	if (n == 0)
		return false;
	*ret = v;
	return true;
}

bool args_skip(struct bytes *args, const char *text)
{
	size_t n = strlen(text);

	if (args->left < n || memcmp(args->p, text, n) != 0)
		return false;
	bytes_skip(args, n);
	return true;
}

bool args_two_hex(struct bytes *args, uint64_t *a, uint64_t *b)
{
	return args_hex(args, a) && args_skip(args, ",") && args_hex(args, b) && args->left == 0;
}

bool args_tid(struct bytes *args, uint64_t *ret)
{
	if (args_skip(args, "-1")) {
		*ret = TID_ALL;
		return true;
	}
	return args_hex(args, ret);
}

bool args_hex_bytes(struct bytes *args, struct buf *out)
{
	int hi, lo;

	while ((hi = args_digit(args)) >= 0) {
		bytes_skip(args, 1);
		lo = args_digit(args);
		if (lo < 0)
			return false;
		bytes_skip(args, 1);
		buf_putc(out, (char)(hi << 4 | lo));
	}
	return true;
}

bool args_word(struct bytes *args, char sep, struct buf *out)
{
	while (args->left && *args->p != (uint8_t)sep) {
		if (*args->p == '\0')
			return false;
		buf_putc(out, (char)*args->p);
		bytes_skip(args, 1);
	}
	return true;
}
