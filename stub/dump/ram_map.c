// SPDX-License-Identifier: GPL-3.0-or-later
/* ram_map.c - the text form of a map of raw memory: --ram-map. */
#include "stub/dump/ram_map.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"

#define PAGE 4096u

/* Takes a number with its unit from *text. */
static bool take_number(const char **text, uint64_t *ret)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*ret = strtoull(*text, &end, 0);
	unit = *end ? strchr(units, *end) : NULL;
	if (errno || (unit && mul_ovf(*ret, UINT64_C(1) << 10 * (unit - units + 1), ret)))
		return false;
	*text = unit ? end + 1 : end;
	return true;
}

static bool take_piece(const char **text, uint64_t follow, struct ram_piece *p)
{
	uint64_t end;

	if (!take_number(text, &p->start) || *(*text)++ != ':' || !take_number(text, &p->len))
		return false;
	p->offset = follow;
	if (**text == '@') {
		++*text;
		if (!take_number(text, &p->offset))
			return false;
	}
	return p->len && p->start % PAGE == 0 && p->len % PAGE == 0 &&
	       !add_ovf(p->start, p->len, &end) && !add_ovf(p->offset, p->len, &end) &&
	       (**text == '\0' || **text == ',');
}

vs_status ram_map_parse(const char *text, struct ram_map *ret, struct err *err)
{
	const char *whole = text;
	uint64_t follow = 0;

	ret->n = 0;
	do {
		const char *at = text;

		if (ret->n == RAM_PIECES_MAX)
			return fail(err, VS_INVAL, "'%.60s': more than %d pieces", whole,
				    RAM_PIECES_MAX);
		if (!take_piece(&text, follow, &ret->v[ret->n]))
			return fail(err, VS_INVAL,
				    "'%.60s' is not START:LEN@OFFSET, with addresses and lengths "
				    "in whole pages",
				    at);
		follow = ret->v[ret->n].offset + ret->v[ret->n].len;
		ret->n++;
	} while (*text++ == ',');
	return VS_OK;
}

void ram_map_print(const struct ram_map *map, struct buf *out)
{
	for (size_t i = 0; i < map->n; i++)
		buf_printf(out, "%s%#" PRIx64 ":%#" PRIx64 "@%#" PRIx64, i ? "," : "",
			   map->v[i].start, map->v[i].len, map->v[i].offset);
}
