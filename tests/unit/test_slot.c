// SPDX-License-Identifier: GPL-3.0-or-later
/* test_slot.c - slots load once: results, errors, the order of unloading. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail // of cmocka

#include <string.h>

#include "stub/kernel/kernel.h"

/* One slot, what its loader does, and a log of all actions. */
struct thing {
	struct slot slot;
	char name;
	vs_status st;
	struct thing *needs;
	char *diary;
};

static vs_status load(struct kernel *k, void *owner, struct err *err);
static void unload(struct kernel *k, void *owner);
static const struct slot_ops ops = { load, unload };

static void note(struct thing *t, char what)
{
	size_t n = strlen(t->diary);

	t->diary[n] = what;
	t->diary[n + 1] = t->name;
	t->diary[n + 2] = '\0';
}

static vs_status load(struct kernel *k, void *owner, struct err *err)
{
	struct thing *t = owner;

	note(t, '+');
	if (t->needs) {
		vs_status st = slot_need(k, &t->needs->slot, &ops, t->needs, err);

		if (st)
			return fail_ctx(err, st, "%c", t->name);
	}
	return t->st ? fail(err, t->st, "%c is lost", t->name) : VS_OK;
}

static void unload(struct kernel *k, void *owner)
{
	(void)k;
	note(owner, '-');
}

static vs_status need(struct kernel *k, struct thing *t, struct err *err)
{
	return slot_need(k, &t->slot, &ops, t, err);
}

static void test_once(void **state)
{
	char diary[64] = "";
	struct kernel k = { 0 };
	struct thing a = { .name = 'a', .diary = diary };
	struct err err;

	(void)state;
	assert_int_equal(need(&k, &a, &err), VS_OK);
	assert_int_equal(need(&k, &a, NULL), VS_OK);
	slots_unload(&k);
	slots_unload(&k);
	assert_string_equal(diary, "+a-a");
}

static void test_reason_stays(void **state)
{
	char diary[64] = "";
	struct kernel k = { 0 };
	struct thing a = { .name = 'a', .st = VS_LOST, .diary = diary };
	struct err err;

	(void)state;
	assert_int_equal(need(&k, &a, NULL), VS_LOST);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(need(&k, &a, &err), VS_LOST);
		assert_string_equal(err.msg, "a is lost");
	}
	slots_unload(&k); // a loader that failed may have left something
	assert_string_equal(diary, "+a-a");
}

static void test_reverse_order(void **state)
{
	char diary[64] = "";
	struct kernel k = { 0 };
	struct thing a = { .name = 'a', .diary = diary };
	struct thing b = { .name = 'b', .needs = &a, .diary = diary };
	struct thing c = { .name = 'c', .diary = diary };

	(void)state;
	need(&k, &c, NULL);
	need(&k, &b, NULL);
	slots_unload(&k);
	assert_string_equal(diary, "+c+b+a-b-a-c");
}

static void test_needs_itself(void **state)
{
	char diary[64] = "";
	struct kernel k = { 0 };
	struct thing a = { .name = 'a', .diary = diary };
	struct err err;

	(void)state;
	a.needs = &a;
	assert_int_equal(need(&k, &a, &err), VS_NOTFOUND);
	assert_string_equal(err.msg, "a: being loaded");
	slots_unload(&k);
	assert_string_equal(diary, "+a-a");
}

static void test_forget_and_fill(void **state)
{
	char diary[64] = "";
	struct kernel k = { 0 };
	struct thing a = { .name = 'a', .diary = diary }, b = { .name = 'b', .diary = diary };
	struct err err;

	(void)state;
	slot_forget(&k, &a.slot); // not needed yet
	need(&k, &a, NULL);
	need(&k, &b, NULL);
	slot_forget(&k, &a.slot);
	need(&k, &a, NULL);
	slot_fill(&k, &b.slot, VS_CORRUPT, "made up");
	assert_int_equal(need(&k, &b, &err), VS_CORRUPT);
	assert_string_equal(err.msg, "made up");
	slot_fill(&k, &b.slot, VS_OK, NULL);
	assert_int_equal(need(&k, &b, &err), VS_OK);
	slots_unload(&k);
	assert_string_equal(diary, "+a+b-a+a-b-a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_reason_stays),
		cmocka_unit_test(test_reverse_order),
		cmocka_unit_test(test_needs_itself),
		cmocka_unit_test(test_forget_and_fill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
