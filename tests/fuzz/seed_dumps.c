// SPDX-License-Identifier: GPL-3.0-or-later
/* seed_dumps.c - writes small valid dumps of every format into a folder: the corpus of fuzz_dump.
 *   seed_dumps DIR */
#include "tests/unit/dumpfix.h"

static void put(const char *dir, const char *name, const struct buf *b)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f || fwrite(b->p, 1, b->len, f) != b->len || fclose(f) != 0)
		exit(1);
}

/* Only a few pages, so that mutations often hit headers and descriptors. */
static void kdump(const char *dir, const char *name, int version, bool split, bool flat)
{
	struct fix_kdump k;
	struct buf b = { 0 };

	fix_kdump_mixed(&k);
	for (size_t i = 9; i < FIX_PAGES; i++)
		k.page[i] = FIX_HOLE;
	k.version = version;
	k.split = split;
	k.start = 1;
	k.end = 9;
	fix_kdump_build(&k);
	if (flat)
		fix_flatten(&b, &k.b, 4096);
	put(dir, name, flat ? &b : &k.b);
	buf_deinit(&b);
	fix_kdump_deinit(&k);
}

/* So many small records that the fuzzer's index (FLATMAP_ENTRIES in the Makefile) groups them. */
static void flatten_in_order(struct buf *b, const struct buf *in)
{
	fix_flat_header(b);
	for (size_t off = 0; off < in->len; off += 40) {
		size_t n = in->len - off < 40 ? in->len - off : 40;

		fix_flat_record(b, (int64_t)off, (int64_t)n, in->p + off, n);
	}
	fix_flat_end(b);
}

enum flat { PLAIN, FLAT, FLAT_SMALL };

static void elf(const char *dir, const char *name, bool xnum, enum flat flat)
{
	struct fix_elf e = { .xnum = xnum };
	struct buf b = { 0 };

	fix_note(&e.notes, "CORE", 1, "prstatus", 8);
	fix_note(&e.notes, "VMCOREINFO", 0, FIX_VMCOREINFO, sizeof(FIX_VMCOREINFO) - 1);
	fix_elf_load(&e, 0x1000, 0x800, 0x3000);
	fix_elf_load(&e, 0x1800, 0x300, 0x300);
	fix_elf_load(&e, 0x1000, 0x1000, 0x1000);
	fix_elf_build(&e);
	if (flat == FLAT)
		fix_flatten(&b, &e.b, 300);
	else if (flat == FLAT_SMALL)
		flatten_in_order(&b, &e.b);
	put(dir, name, flat ? &b : &e.b);
	buf_deinit(&b);
	fix_elf_deinit(&e);
}

/* Two ranges, of which the second is cut. */
static void lime(const char *dir)
{
	struct buf b = { 0 };

	for (uint64_t pa = 0x1000; pa < 0x10000; pa *= 4) {
		const uint64_t head[] = { 0x14c694d45, pa, pa + 0x1fff, 0 };

		buf_put(&b, head, sizeof(head));
		for (unsigned i = 0; i < 0x1800; i++)
			buf_putc(&b, (char)fix_byte_at(pa + i));
		if (pa == 0x1000)
			for (unsigned i = 0x1800; i < 0x2000; i++)
				buf_putc(&b, (char)fix_byte_at(pa + i));
	}
	put(dir, "lime", &b);
	buf_deinit(&b);
}

/* Raw memory of two pages, of which the second has a VMCOREINFO note. */
static void raw(const char *dir)
{
	static const char text[] = FIX_VMCOREINFO;
	const uint32_t head[] = { 11, sizeof(text) - 1, 0 };
	struct buf b = { 0 };

	for (unsigned i = 0; i < 0x1000; i++)
		buf_putc(&b, (char)fix_byte_at(i));
	buf_put(&b, head, sizeof(head));
	buf_put(&b, "VMCOREINFO\0", 12);
	buf_puts(&b, text);
	while (b.len < 0x2000)
		buf_putc(&b, 0);
	put(dir, "raw", &b);
	buf_deinit(&b);
}

