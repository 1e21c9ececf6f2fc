/* system.h - interrupts, timers, the log, system calls, the machine. */
PER_CPU(0800, u32, irq_0_counts, 10, 20);
PER_CPU(0900, u32, irq_9_counts, 3, 0);
struct irq_chip io_apic = { "IO-APIC" };
AT(ffff8880001a0000) struct irqaction timer_action = { .name = "timer" };
AT(ffff8880001a0100) struct irqaction usb_action = { .name = "usb" };
AT(ffff8880001a0200) struct irqaction acpi_action = { .name = "acpi", .next = &usb_action };
AT(ffff8880001a0300)
struct irq_desc irq_0 = {
	.irq_common_data = { .affinity = { { { 1 } } } },
	.irq_data = { .chip = &io_apic },
	.kstat_irqs = (void *)&irq_0_counts,
	.action = &timer_action,
	.name = "edge",
};
AT(ffff8880001a0400) struct irq_desc irq_1 = { .irq_common_data = { .affinity = { { { 3 } } } } };
AT(ffff8880001a0500)
struct irq_desc irq_9 = {
	.irq_common_data = { .affinity = { { { 3 } } } },
	.irq_data = { .chip = &io_apic },
	.kstat_irqs = (void *)&irq_9_counts,
	.action = &acpi_action,
	.name = "fasteoi",
};
struct xa_node irq_numbers = { .shift = 0, .slots = { [0] = &irq_0, [1] = &irq_1, [9] = &irq_9 } };
#if NEW /* 721255b9826b (6.5) */
AT(ffff8880001a0600)
struct maple_node irq_leaf = { .mr64 = {
				       .parent = (void *)0xffff8880001a0701,
				       .pivot = { 0, 1, 8, 9 },
				       .slot = { &irq_0, &irq_1, NULL, &irq_9 },
			       } };
struct maple_tree sparse_irqs = { .ma_root =
					  (void *)(0xffff8880001a0600 + (maple_leaf_64 << 3 | 2)) };
#else
struct xarray irq_desc_tree = { .xa_head = NODE(irq_numbers) };
#endif
extern void hiccup(struct timer_list *), run_timers(struct softirq_action *), divide_error(void);
extern int hiccup_high(struct hrtimer *);
extern s64 ktime_get(void);
struct softirq_action softirq_vec[NR_SOFTIRQS] = { [TIMER_SOFTIRQ] = { run_timers } };
/* Gate 0 is divide_error, ffffffff82000600; the others are empty. */
gate_desc idt_table[256] = { { .offset_low = 0x0600,
			       .segment = 0x10,
			       .bits = { .type = 14, .p = 1 },
			       .offset_middle = 0x8200,
			       .offset_high = 0xffffffff } };

/* --- timers: jiffies are 4294892296 + 1000; one timer in 250, one 50 ago; a high-resolution one in
 * 1 ms */
extern struct timer_list soon, late;
AT(ffff8880001a1000)
struct timer_list soon = { .expires = 0xfffedb08 + 1000 + 250, .function = hiccup };
AT(ffff8880001a1100)
struct timer_list late = { .entry = { .next = &soon.entry },
			   .expires = 0xfffedb08 + 1000 - 50,
			   .function = hiccup };
typedef struct timer_base timer_bases_t[2];
PER_CPU(0a00, timer_bases_t, timer_bases, V({ { .vectors = { [3] = { &late.entry } } } }), V({}));
/* The clock of CPU 0 is 3661.25 s, and the second clock, with an offset, 10 s later. */
AT(ffff8880001a1200)
struct hrtimer nap = { .node = { .expires = 3661251000000 },
		       ._softexpires = 3661250900000,
		       .function = hiccup_high };
AT(ffff8880001a1300)
struct hrtimer date = { .node = { .expires = 3671251000000 },
			._softexpires = 3671251000000,
			.function = hiccup_high };
