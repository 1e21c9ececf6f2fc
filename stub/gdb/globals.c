// SPDX-License-Identifier: GPL-3.0-or-later
/* globals.c - finds the types of well-known global variables. */
#include "stub/gdb/globals.h"

#include <string.h>

#include "stub/elf/btftab.h"

/* Sorted by name. In all releases from 5.10 to 7.3 that have it, a variable here has this type. */
static const struct {
	const char *name, *type;
} known[] = {
	{ "__cpu_active_mask", "struct cpumask" },
	{ "__cpu_online_mask", "struct cpumask" },
	{ "__cpu_possible_mask", "struct cpumask" },
	{ "__cpu_present_mask", "struct cpumask" },
	{ "_totalram_pages", "atomic_long_t" },
	{ "acpi_disabled", "int" },
	{ "boot_cpu_data", "struct cpuinfo_x86" },
	{ "bpf_jit_enable", "int" },
	{ "btf_idr", "struct idr" },
	{ "cad_pid", "struct pid *" },
	{ "cgroup_roots", "struct list_head" },
	{ "cgrp_dfl_root", "struct cgroup_root" },
	{ "clocksource_list", "struct list_head" },
	{ "console_drivers", "struct console *" },
	{ "console_list", "struct hlist_head" },
	{ "console_sem", "struct semaphore" },
	{ "cpu_hw_events", "struct cpu_hw_events" },
	{ "cpu_info", "struct cpuinfo_x86" },
	{ "cpu_khz", "unsigned int" },
	{ "cpu_number", "int" },
	{ "cpu_tlbstate", "struct tlb_state" },
	{ "cpu_tss_rw", "struct tss_struct" },
	{ "crashk_res", "struct resource" },
	{ "current_task", "struct task_struct *" },
	{ "default_hstate_idx", "unsigned int" },
	{ "dentry_hashtable", "struct hlist_bl_head *" },
	{ "dev_base_lock", "rwlock_t" },
	{ "devices_kset", "struct kset *" },
	{ "e820_table", "struct e820_table *" },
	{ "ftrace_trace_arrays", "struct list_head" },
	{ "global_trace", "struct trace_array" },
	{ "hrtimer_bases", "struct hrtimer_cpu_base" },
	{ "init_cred", "struct cred" },
	{ "init_css_set", "struct css_set" },
	{ "init_files", "struct files_struct" },
	{ "init_fs", "struct fs_struct" },
	{ "init_ipc_ns", "struct ipc_namespace" },
	{ "init_mm", "struct mm_struct" },
	{ "init_net", "struct net" },
	{ "init_nsproxy", "struct nsproxy" },
	{ "init_pid_ns", "struct pid_namespace" },
	{ "init_sighand", "struct sighand_struct" },
	{ "init_signals", "struct signal_struct" },
	{ "init_struct_pid", "struct pid" },
	{ "init_task", "struct task_struct" },
	{ "init_user_ns", "struct user_namespace" },
	{ "init_uts_ns", "struct uts_namespace" },
	{ "initcall_debug", "bool" },
	{ "inode_hashtable", "struct hlist_head *" },
	{ "iomem_resource", "struct resource" },
	{ "ioport_resource", "struct resource" },
	{ "irq_stat", "irq_cpustat_t" },
	{ "jiffies", "volatile unsigned long" },
	{ "jiffies_64", "u64" },
	{ "kernel_cpustat", "struct kernel_cpustat" },
	{ "kexec_crash_image", "struct kimage *" },
	{ "kexec_image", "struct kimage *" },
	{ "ksoftirqd", "struct task_struct *" },
	{ "kstat", "struct kernel_stat" },
	{ "kthreadd_task", "struct task_struct *" },
	{ "log_buf", "char *" },
	{ "log_buf_len", "u32" },
	{ "loops_per_jiffy", "unsigned long" },
	{ "lpj_fine", "unsigned long" },
	{ "map_idr", "struct idr" },
	{ "max_low_pfn", "unsigned long" },
	{ "max_pfn", "unsigned long" },
	{ "memblock", "struct memblock" },
	{ "min_low_pfn", "unsigned long" },
	{ "module_kset", "struct kset *" },
	{ "modules", "struct list_head" },
	{ "mount_hashtable", "struct hlist_head *" },
	{ "net_namespace_list", "struct list_head" },
	{ "net_todo_list", "struct list_head" },
	{ "nr_cpu_ids", "unsigned int" },
	{ "nr_irqs", "int" },
	{ "nr_swap_pages", "atomic_long_t" },
	{ "nr_swapfiles", "unsigned int" },
	{ "nr_threads", "int" },
	{ "oom_lock", "struct mutex" },
	{ "oops_in_progress", "int" },
	{ "page_offset_base", "unsigned long" },
	{ "panic_cpu", "atomic_t" },
	{ "panic_on_oops", "int" },
	{ "panic_timeout", "int" },
	{ "pernet_list", "struct list_head" },
	{ "phys_base", "unsigned long" },
	{ "pid_max", "int" },
	{ "pidmap_lock", "spinlock_t" },
	{ "prb", "struct printk_ringbuffer *" },
	{ "proc_root", "struct proc_dir_entry" },
	{ "prog_idr", "struct idr" },
	{ "pv_ops", "struct paravirt_patch_template" },
	{ "rcu_state", "struct rcu_state" },
	{ "root_device_name", "char *" },
	{ "root_task_group", "struct task_group" },
	{ "runqueues", "struct rq" },
	{ "saved_command_line", "char *" },
	{ "shadow_timekeeper", "struct timekeeper" },
	{ "shrinker_list", "struct list_head" },
	{ "slab_caches", "struct list_head" },
	{ "softnet_data", "struct softnet_data" },
	{ "sparse_irqs", "struct maple_tree" },
	{ "super_blocks", "struct list_head" },
	{ "sysctl_overcommit_memory", "int" },
	{ "sysfs_root_kn", "struct kernfs_node *" },
	{ "sysrq_enabled", "int" },
	{ "system_state", "enum system_states" },
	{ "system_wq", "struct workqueue_struct *" },
	{ "tainted_mask", "unsigned long" },
	{ "tasklist_lock", "rwlock_t" },
	{ "tcp_hashinfo", "struct inet_hashinfo" },
	{ "tick_cpu_device", "struct tick_device" },
	{ "tick_cpu_sched", "struct tick_sched" },
	{ "tick_do_timer_cpu", "int" },
	{ "tick_next_period", "ktime_t" },
	{ "timekeeper_lock", "raw_spinlock_t" },
	{ "total_forks", "unsigned long" },
	{ "tsc_khz", "unsigned int" },
	{ "udp_table", "struct udp_table" },
	{ "uts_sem", "struct rw_semaphore" },
	{ "vm_event_states", "struct vm_event_state" },
	{ "vmalloc_base", "unsigned long" },
	{ "vmap_area_list", "struct list_head" },
	{ "vmcoreinfo_data", "unsigned char *" },
	{ "vmcoreinfo_size", "size_t" },
	{ "vmemmap_base", "unsigned long" },
	{ "workqueues", "struct list_head" },
	{ "x86_init", "struct x86_init_ops" },
	{ "x86_platform", "struct x86_platform_ops" },
};
#define NKNOWN (sizeof(known) / sizeof(known[0]))

