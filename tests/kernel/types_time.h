// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* types_time.h - structs of modules, time, interrupts; types.h includes it. */

/* --- modules */

struct module_layout {
	void *base;
	u32 size, text_size, ro_size;
};
enum mod_mem_type { MOD_TEXT, MOD_DATA, MOD_RODATA, MOD_RO_AFTER_INIT, MOD_INIT_TEXT };
struct module_memory {
	void *base;
	u32 size;
};
struct attribute {
	const char *name;
};
struct bin_attribute {
	struct attribute attr;
	unsigned long size;
	void *private;
};
struct module_sect_attr {
	struct bin_attribute battr;
	unsigned long address;
};
struct module_sect_attrs {
	u32 nsections;
	struct module_sect_attr attrs[3];
};
struct module_notes_attrs {
	u32 notes;
	struct bin_attribute attrs[1];
};
struct elf64_sym {
	u32 st_name;
	u8 st_info, st_other;
	u16 st_shndx;
	u64 st_value, st_size;
};
struct mod_kallsyms {
	struct elf64_sym *symtab;
	u32 num_symtab;
	char *strtab;
	char *typetab;
};
struct orc_entry {
	short sp_offset, bp_offset;
	u16 flags;
} __attribute__((packed));
struct mod_arch_specific {
	u32 num_orcs;
	int *orc_unwind_ip;
	struct orc_entry *orc_unwind;
};
enum module_state {
	MODULE_STATE_LIVE,
	MODULE_STATE_COMING,
	MODULE_STATE_GOING,
	MODULE_STATE_UNFORMED
};
struct module {
	enum module_state state;
	struct list_head list;
	char name[56];
#if NEW /* ac3b43283923 (6.4) */
	struct module_memory mem[7];
#else
	struct module_layout core_layout, init_layout;
#endif
	struct mod_arch_specific arch;
	unsigned long taints;
	struct mod_kallsyms *kallsyms;
	struct module_sect_attrs *sect_attrs;
	struct module_notes_attrs *notes_attrs;
	void *percpu;
	u32 percpu_size;
};
struct taint_flag {
	char c_true, c_false;
	bool module;
};

/* --- time */

struct tk_read_base {
	void *clock;
	u64 mask, cycle_last;
	u32 mult, shift;
	u64 xtime_nsec;
	s64 base;
};
struct timekeeper {
	struct tk_read_base tkr_mono, tkr_raw;
	u64 xtime_sec;
	unsigned long ktime_sec;
	s64 offs_real, offs_boot, offs_tai;
};
struct timer_list {
	struct hlist_node entry;
	unsigned long expires;
	void (*function)(struct timer_list *);
	u32 flags;
};
struct timer_base {
	u32 lock;
	unsigned long clk;
	struct hlist_head vectors[8];
};
struct timerqueue_node {
	struct rb_node node;
	s64 expires;
};
struct timerqueue_head {
	struct rb_root_cached rb_root;
};
struct hrtimer {
	struct timerqueue_node node;
	s64 _softexpires;
	int (*function)(struct hrtimer *);
};
struct hrtimer_clock_base {
	void *cpu_base;
	u32 index;
	int clockid;
	struct timerqueue_head active;
	s64 (*get_time)(void);
	s64 offset;
};
struct hrtimer_cpu_base {
	u32 lock;
	u32 cpu;
	struct hrtimer_clock_base clock_base[2];
};

/* --- interrupts */

struct irq_chip {
	const char *name;
};
struct irq_common_data {
	u32 state_use_accessors;
	cpumask_t affinity[1];
	u32 node;
};
struct irq_data {
	u32 mask, irq;
	unsigned long hwirq;
	struct irq_chip *chip;
};
struct irqaction {
	void *handler, *dev_id;
	struct irqaction *next;
	u32 irq, flags;
	const char *name;
};
struct irq_desc {
	struct irq_common_data irq_common_data;
	struct irq_data irq_data;
#if NEW /* 86d2a2f51fba (6.10) */
	struct irqstat {
		u32 cnt;
	} * kstat_irqs;
#else
	u32 *kstat_irqs;
#endif
	void *handle_irq;
	struct irqaction *action;
	const char *name;
};
enum { HI_SOFTIRQ, TIMER_SOFTIRQ, NET_TX_SOFTIRQ, NR_SOFTIRQS };
struct softirq_action {
	void (*action)(struct softirq_action *);
};
struct idt_bits {
	u16 ist : 3, zero : 5, type : 5, dpl : 2, p : 1;
};
struct gate_struct {
	u16 offset_low, segment;
	struct idt_bits bits;
	u16 offset_middle;
	u32 offset_high, reserved;
};
typedef struct gate_struct gate_desc;
