// SPDX-License-Identifier: GPL-3.0-or-later
/* fuzz_notes.c - any bytes as ELF notes with both kinds of padding, then as their contents. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stub/arch.h"
#include "stub/base/log.h"
#include "stub/dump/file.h"
#include "stub/dump/notes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_registers(const struct notes *ns)
{
	for (size_t i = 0; i < ns->v.n; i++) {
		struct bytes desc = bytes_of(ns->v.v[i].desc, ns->v.v[i].len);
		struct paging pg = { .root = 0 };
		struct regs r;
		int32_t pid;

		if (strlen(ns->v.v[i].name) >= sizeof(ns->v.v[i].name))
			abort();
		(void)arch_x86_64.regs_from_prstatus(desc, &r, &pid, NULL);
		if (arch_x86_64.regs_from_qemu(desc, &r, NULL) == VS_OK)
			(void)arch_x86_64.paging_from_regs(&r, &pg);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct notes ns = { .nprstatus = 0 };
	struct file *f;
	char path[32];

	log_set_level(LOG_ERROR);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	if (file_open(path, &f, NULL) == VS_OK) {
		for (uint64_t align = 4; align <= 8; align += 4)
			(void)notes_load(&ns, f, size > 7 ? data[7] % 16 : 0, size, align, NULL);
		read_registers(&ns);
		(void)notes_find(&ns, "VMCOREINFO");
		file_close(f);
	}
	notes_deinit(&ns);
	close(fd);
	return 0;
}