/* The state of a row of the table in the search for its type. */
struct wanted {
	const char *name; /* of the type, without "struct ", " *" etc. */
	size_t len;
	enum btf_kind kind;    /* of that type; BTF_TYPEDEF also stands for an integer */
	enum btf_kind wrapper; /* BTF_VOID: none */
	uint32_t named, type;  /* in the table; 0: not found */
	bool several;	       /* there are several types of that name */
	bool own;	       /* BTF has a variable of the row's name */
};

/* Chains rows by a hash of a name's first two characters: most names in a kernel match no row. */
struct chains {
	uint8_t first[256], next[NKNOWN]; /* 1 + number of a row; 0: end */
};
_Static_assert(NKNOWN < 255, "a row's number fits in a byte");

struct search {
	const struct btftab *t;
	struct wanted rows[NKNOWN];
	struct chains by_type, by_name;
};

static bool take(const char **s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (strncmp(*s, prefix, n) != 0)
		return false;
	*s += n;
	return true;
}

static struct wanted parse(const char *type)
{
	struct wanted w = { .kind = BTF_TYPEDEF };

	if (take(&type, "volatile "))
		w.wrapper = BTF_VOLATILE;
	if (take(&type, "struct "))
		w.kind = BTF_STRUCT;
	else if (take(&type, "enum "))
		w.kind = BTF_ENUM;
	w.name = type;
	w.len = strlen(type);
	if (w.len > 2 && strcmp(type + w.len - 2, " *") == 0) {
		w.wrapper = BTF_PTR;
		w.len -= 2;
	}
	return w;
}