PER_CPU(0b00, struct hrtimer_cpu_base, hrtimer_bases,
	V({ .clock_base = { { .clockid = 1,
			      .get_time = ktime_get,
			      .active = { { { &nap.node.node } } } },
			    { .clockid = 0,
			      .offset = 10000000000,
			      .active = { { { &date.node.node } } } } } }),
	V({ .cpu = 1 }));

/* --- the log: four records, in a ring of 8 descriptors and 256 bytes; the fourth has begun and is
 * not finished. A block is its id and the text. */
struct block {
	unsigned long id;
	char text[56];
};
AT(ffffffff82246000)
struct block log_data[4] = {
	{ 100, "Linux version 6.1.0-tiny" },
	{ 101, "digger: hello\nsecond line" },
	{ 102, "Kernel panic - not syncing: out of worms" },
};
#define FINAL(n)                                                                                   \
	{                                                                                          \
		1UL << 63 | (n)                                                                    \
	}
struct prb_desc log_descs[8] = {
	[100 % 8] = { FINAL(100), { 0, 64 } },
	[101 % 8] = { FINAL(101), { 64, 128 } },
	[102 % 8] = { FINAL(102), { 128, 192 } },
	[103 % 8] = { { 103 }, { 192, 256 } },
};
struct printk_info log_infos[8] = {
	[100 % 8] = { .seq = 0, .ts_nsec = 0, .text_len = 24, .level = 5, .caller_id = 0 },
	[101 % 8] = { .seq = 1,
		      .ts_nsec = 1500000000,
		      .text_len = 25,
		      .level = 6,
		      .caller_id = 42,
		      .dev_info = { "mod", "+mod:digger" } },
	[102 % 8] = { .seq = 2,
		      .ts_nsec = 3661250001000,
		      .text_len = 40,
		      .level = 0,
		      .caller_id = 0x80000001 },
};
AT(ffffffff82246200)
struct printk_ringbuffer printk_rb = {
	.desc_ring = { .count_bits = 3,
		       .descs = log_descs,
		       .infos = log_infos,
		       .head_id = { 103 },
		       .tail_id = { 1UL << 63 | 100 } },
	.text_data_ring = { .size_bits = 8, .data = (char *)log_data },
};
AT(ffffffff82206000) struct printk_ringbuffer *prb = &printk_rb;

/* One message of the audit system: netlink header of 16 bytes, type 1300, then the text. */
struct message {
	u32 len;
	u16 type, flags;
	u32 seq, pid;
	char text[16];
} message = { .len = 10, .type = 1300, .text = "uid=1000\n" };
extern struct sk_buff_head audit_queue;
struct sk_buff audit_skb = { .next = (struct sk_buff *)&audit_queue,
			     .len = 26,
			     .data = (u8 *)&message };
struct sk_buff_head audit_queue = { .next = &audit_skb };

/* --- system calls 0 and 1; DMI; the firmware's memory map; CPUs */
extern void __x64_sys_nap(void), __x64_sys_dig(void);
AT(ffffffff82247000) void (*const sys_call_table[2])(void) = { __x64_sys_nap, __x64_sys_dig };
AT(ffffffff82247010) const unsigned long behind_table = 0;
enum dmi_field { DMI_NONE, DMI_BIOS_VENDOR, DMI_PRODUCT_NAME, DMI_STRING_MAX };
const char *dmi_ident[DMI_STRING_MAX] = {
	[DMI_BIOS_VENDOR] = "Mole", [DMI_PRODUCT_NAME] = "Burrow 9"
};
struct e820_table e820 = {
	.nr_entries = 3,
	.entries = { { 0, 0x9fc00, E820_TYPE_RAM },
		     { 0xf0000, 0x10000, E820_TYPE_RESERVED },
		     { 0x100000, 0x3f00000, E820_TYPE_RAM } },
};
struct e820_table *e820_table = &e820;
PER_CPU(0c00, struct cpuinfo_x86, cpu_info,
	V({ .x86 = 6, .x86_vendor_id = "GenuineMole", .apicid = 0 }),
	V({ .x86 = 6, .x86_vendor_id = "GenuineMole", .apicid = 1, .cpu_index = 1 }));
