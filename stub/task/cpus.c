// SPDX-License-Identifier: GPL-3.0-or-later
/* cpus.c - assigns saved registers to CPUs.
 * The position of a note in the dump is unreliable, because CPUs that saved nothing have no note.
 * So after a real kdump the kernel's own per-CPU crash_notes decide. QEMU numbers its notes by
 * pr_pid = CPU + 1. */
#include "stub/task/cpus.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/record.h"

#define NOTE_DESC_MAX 1024

/* Before 1717f2096b54 (4.5), only kdump notes which CPU panicked. But until 4.6, the other CPUs
 * leave the online mask when panic() stops them, and stay in the active one. A shutdown stops them
 * in the same way, after it has changed system_state. */
static bool stopped_the_others(struct kernel *k, unsigned *ret)
{
	unsigned n = percpu_ncpus(k), online = 0, stopped = 0;
	int64_t running;
	uint32_t state;
	kva_t va;

	if (kernel_symbol(k, "panic_cpu", &va, NULL) == VS_OK || kernel_need_types(k, NULL) ||
	    types_enumerator(k->types, "SYSTEM_RUNNING", &running, NULL) ||
	    kernel_symbol(k, "system_state", &va, NULL) || mem_read_u32(k->mem, va, &state, NULL) ||
	    state != (uint64_t)running)
		return false;
	for (unsigned cpu = 0; cpu < n; cpu++) {
		if (percpu_is_online(k, cpu)) {
			*ret = cpu;
			online++;
		} else if (percpu_is_active(k, cpu)) {
			stopped++;
		}
	}
	return online == 1 && stopped > 0;
}

vs_status cpu_panicked(struct kernel *k, unsigned *ret, struct err *err)
{
	static const char *const names[] = { "panic_cpu", "crashing_cpu" };
	unsigned only = 0;
	bool known = false;
	vs_status st = VS_OK;

	for (size_t i = 0; i < 2; i++) {
		uint32_t cpu;
		kva_t va;

		st = kernel_symbol(k, names[i], &va, err);
		if (st == VS_OK)
			st = mem_read_u32(k->mem, va, &cpu, err);
		if (st)
			continue;
		known = true;
		// Before 5bc329503e81 (4.12) crashing_cpu is 0 until there is a kdump.
		if (i && cpu == 0 && !vmcoreinfo_str(k->vmci, "CRASHTIME"))
			continue;
		if (cpu < percpu_ncpus(k)) {
			*ret = cpu;
			return VS_OK;
		}
	}
	if (stopped_the_others(k, &only)) {
		*ret = only;
		return VS_OK;
	}
	return known ? fail(err, VS_NOTFOUND, "the kernel had not panicked")
		     : fail_ctx(err, st, "the CPU that panicked");
}

/* The ELF note that crash_save_cpu() wrote into this CPU's crash_notes. */
static vs_status from_crash_notes(struct kernel *k, unsigned cpu, struct regs *ret, struct err *err)
{
	uint8_t buf[12 + 8 + NOTE_DESC_MAX];
	uint64_t pointer, off;
	uint32_t namesz, descsz;
	int32_t pid;
	kva_t va;
	vs_status st = kernel_symbol(k, "crash_notes", &va, err);

	if (st == VS_OK)
		st = mem_read_u64(k->mem, va, &pointer, err);
	if (st == VS_OK)
		st = percpu_offset(k, cpu, &off, err);
	if (st == VS_OK)
		st = mem_read(k->mem, pointer + off, buf, 12 + 8, err);
	if (st)
		return fail_ctx(err, st, "crash_notes of CPU %u", cpu);
	namesz = load_u32(buf);
	descsz = load_u32(buf + 4);
	if (namesz == 0 && descsz == 0)
		return fail(err, VS_NOTFOUND, "CPU %u saved no registers", cpu);
	if (namesz != 5 || load_u32(buf + 8) != NT_PRSTATUS || descsz > NOTE_DESC_MAX)
		return fail(err, VS_CORRUPT, "crash_notes of CPU %u: name size %u, size %u", cpu,
			    namesz, descsz);
	st = mem_read(k->mem, pointer + off + 20, buf + 20, descsz, err);
	if (st)
		return fail_ctx(err, st, "crash_notes of CPU %u", cpu);
	return k->arch->regs_from_prstatus(bytes_of(buf + 20, descsz), ret, &pid, err);
}

static bool is_prstatus(const struct dump_note *n)
{
	return strcmp(n->name, "CORE") == 0 && n->type == NT_PRSTATUS;
}

static bool has_qemu_notes(const struct dump_note *notes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(notes[i].name, "QEMU") == 0)
			return true;
	return false;
}

/* Removes what the file does not have. */
static void drop_segments(const struct kernel *k, const struct dump_note *note, struct regs *r)
{
	if (note->no_segments)
		r->known &= ~k->arch->segment_regs;
}