/* QEMU's stream with a page, a page of zeros, and a CPU. */
static void qevm(const char *dir)
{
	static const char start[] = "QEVM\0\0\0\3\1\0\0\0\1\3ram\0\0\0\0\0\0\0\4"
				    "\0\0\0\0\0\0\x20\4\6pc.ram\0\0\0\0\0\0\x20\0"
				    "\0\0\0\0\0\0\0\x10\x7e\0\0\0\1"
				    "\2\0\0\0\1\0\0\0\0\0\0\0\x8\6pc.ram";
	static const char zero[] = "\0\0\0\0\0\0\x10\x22\0\0\0\0\0\0\0\0\x10\x7e\0\0\0\1"
				   "\4\0\0\0\2\3cpu\0\0\0\0\0\0\0\xc";
	struct buf b = { 0 };

	buf_put(&b, start, sizeof(start) - 1);
	for (unsigned i = 0; i < 0x1000; i++)
		buf_putc(&b, (char)fix_byte_at(i));
	buf_put(&b, zero, sizeof(zero) - 1);
	for (unsigned i = 0; i < 900; i++)
		buf_putc(&b, (char)fix_byte_at(i));
	buf_put(&b, "\x7e\0\0\0\2\0", 6);
	put(dir, "qevm", &b);
	buf_deinit(&b);
}

/* The same with mapped-ram: the bitmap says that the first page has data. */
static void qevm_mapped(const char *dir)
{
	static const char start[] = "QEVM\0\0\0\3\7\0\0\0\2pc\5\32configuration/capabilities"
				    "\0\0\0\1\0\0\0\1\12mapped-ram"
				    "\1\0\0\0\1\3ram\0\0\0\0\0\0\0\4"
				    "\0\0\0\0\0\0\x20\4\6pc.ram\0\0\0\0\0\0\x20\0"
				    "\0\0\0\1\0\0\0\0\0\0\x10\0\0\0\0\0\0\0\0\xa0"
				    "\0\0\0\0\0\0\x10\0";
	static const char end[] = "\0\0\0\0\0\0\0\x10\x7e\0\0\0\1"
				  "\3\0\0\0\1\0\0\0\0\0\0\0\x10\x7e\0\0\0\1\0";
	struct buf b = { 0 };

	buf_put(&b, start, sizeof(start) - 1);
	fix_zeros(&b, 0x3000 - b.len);
	b.p[0xa0] = 1;
	for (unsigned i = 0; i < 0x1000; i++)
		b.p[0x1000 + i] = (char)fix_byte_at(i);
	buf_put(&b, end, sizeof(end) - 1);
	put(dir, "qevm-mapped", &b);
	buf_deinit(&b);
}

/* AVML's framed snappy: a packed page of zeros (a literal, then copies of it). */
static void avml(const char *dir)
{
	const uint64_t head[] = { 0x24c4d5641, 0x1000, 0x1fff, 0 };
	static const char chunk[] = "\xff\x06\0\0sNaPpY\0\xc8\0\0\x35\x4f\x6d\xc2\x80\x20\0\0";
	struct buf b = { 0 };

	buf_put(&b, head, sizeof(head));
	buf_put(&b, chunk, sizeof(chunk) - 1);
	for (unsigned i = 0; i < 64; i++)
		buf_put(&b, "\xfe\1\0", 3); // 64 bytes from 1 byte before
	buf_put(&b, "\xd6\0\0\0\0\0\0\0", 8);
	put(dir, "avml", &b);
	buf_deinit(&b);
}

static void vmware_item(struct buf *b, const char *name, unsigned nindexes, uint32_t first,
			const void *value, size_t len)
{
	uint32_t index[3] = { first, 0, 0 };

	buf_putc(b, (char)(nindexes << 6 | len));
	buf_putc(b, (char)strlen(name));
	buf_puts(b, name);
	buf_put(b, index, 4 * (size_t)nindexes);
	buf_put(b, value, len);
}

static void vmware_group(struct buf *b, const char *name, uint64_t off, uint64_t len)
{
	char text[64] = { 0 };
	const uint64_t where[] = { off, len };

	memcpy(text, name, strlen(name));
	buf_put(b, text, sizeof(text));
	buf_put(b, where, sizeof(where));
}

