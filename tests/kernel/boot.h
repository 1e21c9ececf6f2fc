/* boot.h - the machine: two CPUs, 64 MB, and the place of the image. */

AT(ffffffff820ffff8) const unsigned long _etext = 0;
AT(ffffffff82200000) unsigned long _sdata = 0;
AT(ffffffff823ffff8) unsigned long _end = 0;

AT(ffffffff82203000)
struct uts_namespace init_uts_ns = { {
	.sysname = "Linux",
	.nodename = "burrow",
	.release = "6.1.0-tiny",
	.version = "#7 SMP Thu Jan 1 00:00:00 UTC 1970",
	.machine = "x86_64",
	.domainname = "(none)",
} };
const char linux_banner[] = "Linux version 6.1.0-tiny (mole@burrow)";

u32 nr_cpu_ids = 2;
cpumask_t __cpu_online_mask = { { 3 } };
unsigned long __per_cpu_offset[2] = { AREA_0, AREA_1 };
int panic_cpu = 1;
int crashing_cpu = 1;
u32 cpu_khz = 2400000, tsc_khz = 2400000;
unsigned long lpj_fine = 9600000; /* 2400000000 / 250: HZ is 250 */
unsigned long page_offset_base = DIRECT;
unsigned long vmemmap_base = 0xffffea0000000000;
unsigned long vmalloc_base = 0xffffc90000000000;
u64 jiffies_64 = 0xfffedb08 + 1000; /* 4 seconds after 2^32 - 300 * 250 */
unsigned long jiffies = 0xfffedb08 + 1000;

/* 0.495, which is shown as 0.50, 0.25, 0.10 in units of 1/2048 */
unsigned long avenrun[3] = { 1014, 512, 205 };

/* 1700000000 is Tue Nov 14 22:13:20 UTC 2023; up for 1 hour, 1 minute, 1 second and 250 ms */
struct timekeeper shadow_timekeeper = {
	.tkr_mono = { .shift = 8, .xtime_nsec = 250000000UL << 8, .base = 3661000000000 },
	.xtime_sec = 1700000000,
	.ktime_sec = 3661,
};

PER_CPU(0000, unsigned long, fixed_percpu_data, 0, 0);
PER_CPU(0100, struct cpuhp_cpu_state, cpuhp_state, V({ CPUHP_ONLINE }), V({ CPUHP_ONLINE }));

/* --- registers that the CPUs saved: struct elf_prstatus */
struct prstatus {
	char before[32];
	int pr_pid;
	char between[76];
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip,
		cs, flags, sp, ss, fs_base, gs_base, ds, es, fs, gs;
	int pr_fpvalid;
};
__attribute__((used, section(".dump.cpu0"))) struct prstatus cpu0 = {
	.pr_pid = 0,
	.ip = 0xffffffff82000808, /* cpu_idle+8 */
	.sp = 0xffffffff82217f00,
	.cs = 0x10,
	.ss = 0x18,
	.flags = 0x246,
};
__attribute__((used, section(".dump.cpu1"))) struct prstatus cpu1 = {
	.pr_pid = 42,
	.r15 = 15,
	.r14 = 14,
	.r13 = 13,
	.r12 = 12,
	.bp = 0xb5,
	.bx = 0xb3,
	.r11 = 11,
	.r10 = 10,
	.r9 = 9,
	.r8 = 8,
	.ax = 0xa1,
	.cx = 0xa2,
	.dx = 0xa4,
	.si = 0xa6,
	.di = 0xa7,
	.orig_ax = 0xffffffffffffffff,
	.fs_base = 0xf5ba5e,
	.gs_base = 0x65ba5e,
	.ip = 0xffffffff82000708, /* panic+8 */
	.sp = 0xffffc90000007e38,
	.cs = 0x10,
	.ss = 0x18,
	.flags = 0x246,
};
