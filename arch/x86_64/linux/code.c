// SPDX-License-Identifier: GPL-3.0-or-later
/* code.c - the names of kernel code that an unwinder must know, and the layout of code made at run
 * time. */
#include "arch/x86_64/linux/linux.h"

#include <string.h>

#include "stub/kernel/kernel.h"

#define MAX_TEMPLATE 2048 /* bytes, of an optimized kprobe's code */

bool linux_x86_is_thunk(const char *symbol)
{
	return strstr(symbol, "__x86_indirect");
}

bool linux_x86_starts_cpu(const char *symbol)
{
	return strncmp(symbol, "secondary_startup_64", strlen("secondary_startup_64")) == 0 ||
	       strcmp(symbol, "start_cpu") == 0;
}

bool linux_x86_is_trap(const char *symbol)
{
	return strcmp(symbol, "asm_exc_int3") == 0 || strcmp(symbol, "int3") == 0; // until 5.7
}

/* Until 5.7 without "asm_exc_". */
enum fault_kind linux_x86_exception(const char *symbol)
{
	static const struct {
		const char *name;
		enum fault_kind kind;
	} entries[] = {
		{ "page_fault", FAULT_PAGE },
		{ "async_page_fault", FAULT_PAGE },
		{ "general_protection", FAULT_PROTECTION },
		{ "double_fault", FAULT_STACK },
		{ "invalid_op", FAULT_INVALID_OPCODE },
		{ "divide_error", FAULT_DIVIDE },
		{ "int3", FAULT_BREAKPOINT },
		{ "stack_segment", FAULT_OTHER },
		{ "alignment_check", FAULT_OTHER },
	};

	if (strncmp(symbol, "asm_exc_", strlen("asm_exc_")) == 0)
		symbol += strlen("asm_exc_");
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		if (strcmp(symbol, entries[i].name) == 0)
			return entries[i].kind;
	return FAULT_NONE;
}

/* crash_nmi_callback() and smp_stop_nmi_callback() do return on the CPU that sends the NMIs, but
 * make no calls there. */
const struct final_function linux_x86_final_functions[] = {
	{ "stop_this_cpu", true },
	{ "crash_nmi_callback", true },
	{ "smp_stop_nmi_callback", true },
	{ NULL, false },
};

static bool template_offset(struct kernel *k, const char *name, kva_t entry, uint16_t *ret)
{
	kva_t va;

	if (kernel_symbol(k, name, &va, NULL) || va < entry || va - entry > MAX_TEMPLATE)
		return false;
	*ret = (uint16_t)(va - entry);
	return true;
}

/* The code is a copy of the template in kprobes/opt.c, which loads the probe's address with
 * "mov $op, %rdi". */
bool linux_x86_optprobe(struct kernel *k, kva_t start, uint64_t size, struct optprobe_code *ret)
{
	struct optprobe_code c;
	kva_t entry;

	if (kernel_symbol(k, "optprobe_template_entry", &entry, NULL) ||
	    !template_offset(k, "optprobe_template_val", entry, &c.args) ||
	    !template_offset(k, "optprobe_template_call", entry, &c.call) ||
	    !template_offset(k, "optprobe_template_end", entry, &c.copy) || c.args + 10 > c.call ||
	    c.call >= c.copy || c.copy >= size ||
	    mem_read_u64(k->mem, start + c.args + 2, &c.probe, NULL))
		return false;
	*ret = c;
	return true;
}