/* The registers in an NT_PRSTATUS note. */
static vs_status from_note(const struct kernel *k, const struct dump_note *note, struct regs *ret,
			   int32_t *pid, struct err *err)
{
	vs_status st = k->arch->regs_from_prstatus(bytes_of(note->desc, note->len), ret, pid, err);

	if (st == VS_OK)
		drop_segments(k, note, ret);
	return st;
}

/* The i-th QEMU note has control registers that the i-th NT_PRSTATUS lacks. */
static void add_qemu_state(struct kernel *k, const struct dump_note *notes, size_t n, size_t nth,
			   struct regs *r)
{
	struct regs q;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(notes[i].name, "QEMU") != 0 || nth-- > 0)
			continue;
		if (k->arch->regs_from_qemu(bytes_of(notes[i].desc, notes[i].len), &q, NULL))
			return;
		drop_segments(k, &notes[i], &q);
		q.known &= ~r->known;
		for (unsigned reg = 0; reg < ARCH_NREGS; reg++)
			if (regs_has(&q, reg))
				regs_set(r, reg, q.v[reg]);
		return;
	}
}

static vs_status from_dump_notes(struct kernel *k, unsigned cpu, struct regs *ret, struct err *err)
{
	size_t n, nth = 0;
	const struct dump_note *notes = dump_notes(k->dump, &n);
	bool qemu = has_qemu_notes(notes, n);

	for (size_t i = 0; i < n; i++) {
		struct regs r;
		int32_t pid;

		if (!is_prstatus(&notes[i]))
			continue;
		if (from_note(k, &notes[i], &r, &pid, err) == VS_OK &&
		    (qemu ? pid == (int32_t)cpu + 1 : nth == cpu)) {
			add_qemu_state(k, notes, n, nth, &r);
			*ret = r;
			return VS_OK;
		}
		nth++;
	}
	return fail(err, VS_NOTFOUND, "the dump has no registers of CPU %u", cpu);
}

vs_status cpu_frame(struct kernel *k, unsigned cpu, struct frame *ret, struct err *err)
{
	struct frame f = { .interrupted = true };
	vs_status st;

	if (dump_info(k->dump)->live)
		return fail(err, VS_NOTFOUND, "CPU %u is running, its registers are unavailable",
			    cpu);
	// crash_kexec() writes CRASHTIME right before the CPUs save their registers.
	f.how = HOW_CRASHNOTE;
	st = vmcoreinfo_str(k->vmci, "CRASHTIME") && kernel_need_syms(k, NULL) == VS_OK
		     ? from_crash_notes(k, cpu, &f.regs, err)
		     : VS_NOMATCH;
	// Without symbols use the order of the dump's notes, which is right if all CPUs saved one.
	if (st == VS_NOMATCH) {
		f.how = HOW_NOTE;
		st = from_dump_notes(k, cpu, &f.regs, err);
	}
	if (st)
		return st;
	f.slot_va = f.regs.v[k->arch->sp];
	*ret = f;
	return VS_OK;
}

/* cff7d378d3fd (4.6) */
enum { HOTPLUG_STATE };
static const struct record_field hotplug_fields[] = {
	[HOTPLUG_STATE] = { { "state" }, RECORD_UINT, "CONFIG_SMP" },
};
RECORD(hotplug_record, "cpuhp_cpu_state", hotplug_fields);

bool cpu_was_online(struct kernel *k, unsigned cpu)
{
	uint64_t state;
	int64_t online;
	kva_t va;

	return percpu_is_online(k, cpu) || percpu_is_active(k, cpu) ||
	       (percpu_symbol(k, "cpuhp_state", cpu, &va, NULL) == VS_OK &&
		record_field_read(k, &hotplug_record, va, HOTPLUG_STATE, &state, NULL) == VS_OK &&
		types_enumerator(k->types, "CPUHP_ONLINE", &online, NULL) == VS_OK &&
		state == (uint64_t)online);
}

vs_status cpu_note(struct kernel *k, size_t nth, struct frame *ret)
{
	size_t n;
	const struct dump_note *notes = dump_notes(k->dump, &n);

	for (size_t i = 0; i < n; i++) {
		struct frame f = { .how = HOW_NOTE, .interrupted = true };
		int32_t pid;

		if (!is_prstatus(&notes[i]) || nth-- > 0)
			continue;
		if (from_note(k, &notes[i], &f.regs, &pid, NULL))
			f.regs.known = 0;
		f.slot_va = f.regs.v[k->arch->sp];
		*ret = f;
		return VS_OK;
	}
	return VS_NOTFOUND;
}

bool cpu_in_use(struct kernel *k, unsigned cpu)
{
	struct frame f;

	return cpu_was_online(k, cpu) || cpu_frame(k, cpu, &f, NULL) == VS_OK;
}
