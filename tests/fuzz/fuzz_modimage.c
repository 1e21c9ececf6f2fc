// SPDX-License-Identifier: GPL-3.0-or-later
/* fuzz_modimage.c - any bytes as a kernel module, and as its own debug file.
 * Skips inputs that start like .gz, .bz2 and .xz: libdw unpacks these before vmstub sees a byte, so
 * they would only fuzz the libraries. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/elf/modimage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_packed(const uint8_t *data, size_t size)
{
	return size > 3 && (memcmp(data, "\x1f\x8b", 2) == 0 || memcmp(data, "BZh", 3) == 0 ||
			    memcmp(data,
				   "\xfd"
				   "7z",
				   3) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct image_section sections[] = {
		{ .name = ".text", .va = UINT64_C(0xffffffffc0221000) },
		{ .name = ".data", .va = UINT64_C(0xffffffffc0223000), .size = 0x100 },
		{ .name = ".bss", .va = UINT64_MAX - 0x10 },
		{ .name = ".data..percpu", .va = 0x2b03a000 },
		{ .name = ".eh_frame", .va = UINT64_C(0xffffffffc0222000) },
		{ .name = ".init.text", .va = UINT64_C(0xffffffffc0221000), .init_live = true },
	};
	AUTO(buf) out = { 0 };
	struct err err = { 0 };
	char path[40];
	int fd;

	log_set_level(LOG_ERROR);
	fd = is_packed(data, size) ? -1 : memfd_create("ko", MFD_CLOEXEC);
	if (fd < 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, data, size) == (ssize_t)size) {
		modimage_build(path, NULL, sections, sizeof(sections) / sizeof(sections[0]), NULL,
			       &out, &err);
		modimage_build(path, path, sections, sizeof(sections) / sizeof(sections[0]), NULL,
			       &out, &err);
	}
	close(fd);
	return 0;
}
