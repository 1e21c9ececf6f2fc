// SPDX-License-Identifier: GPL-2.0
/*
 * Faults with a known cause, each in a function of its own. The functions do something after each
 * access, so that no call becomes a jump.
 */
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 12, 0)
#include <linux/kfence.h>
#else
#define is_kfence_address(p) false
#endif
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "l2f.h"

static struct kmem_cache *poison_cache, *plain_cache;
static struct l2f_ops l2f_ops = { .opened = 1, .count = 2 };
/* Volatile: the compiler must not know their values. */
static struct l2f_item *volatile l2f_current;
static volatile unsigned long l2f_cookie = 0x1122334455667788;
static volatile int l2f_users;

int l2f_make_caches(void)
{
	poison_cache = kmem_cache_create("l2f_poison", sizeof(struct l2f_item), 0,
					 SLAB_POISON | SLAB_RED_ZONE, NULL);
	/* With this flag it is never merged with another cache. */
	plain_cache =
		kmem_cache_create("l2f_plain", sizeof(struct l2f_item), 0, SLAB_NOLEAKTRACE, NULL);
	return poison_cache && plain_cache ? 0 : -ENOMEM;
}

/* ---- an object that is used after it was freed ---- */

static noinline long l2f_count(struct l2f_item *item)
{
	struct l2f_ops *ops = item->ops;
	long count = READ_ONCE(ops->count);

	pr_info("l2f: counted %ld\n", count);
	return count;
}

static void free_and_use(struct kmem_cache *cache)
{
	struct l2f_item *item[3];
	int i;

	for (i = 0; i < 3; i++) {
		item[i] = kmem_cache_zalloc(cache, GFP_KERNEL);
		item[i]->id = 100 + i;
		item[i]->ops = &l2f_ops;
	}
	l2f_current = item[1];
	l2f_fact("item", item[1]);
	kmem_cache_free(cache, item[1]);
	pr_err("l2f: still alive: %ld\n", l2f_count(l2f_current));
}

void l2f_poison(void)
{
	free_and_use(poison_cache);
}

void l2f_plain(void)
{
	free_and_use(plain_cache);
}

/* ---- lists ---- */

static LIST_HEAD(l2f_items);
static struct l2f_item l2f_first = { .id = 1 }, l2f_second = { .id = 2 };

static noinline void l2f_remove(struct l2f_item *item)
{
	list_del(&item->link);
	pr_info("l2f: removed %llu\n", item->id);
}

static void fill_list(void)
{
	list_add_tail(&l2f_first.link, &l2f_items);
	list_add_tail(&l2f_second.link, &l2f_items);
}

void l2f_list(void)
{
	fill_list();
	l2f_remove(&l2f_first);
	l2f_remove(&l2f_first);
}

static noinline u64 l2f_next_id(struct l2f_item *item)
{
	struct l2f_item *next = list_next_entry(item, link);
	u64 id = READ_ONCE(next->id);

	pr_info("l2f: next is %llu\n", id);
	return id;
}

void l2f_deleted(void)
{
	fill_list();
	l2f_remove(&l2f_second);
	pr_err("l2f: still alive: %llu\n", l2f_next_id(&l2f_second));
}

/* ---- bad pointers ---- */

static noinline struct l2f_item *l2f_find(u64 id)
{
	struct l2f_item *item = l2f_current;

	pr_info("l2f: looking for %llu\n", id);
	return item ? item : ERR_PTR(-ENODEV);
}

static noinline u64 l2f_flags_of(u64 id)
{
	struct l2f_item *item = l2f_find(id);
	u64 flags = READ_ONCE(item->flags);

	pr_info("l2f: flags %llu\n", flags);
	return flags;
}

void l2f_errptr(void)
{
	pr_err("l2f: still alive: %llu\n", l2f_flags_of(7));
}

static noinline u64 l2f_by_cookie(unsigned long cookie)
{
	struct l2f_item *item = (struct l2f_item *)cookie;

	WRITE_ONCE(item->flags, 9);
	return item->id;
}

void l2f_gp(void)
{
	pr_err("l2f: still alive: %llu\n", l2f_by_cookie(l2f_cookie));
}

static noinline long l2f_set_count(struct l2f_ops *ops, long count)
{
	WRITE_ONCE(ops->count, count);
	return ops->opened;
}

/* The code of a function of this module. */
void l2f_text(void)
{
	pr_err("l2f: still alive: %ld\n", l2f_set_count((struct l2f_ops *)l2f_find, 5));
}

/* The page behind a vmalloc area of two pages. */
void l2f_guard(void)
{
	u8 *area = vmalloc(2 * PAGE_SIZE);

	l2f_fact("area", area);
	pr_err("l2f: still alive: %ld\n", l2f_set_count((void *)(area + 2 * PAGE_SIZE), 6));
}

/* User memory, without copy_to_user(). */
void l2f_user(void)
{
	pr_err("l2f: still alive: %ld\n", l2f_set_count((void *)0x10000000UL, 7));
}

/* ---- others ---- */

static noinline int l2f_average(int total, int users)
{
	int average = total / users;

	pr_info("l2f: %d for each\n", average);
	return average;
}

void l2f_divide(void)
{
	pr_err("l2f: still alive: %d\n", l2f_average(100, l2f_users));
}

static noinline void l2f_fill(char *to, size_t n)
{
	memset(to, 'x', n);
	barrier();
}

static noinline int l2f_smash(size_t n)
{
	char buf[16];

	l2f_fill(buf, n);
	return buf[3] + (int)n;
}

void l2f_smashed(void)
{
	pr_err("l2f: still alive: %d\n", l2f_smash(24 + l2f_users));
}

static noinline int l2f_check_users(int users)
{
	WARN(users != 3, "l2f: %d users", users);
	return users;
}

/* With panic_on_warn. */
void l2f_warn(void)
{
	pr_err("l2f: still alive: %d\n", l2f_check_users(l2f_users));
}

static int l2f_table[4] = { 1, 2, 3, 4 };

static noinline int l2f_entry(int index)
{
	l2f_table[index]++;
	return index + 1;
}

/* With panic_on_warn, on kernels that check the bounds of arrays (UBSAN_BOUNDS). */
void l2f_bounds(void)
{
	pr_err("l2f: still alive: %d\n", l2f_entry(l2f_users + 5));
}

/* With panic_on_warn and KFENCE on: an object of KFENCE, used after it was freed. */
void l2f_kfence(void)
{
	int i;

	for (i = 0; i < 100000; i++) {
		struct l2f_item *item = kmem_cache_zalloc(plain_cache, GFP_KERNEL);
		bool fenced = is_kfence_address(item);

		item->ops = &l2f_ops;
		if (fenced) {
			l2f_fact("item", item);
			l2f_current = item;
		}
		kmem_cache_free(plain_cache, item);
		if (fenced)
			pr_err("l2f: still alive: %ld\n", l2f_count(l2f_current));
		cond_resched();
	}
}
