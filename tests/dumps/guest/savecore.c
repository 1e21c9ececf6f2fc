/*
 * Copies /proc/vmcore to a disk, from an offset on, and prints its size:
 * savecore DISK OFFSET. tar would do, but reading /proc/vmcore has the kernel
 * map and unmap each page, which an emulated CPU is slow at, and most pages of
 * a fresh guest are zero. So this one maps many pages at a time, and leaves
 * out zeros, as the disk is all zeros before.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK  65536ULL
#define WINDOW (16 << 20)

static char block[BLOCK] __attribute__((aligned(4096)));

static int is_zero(const char *data, size_t size)
{
	return !data[0] && memcmp(data, data + 1, size - 1) == 0;
}

/* The disk takes whole blocks only (O_DIRECT, which leaves this kernel's little memory alone). */
static int put_block(int disk, uint64_t at, const char *data, size_t size)
{
	if (is_zero(data, size))
		return 0;
	memcpy(block, data, size);
	memset(block + size, 0, BLOCK - size);
	return pwrite(disk, block, BLOCK, at) == (ssize_t)BLOCK ? 0 : -1;
}

static int put_window(int core, uint64_t from, size_t size, int disk, uint64_t offset)
{
	char *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, core, from);
	int bad = data == MAP_FAILED;

	for (size_t at = 0; !bad && at < size; at += BLOCK)
		bad = put_block(disk, offset + from + at, data + at,
				size - at < BLOCK ? size - at : BLOCK);
	if (data != MAP_FAILED)
		munmap(data, size);
	return bad ? -1 : 0;
}

int main(int count, char **arguments)
{
	int core = open("/proc/vmcore", O_RDONLY);
	int disk = count == 3 ? open(arguments[1], O_WRONLY | O_DIRECT) : -1;
	uint64_t offset = count == 3 ? strtoull(arguments[2], NULL, 0) : 0;
	struct stat file;

	if (core < 0 || disk < 0 || fstat(core, &file) != 0 || file.st_size == 0) {
		perror("savecore");
		return 1;
	}
	for (uint64_t at = 0; at < (uint64_t)file.st_size; at += WINDOW) {
		uint64_t left = file.st_size - at;

		if (put_window(core, at, left < WINDOW ? left : WINDOW, disk, offset) != 0) {
			perror("savecore");
			return 1;
		}
	}
	printf("%llu\n", (unsigned long long)file.st_size);
	return 0;
}
