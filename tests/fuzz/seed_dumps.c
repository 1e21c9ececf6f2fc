/* seed_dumps.c - write small valid dumps of every format into a folder: the corpus of fuzz_dump.
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

/* Few pages, so that mutations hit headers and descriptors often. */
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

static void elf(const char *dir, const char *name, bool xnum, bool flat)
{
	struct fix_elf e = { .xnum = xnum };
	struct buf b = { 0 };

	fix_note(&e.notes, "CORE", 1, "prstatus", 8);
	fix_note(&e.notes, "VMCOREINFO", 0, FIX_VMCOREINFO, sizeof(FIX_VMCOREINFO) - 1);
	fix_elf_load(&e, 0x1000, 0x800, 0x3000);
	fix_elf_load(&e, 0x1800, 0x300, 0x300);
	fix_elf_load(&e, 0x1000, 0x1000, 0x1000);
	fix_elf_build(&e);
	if (flat)
		fix_flatten(&b, &e.b, 300);
	put(dir, name, flat ? &b : &e.b);
	buf_deinit(&b);
	fix_elf_deinit(&e);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	kdump(argv[1], "kdump6", 6, false, false);
	kdump(argv[1], "kdump1", 1, false, false);
	kdump(argv[1], "kdump-split", 6, true, false);
	kdump(argv[1], "kdump-flat", 6, false, true);
	elf(argv[1], "elf", false, false);
	elf(argv[1], "elf-xnum", true, false);
	elf(argv[1], "elf-flat", false, true);
	return 0;
}
