// SPDX-License-Identifier: GPL-3.0-or-later
/* fuzz_monitor.c - any bytes as what a user types, on a kernel with only a few symbols. The input
 * up to a NUL is the line; the rest is memory. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/monitor/monitor.h"
#include "tests/fuzz/kern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A dump of one page without notes, opened once, because verbs print its name and size. */
static struct dump *tiny_dump(void)
{
	static struct dump *d;
	struct {
		Elf64_Ehdr eh;
		Elf64_Phdr ph;
		uint8_t page[4096];
	} file = { .eh = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			   .e_type = ET_CORE,
			   .e_machine = EM_X86_64,
			   .e_version = EV_CURRENT,
			   .e_phoff = sizeof(Elf64_Ehdr),
			   .e_ehsize = sizeof(Elf64_Ehdr),
			   .e_phentsize = sizeof(Elf64_Phdr),
			   .e_phnum = 1 },
		   .ph = { .p_type = PT_LOAD,
			   .p_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
			   .p_filesz = 4096,
			   .p_memsz = 4096 } };
	char path[40];
	const char *paths[1] = { path };
	int fd;

	if (d)
		return d;
	fd = memfd_create("dump", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || write(fd, &file, sizeof(file)) != (ssize_t)sizeof(file) ||
	    dump_open(paths, 1, &d, NULL))
		abort();
	return d;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = memchr(data, 0, size);
	struct fuzz_kernel f;
	struct monitor m = { .k = &f.fk.k };
	AUTO(buf) out = { 0 };
	struct err err;

	if (!nul)
		return 0;
	log_set_level(LOG_ERROR);
	fuzz_kernel_init(&f, nul, size - (size_t)(nul - data), "", fix_btf_modules);
	f.fk.k.dump = tiny_dump();
	// page walks: the input is the tables, too
	f.fk.k.kmem = kmem_create(&arch_x86_64, &f.array.mem);
	if (!f.fk.k.kmem)
		abort();
	kmem_set_paging(f.fk.k.kmem, &(struct paging){ .root = 4096, .levels = 4 });
	fix_kernel_symbol(&f.fk, "a", 0);
	fix_kernel_symbol(&f.fk, "b", 0x10);
	fix_kernel_symbol(&f.fk, "_stext", 0xffffffff81000000ULL);
	if (symtab_seal(f.fk.k.syms) &&
	    monitor_run_list(&m, (const char *)data, &out, NULL, NULL, &err) != VS_OK &&
	    !err.msg[0])
		abort();
	kmem_destroy(f.fk.k.kmem);
	fuzz_kernel_deinit(&f);
	return 0;
}
