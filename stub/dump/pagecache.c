// SPDX-License-Identifier: GPL-3.0-or-later
/* pagecache.c - least-recently-used cache of decoded blocks.
 * A chained hash finds a block. A ring of slot numbers keeps the order of use: the slot before the
 * newest is the oldest. */
#include "stub/dump/pagecache.h"

#include <stdlib.h>

#define NONE UINT32_MAX

struct slot {
	uint64_t key;
	uint32_t newer, older; /* ring */
	uint32_t chain;	       /* next in hash bucket */
	uint32_t used;
};

struct pagecache {
	size_t nslots, block;
	uint32_t newest;
	uint32_t mask;
	uint32_t *bucket;
	struct slot *slot;
	uint8_t *data;
};

static uint32_t *bucket_of(const struct pagecache *c, uint64_t key)
{
	return &c->bucket[(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & c->mask];
}

vs_status pagecache_create(size_t slots, size_t block, struct pagecache **ret, struct err *err)
{
	struct pagecache *c = calloc(1, sizeof(*c));
	size_t nbuckets = 1;

	while (nbuckets < slots)
		nbuckets *= 2;
	if (!c)
		return fail(err, VS_NOMEM, "no memory for the page cache");
	c->nslots = slots;
	c->block = block;
	c->mask = (uint32_t)nbuckets - 1;
	c->bucket = malloc(nbuckets * sizeof(c->bucket[0]));
	c->slot = calloc(slots, sizeof(c->slot[0]));
	c->data = malloc(slots * block);
	if (!c->bucket || !c->slot || !c->data) {
		pagecache_destroy(c);
		return fail(err, VS_NOMEM, "no memory for the page cache");
	}
	for (size_t i = 0; i < nbuckets; i++)
		c->bucket[i] = NONE;
	for (size_t i = 0; i < slots; i++) {
		c->slot[i].newer = (uint32_t)((i + slots - 1) % slots);
		c->slot[i].older = (uint32_t)((i + 1) % slots);
	}
	*ret = c;
	return VS_OK;
}

void pagecache_destroy(struct pagecache *c)
{
	if (!c)
		return;
	free(c->bucket);
	free(c->slot);
	free(c->data);
	free(c);
}

static void make_newest(struct pagecache *c, uint32_t i)
{
	struct slot *s = &c->slot[i];
	uint32_t oldest;

	if (i == c->newest)
		return;
	oldest = c->slot[c->newest].newer;
	if (i != oldest) { // else turning the ring is enough
		c->slot[s->newer].older = s->older;
		c->slot[s->older].newer = s->newer;
		s->older = c->newest;
		s->newer = oldest;
		c->slot[c->newest].newer = i;
		c->slot[oldest].older = i;
	}
	c->newest = i;
}

const uint8_t *pagecache_find(struct pagecache *c, uint64_t key)
{
	for (uint32_t i = *bucket_of(c, key); i != NONE; i = c->slot[i].chain) {
		if (c->slot[i].key == key) {
			make_newest(c, i);
			return c->data + (size_t)i * c->block;
		}
	}
	return NULL;
}

static void unhash(struct pagecache *c, uint32_t i)
{
	uint32_t *p = bucket_of(c, c->slot[i].key);

	while (*p != i)
		p = &c->slot[*p].chain;
	*p = c->slot[i].chain;
	c->slot[i].used = 0;
}

uint8_t *pagecache_slot(struct pagecache *c)
{
	uint32_t oldest = c->slot[c->newest].newer;

	if (c->slot[oldest].used)
		unhash(c, oldest);
	return c->data + (size_t)oldest * c->block;
}

void pagecache_keep(struct pagecache *c, uint64_t key)
{
	uint32_t oldest = c->slot[c->newest].newer;
	uint32_t *head = bucket_of(c, key);

	c->slot[oldest].key = key;
	c->slot[oldest].used = 1;
	c->slot[oldest].chain = *head;
	*head = oldest;
	c->newest = oldest;
}
