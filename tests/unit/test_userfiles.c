// SPDX-License-Identifier: GPL-3.0-or-later
/* userfiles: conclusions from gdb's answers about symbols, event by event. */
#include <stdio.h>

#include "tests/unit/memfix.h"

#include "stub/base/buf.h"
#include "stub/gdb/userfiles.h"

#define IMAGE "image_1"

/* Plays one event of a gdb with or without the image, and with main at an address (0: none).
 * Returns the number of names looked up. */
static unsigned event(struct userfiles *u, bool image, uint64_t main_at)
{
	struct buf ask = { 0 };
	unsigned n = 0;

	u->tell = false;
	userfiles_take(u, IMAGE, NULL, 0, &ask);
	while (ask.len) {
		char name[64];
		uint64_t value = 0;

		snprintf(name, sizeof(name), "%s", buf_str(&ask));
		buf_reset(&ask);
		if (strcmp(name, IMAGE) == 0)
			value = image ? 1ULL << 56 : 0;
		else if (strcmp(name, "main") == 0)
			value = main_at;
		userfiles_take(u, IMAGE, name, value, &ask);
		n++;
	}
	buf_deinit(&ask);
	return n;
}

static void test_connecting(void **state)
{
	struct userfiles u = { .user_end = 1ULL << 47 };

	(void)state;
	assert_int_equal(event(&u, false, 0x401000), 1); // a library before the image
	assert_false(u.behind);
	assert_int_equal(event(&u, true, 0x401000), 1 + USERFILES_NAMES); // the image
	assert_false(u.behind || u.tell);
	event(&u, true, 0x401000); // gdb 10, at the end of connecting
	assert_true(u.behind);
	assert_false(u.tell);
}

static void test_program(void **state)
{
	struct userfiles u = { .user_end = 1ULL << 47 };

	(void)state;
	event(&u, true, 0);
	event(&u, true, 0x401000);
	assert_true(u.behind && u.tell);
	userfiles_renewed(&u);
	assert_false(u.behind);
	event(&u, false, 0x401000); // a new module comes first
	event(&u, true, 0x401000);  // the image again
	assert_false(u.behind || u.tell);
	event(&u, true, 0x401000); // another program; gdb still finds the first one's main
	assert_true(u.behind && u.tell);
}

static void test_kernel_file(void **state)
{
	struct userfiles u = { .user_end = 1ULL << 47 };

	(void)state;
	event(&u, true, 0);
	event(&u, true, 0);
	event(&u, true, 0xffffffff81000000ULL);
	assert_true(u.behind);
	assert_false(u.tell);
}

/* Unsolicited answers change nothing. */
static void test_stray_answers(void **state)
{
	struct userfiles u = { .user_end = 1ULL << 47 };
	struct buf ask = { 0 };

	(void)state;
	event(&u, true, 0);
	userfiles_take(&u, IMAGE, "_start", 0x1000, &ask);
	userfiles_take(&u, IMAGE, "main", 0x1000, &ask);
	userfiles_take(&u, IMAGE, "image_0", 0x1000, &ask);
	assert_int_equal(ask.len, 0);
	assert_false(u.behind || u.tell);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connecting),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_kernel_file),
		cmocka_unit_test(test_stray_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