/* VMware's suspend file with a CPU, and a page at 0x1000. */
static void vmware(const char *dir)
{
	static const char *const regs[] = { "rax", "rcx", "rdx", "rbx", "rbp", "rsp",
					    "rsi", "rdi", "r8",	 "r9",	"r10", "r11",
					    "r12", "r13", "r14", "r15", "rip" };
	const uint32_t head[] = { 0xbed2bed2, 8, 2 }, one = 1, zero = 0;
	const uint64_t size[] = { 0x1000, 0x1000 }, value = 0xffffffff81000000;
	struct buf b = { 0 }, cpu = { 0 }, mem = { 0 };

	vmware_item(&cpu, "cpu:numVCPUs", 0, 0, &one, 4);
	for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]); i++)
		vmware_item(&cpu, regs[i], 1, 0, &value, 8);
	vmware_item(&cpu, "CR64", 2, 0, &value, 8);
	buf_put(&cpu, "\0", 2);
	vmware_item(&mem, "regionsCount", 0, 0, &one, 4);
	vmware_item(&mem, "regionPageNum", 1, 0, &zero, 4);
	vmware_item(&mem, "regionPPN", 1, 0, &one, 4);
	vmware_item(&mem, "regionSize", 1, 0, &one, 4);
	buf_put(&mem, "\xbf\6Memory\0\0\0\0\0\0\0", 16);
	buf_put(&mem, size, sizeof(size));
	buf_put(&mem, "\0", 2);
	for (unsigned i = 0; i < 0x1000; i++)
		buf_putc(&mem, (char)fix_byte_at(0x1000 + i));
	buf_put(&b, head, sizeof(head));
	vmware_group(&b, "cpu", 172, cpu.len);
	vmware_group(&b, "memory", 172 + cpu.len, mem.len);
	buf_put(&b, cpu.p, cpu.len);
	buf_put(&b, mem.p, mem.len);
	put(dir, "vmware", &b);
	buf_deinit(&b);
	buf_deinit(&cpu);
	buf_deinit(&mem);
}

static void xen_section(struct buf *b, uint32_t name, uint64_t off, uint64_t len)
{
	Elf64_Shdr sh = { .sh_name = name, .sh_type = 1, .sh_offset = off, .sh_size = len };

	buf_put(b, &sh, sizeof(sh));
}

static void xen_pad(struct buf *b, size_t len)
{
	while (b->len < len)
		buf_putc(b, 0);
}

/* `xl dump-core` of a paravirtual guest with a CPU and two pages. */
static void xen(const char *dir)
{
	static const char names[] = "\0.shstrtab\0.note.Xen\0.xen_prstatus\0.xen_pages\0.xen_p2m";
	const Elf64_Ehdr eh = { .e_ident = "\177ELF\2\1\1",
				.e_type = ET_CORE,
				.e_machine = EM_X86_64,
				.e_shoff = 64,
				.e_shentsize = 64,
				.e_shnum = 6,
				.e_shstrndx = 1 };
	const uint64_t header[] = { 0xf00febed, 1, 2, 4096 }, frames[] = { 1, 0x101, 5, 0x300 };
	struct buf b = { 0 }, notes = { 0 };

	fix_note(&notes, "Xen", 0x2000001, header, sizeof(header));
	buf_put(&b, &eh, sizeof(eh));
	xen_section(&b, 0, 0, 0);
	xen_section(&b, 1, 0x200, sizeof(names));
	xen_section(&b, 11, 0x280, notes.len);
	xen_section(&b, 21, 0x400, 5168);
	xen_section(&b, 35, 0x2000, 0x2000);
	xen_section(&b, 46, 0x300, sizeof(frames));
	xen_pad(&b, 0x200);
	buf_put(&b, names, sizeof(names));
	xen_pad(&b, 0x280);
	buf_put(&b, notes.p, notes.len);
	xen_pad(&b, 0x300);
	buf_put(&b, frames, sizeof(frames));
	xen_pad(&b, 0x2000);
	for (unsigned i = 0; i < 0x2000; i++)
		buf_putc(&b, (char)fix_byte_at(0x1000 + i));
	put(dir, "xen", &b);
	buf_deinit(&b);
	buf_deinit(&notes);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	kdump(argv[1], "kdump6", 6, false, false);
	kdump(argv[1], "kdump1", 1, false, false);
	kdump(argv[1], "kdump-split", 6, true, false);
	kdump(argv[1], "kdump-flat", 6, false, true);
	elf(argv[1], "elf", false, PLAIN);
	elf(argv[1], "elf-xnum", true, PLAIN);
	elf(argv[1], "elf-flat", false, FLAT);
	elf(argv[1], "elf-flat-small", false, FLAT_SMALL);
	lime(argv[1]);
	avml(argv[1]);
	raw(argv[1]);
	qevm(argv[1]);
	qevm_mapped(argv[1]);
	vmware(argv[1]);
	xen(argv[1]);
	return 0;
}
