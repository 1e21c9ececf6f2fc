// SPDX-License-Identifier: GPL-3.0-or-later
/* faults.c - functions of the synthetic kernel in which faults happen (faults.h). It is compiled
 * once to faults.s, so that each compiler makes the same code and debug information of it:
 *
 *   gcc -S -O2 -g -gno-variable-location-views -gno-column-info -mcmodel=kernel -mno-red-zone
 *       -fno-pic -fcf-protection=none -fno-asynchronous-unwind-tables -fno-stack-protector
 *       -ffreestanding -fdebug-prefix-map=$PWD=/burrow faults.c
 */
struct food {
	int kind, left;
	unsigned long grains[4];
};
struct burrow {
	unsigned long id;
	struct food *food;
	int (*dig)(struct burrow *burrow, int depth);
	struct burrow *next, *prev;
	unsigned long *tunnels;
};
#define IN(address) __attribute__((noinline, noclone, section(".at." #address)))

/* The first has no food, and its members were overwritten; the second has some, now. */
__attribute__((section(".at.ffffffff8224a000"))) struct burrow burrows[2] = {
	{ .id = 1,
	  .next = (struct burrow *)0xdead000000000100,
	  .prev = (struct burrow *)0xdead000000000122,
	  .tunnels = (unsigned long *)0x6b6b6b6b6b6b6b6b },
	{ .id = 2, .food = (struct food *)0xffffffff8224a200 },
};
__attribute__((section(".at.ffffffff8224a100"))) struct food *winter_food =
	(struct food *)0x7f0000001000;

static inline int bite(struct food *food, int size)
{
	return food->left + size;
}

IN(ffffffff82000a00) int burrow_eat(struct burrow *burrow, int size)
{
	return bite(burrow->food, size);
}

IN(ffffffff82000a20) int burrow_dig(struct burrow *burrow)
{
	return burrow->dig(burrow, 7) + 1;
}

IN(ffffffff82000a40) unsigned burrow_share(unsigned food, unsigned moles)
{
	return food / moles;
}

IN(ffffffff82000a60) unsigned long burrow_tunnel(struct burrow *burrow, unsigned long n)
{
	return burrow->tunnels[n];
}

IN(ffffffff82000a80) void burrow_leave(struct burrow *burrow)
{
	burrow->next->prev = burrow->prev;
}

IN(ffffffff82000aa0) int winter_left(void)
{
	return winter_food->left;
}

IN(ffffffff82000ac0) struct food *food_find(struct burrow *burrow)
{
	return burrow->food;
}

IN(ffffffff82000ae0) int burrow_find(struct burrow *burrow)
{
	return food_find(burrow)->left + 1;
}

IN(ffffffff82000b00) void food_copy(struct food *to, const struct food *from)
{
	__asm__ volatile("movsl" : "+D"(to), "+S"(from) : : "memory");
}

IN(ffffffff82000b20) void burrow_bug(void)
{
	__builtin_trap();
}

IN(ffffffff82000b60) int food_before(const struct food *food)
{
	return food[-1].left;
}

IN(ffffffff82000b80) int burrow_store(struct burrow *burrow, int size)
{
	struct food *stored = burrow->food;

	stored->left += size;
	return stored->kind;
}

IN(ffffffff82000ba0)
__attribute__((indirect_branch("thunk-extern"))) int burrow_jump(struct burrow *burrow)
{
	return burrow->dig(burrow, 7) + 1;
}

IN(ffffffff82000b40) unsigned long food_first(const struct food *food)
{
	return food->grains[0];
}

/* The register has no pointer, and the variable is the register plus 16. */
IN(ffffffff82000bc0) int food_behind(unsigned long where)
{
	struct food *food = (struct food *)(where + 16);

	return food->left;
}

/* Ends food_behind() in kallsyms, which have no sizes. */
IN(ffffffff82000be0) void burrow_sleep(void)
{
}
