// SPDX-License-Identifier: GPL-3.0-or-later
/* archs: finds a dump's architecture. */
#include "tests/unit/memfix.h"

#include <elf.h>
#include <stdio.h>

#include "arch/archs.h"
#include "stub/dump/dump.h"

static vs_status find(uint16_t elf_machine, const char *machine, const struct arch_ops **ret,
		      struct err *err)
{
	struct dump_info info = { .path = "/dump", .elf_machine = elf_machine };

	snprintf(info.machine, sizeof(info.machine), "%s", machine);
	return arch_of_dump(&info, ret, err);
}

static void test_known(void **state)
{
	const struct arch_ops *a = NULL;
	struct err err;

	(void)state;
	assert_int_equal(find(EM_X86_64, "", &a, &err), VS_OK);
	assert_ptr_equal(a, &arch_x86_64);
	a = NULL;
	assert_int_equal(find(0, "x86_64", &a, &err), VS_OK);
	assert_ptr_equal(a, &arch_x86_64);
	a = NULL;
	assert_int_equal(find(0, "", &a, &err), VS_OK); // unknown
	assert_ptr_equal(a, &arch_x86_64);
}

static void test_unknown(void **state)
{
	const struct arch_ops *a = NULL;
	struct err err;

	(void)state;
	assert_int_equal(find(EM_AARCH64, "", &a, &err), VS_UNSUPPORTED);
	assert_string_equal(err.msg, "/dump: e_machine 183 (aarch64), only x86_64 is supported");
	assert_int_equal(find(EM_AARCH64, "x86_64", &a, &err), VS_UNSUPPORTED);
	assert_int_equal(find(EM_386, "", &a, &err), VS_UNSUPPORTED);
	assert_int_equal(find(0, "aarch64", &a, &err), VS_UNSUPPORTED);
	assert_string_equal(err.msg, "/dump: machine \"aarch64\", only x86_64 is supported");
	assert_int_equal(find(0, "x86_64x", &a, &err), VS_UNSUPPORTED);
	assert_int_equal(find(0, "x86", &a, &err), VS_UNSUPPORTED);
	assert_null(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
