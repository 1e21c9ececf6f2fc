// SPDX-License-Identifier: GPL-3.0-or-later
/* keyed.c - reads the waiters of kernel/sched/wait_bit.c, mm/filemap.c, kernel/futex and
 * fs/select.c. */
#include "stub/triage/keyed.h"

#include <string.h>

#include "stub/kernel/kernel.h"

static const struct record_field bit_fields[] = {
	[KEYED_LINK] = { { "wq_entry.entry" }, RECORD_ADDRESS, "since 4.13" },
	[KEYED_TASK] = { { "wq_entry.private" }, RECORD_POINTER, "since 4.13" },
	[KEYED_KEY] = { { "key.flags" }, RECORD_POINTER, "since 4.13" },
	[KEYED_BIT] = { { "key.bit_nr" }, RECORD_INT, "since 4.13" },
};
RECORD(wait_bit_record, "wait_bit_queue_entry", bit_fields);

static const struct record_field page_fields[] = {
	[KEYED_LINK] = { { "wait.entry" }, RECORD_ADDRESS, "since 4.13" },
	[KEYED_TASK] = { { "wait.private" }, RECORD_POINTER, "since 4.13" },
	// 6974d7c977d7 (5.16)
	[KEYED_KEY] = { { "folio", "page" }, RECORD_POINTER, "since 4.10" },
	[KEYED_BIT] = { { "bit_nr" }, RECORD_INT, "since 4.10" },
};
RECORD(wait_page_record, "wait_page_queue", page_fields);

static const struct record_field futex_fields[] = {
	[KEYED_LINK] = { { "list.node_list" }, RECORD_ADDRESS },
	[KEYED_TASK] = { { "task" }, RECORD_POINTER },
	[KEYED_KEY] = { { "key" }, RECORD_ADDRESS },
};
RECORD(futex_record, "futex_q", futex_fields);

enum { FUTEX_ADDRESS, FUTEX_OFFSET };
static const struct record_field key_fields[] = {
	[FUTEX_ADDRESS] = { { "private.address" }, RECORD_UINT },
	[FUTEX_OFFSET] = { { "both.offset" }, RECORD_UINT },
};
RECORD(futex_key_record, "futex_key", key_fields);

/* Its first entry is that of the file polled first; each is in the list of what it polls. */
static const struct record_field poll_fields[] = {
	[KEYED_LINK] = { { "inline_entries[0].wait.entry" }, RECORD_ADDRESS, "since 4.13" },
	[KEYED_TASK] = { { "polling_task" }, RECORD_POINTER },
};
RECORD(poll_waiter_record, "poll_wqueues", poll_fields);

#define FUT_OFF_INODE 1 /* the key is a file's page, not an address */
#define FUT_OFF_FLAGS 3

/* By the start of the names, as some are inlined into others. */
static const struct {
	const char *function;
	enum lock_kind kind;
	const struct record_def *waiter;
} sleepers[] = {
	{ "out_of_line_wait_on_bit", LOCK_BIT, &wait_bit_record },
	{ "__wait_on_bit", LOCK_BIT, &wait_bit_record },
	{ "folio_wait_bit", LOCK_PAGE, &wait_page_record },
	{ "__folio_lock", LOCK_PAGE, &wait_page_record },
	{ "folio_put_wait_locked", LOCK_PAGE, &wait_page_record },
	{ "migration_entry_wait_on_locked", LOCK_PAGE, &wait_page_record },
	{ "wait_on_page_bit", LOCK_PAGE, &wait_page_record },
	{ "__lock_page", LOCK_PAGE, &wait_page_record },
	{ "put_and_wait_on_page_locked", LOCK_PAGE, &wait_page_record },
	{ "futex_wait", LOCK_FUTEX, &futex_record },
	{ "__futex_wait", LOCK_FUTEX, &futex_record },
	{ "do_select", LOCK_POLL, &poll_waiter_record },
	{ "core_sys_select", LOCK_POLL, &poll_waiter_record },
	{ "do_poll", LOCK_POLL, &poll_waiter_record },
	{ "do_sys_poll", LOCK_POLL, &poll_waiter_record },
};

const struct record_def *keyed_of_function(const char *function, bool idle, size_t i,
					   enum lock_kind *kind)
{
	for (size_t j = 0; j < sizeof(sleepers) / sizeof(sleepers[0]); j++) {
		if (strncmp(function, sleepers[j].function, strlen(sleepers[j].function)) != 0 ||
		    (!idle && (sleepers[j].kind == LOCK_FUTEX || sleepers[j].kind == LOCK_POLL)) ||
		    i--)
			continue;
		*kind = sleepers[j].kind;
		return sleepers[j].waiter;
	}
	return NULL;
}

/* The user address of a futex that belongs to an address space. */
static void read_futex(struct kernel *k, struct wait *wait)
{
	uint64_t key, page, off;
	struct record r;

	if (record_field_read(k, &futex_record, wait->waiter, KEYED_KEY, &key, NULL))
		return;
	record_read(k, &futex_key_record, key, RECORD_ALL, &r);
	if (!record_get(&r, FUTEX_ADDRESS, &page) || !record_get(&r, FUTEX_OFFSET, &off) ||
	    off & FUT_OFF_INODE)
		return;
	wait->lock = page + (off & ~(uint64_t)FUT_OFF_FLAGS);
}

void keyed_read(struct kernel *k, struct wait *wait)
{
	const struct record_def *def =
		wait->kind == LOCK_BIT ? &wait_bit_record : &wait_page_record;
	struct record r;
	uint64_t bit;

	if (wait->kind == LOCK_FUTEX) {
		read_futex(k, wait);
		return;
	}
	if (wait->kind == LOCK_POLL) {
		wait->lock = wait->waiter;
		return;
	}
	record_read(k, def, wait->waiter, RECORD_BIT(KEYED_KEY) | RECORD_BIT(KEYED_BIT), &r);
	if (!record_get(&r, KEYED_BIT, &bit))
		return;
	wait->lock = record_pointer(&r, KEYED_KEY);
	wait->bit = (int)bit;
}

const char *waits_page_bit(struct kernel *k, int bit)
{
	int64_t v;

	if (types_enumerator(k->types, "PG_locked", &v, NULL) == VS_OK && v == bit)
		return "PG_locked";
	if (types_enumerator(k->types, "PG_writeback", &v, NULL) == VS_OK && v == bit)
		return "PG_writeback";
	return "";
}