static uint8_t hash(const char *name)
{
	return name[0] ? (uint8_t)(name[0] * 31 + name[1]) : 0;
}

static void chain(struct chains *c, size_t row, const char *name)
{
	uint8_t *first = &c->first[hash(name)];

	c->next[row] = *first;
	*first = (uint8_t)(row + 1);
}

static void init(struct search *s, const struct btftab *t)
{
	*s = (struct search){ .t = t };
	for (size_t i = 0; i < NKNOWN; i++) {
		s->rows[i] = parse(known[i].type);
		chain(&s->by_type, i, s->rows[i].name);
		chain(&s->by_name, i, known[i].name);
	}
}

static bool is_kind(const struct wanted *w, enum btf_kind kind)
{
	return kind == w->kind || (w->kind == BTF_TYPEDEF && kind == BTF_INT);
}

static void see_type(struct search *s, uint32_t id, enum btf_kind kind, const char *name)
{
	for (size_t i = s->by_type.first[hash(name)]; i; i = s->by_type.next[i - 1]) {
		struct wanted *w = &s->rows[i - 1];

		if (!is_kind(w, kind) || strlen(name) != w->len ||
		    memcmp(name, w->name, w->len) != 0)
			continue;
		w->several |= w->named != 0;
		w->named = id;
	}
}

static void see_variable(struct search *s, const char *name)
{
	for (size_t i = s->by_name.first[hash(name)]; i; i = s->by_name.next[i - 1])
		s->rows[i - 1].own |= strcmp(known[i - 1].name, name) == 0;
}

/* gcc up to 12 writes "long unsigned int". */
static const char *as_people_write(const char *name)
{
	return strcmp(name, "long unsigned int") == 0 ? "unsigned long" : name;
}

static void see(struct search *s, uint32_t id)
{
	struct btf_record r = btftab_get(s->t, id);

	if (btftab_is_bad(s->t, id))
		return;
	switch (r.kind) {
	case BTF_INT:
		see_type(s, id, r.kind, as_people_write(btftab_name(s->t, r.name)));
		break;
	case BTF_STRUCT:
	case BTF_ENUM:
	case BTF_TYPEDEF:
		see_type(s, id, r.kind, btftab_name(s->t, r.name));
		break;
	case BTF_VAR:
		see_variable(s, btftab_name(s->t, r.name));
		break;
	default:
		break;
	}
}

/* Finds pointers to, and volatile variants of, the types found before. */
static void see_wrapper(struct search *s, uint32_t id)
{
	struct btf_record r = btftab_get(s->t, id);

	if (r.kind != BTF_PTR && r.kind != BTF_VOLATILE)
		return;
	for (size_t i = 0; i < NKNOWN; i++)
		if (s->rows[i].wrapper == r.kind && s->rows[i].named == r.type && r.type)
			s->rows[i].type = id;
}

bool globals_find(const struct btftab *t, globals *ret)
{
	struct search s;

	init(&s, t);
	for (uint32_t id = t->first; id < t->n; id++)
		see(&s, id);
	for (uint32_t id = t->first; id < t->n; id++)
		see_wrapper(&s, id);
	for (size_t i = 0; i < NKNOWN; i++) {
		struct wanted *w = &s.rows[i];
		struct btfdwarf_variable g = { known[i].name, w->wrapper ? w->type : w->named };

		if (g.type && !w->several && !w->own && !vec_push(ret, g))
			return false;
	}
	return true;
}
