// SPDX-License-Identifier: GPL-3.0-or-later
/* btfelf - writes an ELF file with only the types of a BTF blob, as vmstub shows them to gdb.
 * btfelf BTF OUT: BTF is the content of a .BTF section. */
#include <stdio.h>
#include <stdlib.h>

#include "stub/base/cleanup.h"
#include "stub/elf/btfdwarf.h"
#include "stub/elf/btftab.h"
#include "stub/elf/symimage.h"

#define SOMEWHERE 0x10000

static bool nowhere(void *ctx, const char *name, bool function, struct btfdwarf_place *ret)
{
	(void)ctx, (void)name, (void)function, (void)ret;
	return false;
}

static void *read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	size_t cap = 64u << 20;
	char *p = malloc(cap);

	if (!f || !p)
		exit(2);
	*len = fread(p, 1, cap, f);
	fclose(f);
	return p;
}

int main(int argc, char **argv)
{
	struct btfdwarf_source src = { .unit = "vmlinux.btf", .find = nowhere };
	struct btfdwarf d = { 0 };
	struct btftab *t = NULL;
	struct buf out = { 0 };
	AUTO_FREE void *data = NULL;
	struct err err;
	size_t len;
	FILE *f;

	if (argc != 3)
		return 2;
	data = read_file(argv[1], &len);
	if (btftab_create(data, len, NULL, &t, &err)) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	if (t->nbad)
		fprintf(stderr, "%s; %u types are bad\n", t->why.msg, t->nbad);
	src.types = t;
	if (btfdwarf_build(&src, &d, &err) ||
	    symimage_build(NULL, 0, SOMEWHERE, 2 * SOMEWHERE, NULL, &d, &out, &err)) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	f = fopen(argv[2], "wb");
	if (!f || fwrite(out.p, 1, out.len, f) != out.len || fclose(f))
		return 2;
	btfdwarf_deinit(&d);
	buf_deinit(&out);
	btftab_destroy(t);
	return 0;
}
