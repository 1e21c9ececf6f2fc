// SPDX-License-Identifier: GPL-3.0-or-later
/* branch: calls that end before an address, and jumps. Bytes are GNU as's. */
#include "tests/unit/memfix.h"

#include "arch/x86_64/x86_64.h"

#define AT 0xffffffff81000000ULL

/* The call whose bytes end behind 16 bytes of nop. */
static unsigned call_before(const char *bytes, size_t len, kva_t *target)
{
	uint8_t code[32];
	struct mem_array a;

	memset(code, 0x90, sizeof(code));
	memcpy(code + 16, bytes, len);
	mem_array_init(&a, AT, code, sizeof(code));
	return x86_call_before(&a.mem, AT + 16 + len, target);
}

#define CALL(bytes) call_before(bytes, sizeof(bytes) - 1, &target)

static void test_calls(void **state)
{
	kva_t target;

	(void)state;
	assert_int_equal(CALL("\xe8\x00\x01\x00\x00"), 5);
	assert_int_equal(target, AT + 16 + 5 + 0x100);
	assert_int_equal(CALL("\xe8\xf0\xff\xff\xff"), 5);
	assert_int_equal(target, AT + 16 + 5 - 16);
	assert_int_equal(CALL("\xff\xd0"), 2); // call *%rax
	assert_int_equal(target, 0);
	assert_int_equal(CALL("\x41\xff\xd3"), 3);		       // call *%r11
	assert_int_equal(CALL("\xff\x50\x18"), 3);		       // call *0x18(%rax)
	assert_int_equal(CALL("\xff\x14\x24"), 3);		       // call *(%rsp)
	assert_int_equal(CALL("\xff\x54\x24\x08"), 4);		       // call *8(%rsp)
	assert_int_equal(CALL("\xff\x15\x00\x00\x10\x00"), 6);	       // call *0x100000(%rip)
	assert_int_equal(CALL("\x41\xff\x94\x24\x00\x01\x00\x00"), 8); // call *0x100(%r12)
	assert_int_equal(CALL("\xff\x14\xc5\x00\x00\x00\x81"), 7);     // call *-0x7f000000(,%rax,8)
}

static void test_no_calls(void **state)
{
	struct mem_array nothing;
	kva_t target;

	(void)state;
	mem_array_init(&nothing, 0, NULL, 0);
	assert_int_equal(CALL("\xff\xe0"), 0);		   // jmp *%rax
	assert_int_equal(CALL("\xe9\x00\x01\x00\x00"), 0); // jmp
	assert_int_equal(CALL("\xff\xd0\x90"), 0);	   // call *%rax; nop
	assert_int_equal(CALL("\xff\x15\x00\x00"), 0);
	assert_int_equal(CALL("\x90\x90"), 0);
	assert_int_equal(x86_call_before(&nothing.mem, AT, &target), 0); // unreadable
}

static bool jump(const char *bytes, size_t len, kva_t *to)
{
	return x86_jump_at((const uint8_t *)bytes, len, AT, to);
}

#define JUMP(bytes) jump(bytes, sizeof(bytes) - 1, &to)

static void test_jumps(void **state)
{
	kva_t to;

	(void)state;
	assert_true(JUMP("\xe9\x00\x01\x00\x00"));
	assert_int_equal(to, AT + 5 + 0x100);
	assert_true(JUMP("\xeb\x8e"));
	assert_int_equal(to, AT + 2 - 0x72);
	assert_true(JUMP("\x0f\x84\x00\x01\x00\x00")); // je
	assert_int_equal(to, AT + 6 + 0x100);
	assert_true(JUMP("\xff\xe0")); // jmp *%rax
	assert_int_equal(to, 0);
	assert_false(JUMP("\xff\xd0"));
	assert_false(JUMP("\xe9\x00\x01\x00"));
	assert_false(JUMP("\x0f\x84\x00\x01\x00"));
	assert_false(JUMP("\x90"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_no_calls),
		cmocka_unit_test(test_jumps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
