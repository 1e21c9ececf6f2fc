/*
 * w_swapped NAME CPU PAGES [DEVICE PRIORITY] - memory that is on a swap device and nowhere else, as
 * far as the kernel follows the advice. Swaps to DEVICE from then on. Its line has the address of
 * that memory. Page i is of kind i % 6; tests compute the same (tests/e2e/swapped.py).
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/swap.h>

#include "stay.h"

enum { PAGE = 4096 };

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void fill_random(unsigned char *page, size_t from, size_t to, uint64_t *state)
{
	for (size_t i = from; i < to; i += 8) {
		uint64_t value = next(state);

		memcpy(page + i, &value, 8);
	}
}

static void fill(unsigned char *page, unsigned i)
{
	uint64_t state = 0x9e3779b97f4a7c15 * (i + 1);
	size_t at = 0;

	switch (i % 6) {
	case 0: /* zeros, but written to */
		memset(page, 1, PAGE);
		memset(page, 0, PAGE);
		break;
	case 1: /* one word, all over */
		fill_random(page, 0, 8, &state);
		for (at = 8; at < PAGE; at += 8)
			memcpy(page + at, page, 8);
		break;
	case 2: /* text */
		while (at + 64 <= PAGE)
			at += (size_t)sprintf((char *)page + at, "line at %zu of page %u\n", at, i);
		break;
	case 3: /* cannot be compressed */
		fill_random(page, 0, PAGE, &state);
		break;
	case 4: /* short and long runs of zeros between random words */
		while (at < PAGE) {
			fill_random(page, at, at + 8, &state);
			at += 16 + 8 * (state % (4u << i / 6 % 6));
		}
		break;
	case 5: /* random, then what was there before, from ever farther away */
		fill_random(page, 0, 512 + 128 * (i / 6 % 24), &state);
		for (at = 512 + 128 * (i / 6 % 24); at < PAGE; at++)
			page[at] = page[(at * 7 / 8 & ~3u) % 512 + at % 4];
		break;
	}
}

int main(int argc, char **argv)
{
	unsigned pages = argc > 3 ? (unsigned)atoi(argv[3]) : 0;
	size_t size = (size_t)pages * PAGE;
	unsigned char *memory;
	cpu_set_t cpus;

	if (!pages)
		return 2;
	if (argc > 5 && swapon(argv[4], SWAP_FLAG_PREFER | (atoi(argv[5]) & SWAP_FLAG_PRIO_MASK))) {
		perror(argv[4]);
		return 1;
	}
	CPU_ZERO(&cpus);
	CPU_SET(atoi(argv[2]), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	prctl(PR_SET_NAME, argv[1]);
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	madvise(memory, size, MADV_NOHUGEPAGE);
	for (unsigned i = 0; i < pages; i++)
		fill(memory + (size_t)i * PAGE, i);
	madvise(memory, size, MADV_PAGEOUT);
	printf("%s %d %p\n", argv[1], (int)getpid(), (void *)memory);
	fflush(stdout);
	pause();
	return 1;
}
