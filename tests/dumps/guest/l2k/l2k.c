// SPDX-License-Identifier: GPL-2.0
/*
 * Stacks that kprobes, kretprobes and the function graph tracer are part of.
 * Threads sleep in functions whose return addresses were replaced; when
 * l2w's parameter "crash" is written, two CPUs hang, one in the handler of a
 * kprobe by int3 and one in that of a kretprobe, and then a third crashes in
 * the handler of a kprobe that was optimized into a jump.
 * Functions do something after each call, so that no call becomes a jump.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/linkage.h>
#include <linux/module.h>
#include <linux/sched.h>

/* Not merged with others like it, not made another for a constant argument. */
#define l2k_function noinline __attribute__((noipa))

#define INT3_CPU   1
#define RETURN_CPU 2
#define CRASH_CPU  3

static DECLARE_COMPLETION(never);
static DECLARE_COMPLETION(crash_now);
static DECLARE_COMPLETION(hang_now);
static int *volatile broken;
static atomic_t hung = ATOMIC_INIT(0);

static l2k_function void l2k_spin(void)
{
	atomic_inc(&hung);
	for (;;)
		cpu_relax();
}

/* ---- threads asleep in functions that return to elsewhere ---- */

static l2k_function int l2k_sleep(int n)
{
	wait_for_completion_interruptible(&never);
	return n + 1;
}

/* Recursion: one function several times on a stack, each with a replaced return address. */
static l2k_function int l2k_returns(int n)
{
	int result = n ? l2k_returns(n - 1) : l2k_sleep(n);

	barrier(); /* else it becomes a loop */
	return result + n;
}

static l2k_function int l2k_graphed(int n)
{
	int result = n ? l2k_graphed(n - 1) : l2k_sleep(n);

	barrier(); /* else it becomes a loop */
	return result + n;
}

/* Under both. */
static l2k_function int l2k_both(int n)
{
	return l2k_graphed(n) + l2k_sleep(n);
}

static int l2k_returns_fn(void *data)
{
	return l2k_returns(2) + 1;
}

static int l2k_graphed_fn(void *data)
{
	return l2k_graphed(2) + 1;
}

static int l2k_both_fn(void *data)
{
	return l2k_both(1) + 1;
}

/* ---- a CPU that hangs in the handler of a kprobe by int3, on a push of one byte ---- */

int l2k_pushing(int n);
int l2k_pushed(int n);

asm(".pushsection .text\n"
    ".globl l2k_pushing\n"
    ".type l2k_pushing, @function\n"
    "l2k_pushing:\n"
    ".cfi_startproc\n"
    "	push %rbx\n"
    ".cfi_def_cfa_offset 16\n"
    ".cfi_offset 3, -16\n"
    "	mov %edi, %ebx\n"
    "	call l2k_pushed\n"
    "	add %ebx, %eax\n"
    "	pop %rbx\n"
    ".cfi_def_cfa_offset 8\n"
    "	" ASM_RET "\n"
    ".cfi_endproc\n"
    ".size l2k_pushing, . - l2k_pushing\n"
    ".popsection\n");

l2k_function int l2k_pushed(int n)
{
	return n + *broken;
}

static int l2k_pushing_fn(void *data)
{
	wait_for_completion_interruptible(&hang_now);
	return l2k_pushing(3) + 1;
}

static int pushing_pre(struct kprobe *p, struct pt_regs *regs)
{
	l2k_spin();
	return 0;
}

/* With one of these a kprobe is never optimized. */
static void pushing_post(struct kprobe *p, struct pt_regs *regs, unsigned long flags)
{
}

static struct kprobe pushing_probe = { .pre_handler = pushing_pre, .post_handler = pushing_post };

/* ---- a CPU that hangs in the handler of a kretprobe, behind the function's end ---- */

static l2k_function int l2k_returned(int n)
{
	return n + atomic_read(&hung);
}

static l2k_function int l2k_calls_returned(int n)
{
	return l2k_returned(n) + n;
}

static int l2k_returned_fn(void *data)
{
	wait_for_completion_interruptible(&hang_now);
	return l2k_calls_returned(4) + 1;
}

static int returned_handler(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	l2k_spin();
	return 0;
}

/* ---- the crash, in the handler of an optimized kprobe ---- */

/* The probe is at a place of its own, with bytes enough for a jump. */
extern unsigned long l2k_probe_place;

static l2k_function int l2k_probed(int n, int m)
{
	int sum = n * m;

	asm volatile(".pushsection .data\n"
		     ".globl l2k_probe_place\n"
		     "l2k_probe_place: .quad 1f\n"
		     ".popsection\n"
		     "1:\n"
		     "	leaq 1(%q0), %q0\n"
		     "	leaq 2(%q0), %q0\n"
		     "	leaq 3(%q0), %q0\n"
		     : "+r"(sum));
	return sum + atomic_read(&hung);
}

static l2k_function int l2k_calls_probed(int n)
{
	return l2k_probed(n, 3) + n;
}

static l2k_function int l2k_crashes(int n)
{
	return l2k_calls_probed(n) + 1;
}

static int probed_pre(struct kprobe *p, struct pt_regs *regs)
{
	pr_info("l2k: probe at %px, sp %lx\n", p->addr, regs->sp);
	return *broken;
}

static struct kprobe probed_probe = { .pre_handler = probed_pre };

static int l2k_crash_fn(void *data)
{
	wait_for_completion_interruptible(&crash_now);
	complete_all(&hang_now);
	while (atomic_read(&hung) < 2)
		msleep(10);
	return l2k_crashes(5) + 1;
}

/* ---- what starts it: a kprobe, too ---- */

static int start_pre(struct kprobe *p, struct pt_regs *regs)
{
	complete_all(&crash_now);
	return 0;
}

static struct kprobe start_probe = { .symbol_name = "crash_set", .pre_handler = start_pre };

/* ---- */

static int ignore(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return 0;
}

static struct kretprobe return_probes[] = {
	{ .kp.addr = (kprobe_opcode_t *)l2k_returns, .handler = ignore, .maxactive = 8 },
	{ .kp.addr = (kprobe_opcode_t *)l2k_both, .handler = ignore, .maxactive = 8 },
	{ .kp.addr = (kprobe_opcode_t *)l2k_calls_probed, .handler = ignore, .maxactive = 8 },
	{ .kp.addr = (kprobe_opcode_t *)l2k_returned, .handler = returned_handler, .maxactive = 8 },
};

static const struct {
	const char *name;
	int (*fn)(void *data);
	int cpu;
} threads[] = {
	{ "l2k_returns", l2k_returns_fn, 0 },
	{ "l2k_graphed", l2k_graphed_fn, 0 },
	{ "l2k_both", l2k_both_fn, 0 },
	{ "l2k_int3", l2k_pushing_fn, INT3_CPU },
	{ "l2k_return", l2k_returned_fn, RETURN_CPU },
	{ "l2k_crash", l2k_crash_fn, CRASH_CPU },
};

/* echo 1 >/sys/module/l2k/parameters/go: when the tracer is on. */
static int go_set(const char *val, const struct kernel_param *kp)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(threads); i++) {
		struct task_struct *t = kthread_create(threads[i].fn, NULL, threads[i].name);

		if (IS_ERR(t))
			return PTR_ERR(t);
		kthread_bind(t, threads[i].cpu);
		wake_up_process(t);
	}
	return 0;
}

static const struct kernel_param_ops go_ops = { .set = go_set };
module_param_cb(go, &go_ops, NULL, 0200);

static int __init l2k_init(void)
{
	unsigned int i;
	int err;

	pushing_probe.addr = (kprobe_opcode_t *)l2k_pushing;
	probed_probe.addr = (kprobe_opcode_t *)l2k_probe_place;
	err = register_kprobe(&start_probe) ?: register_kprobe(&pushing_probe) ?:
	      register_kprobe(&probed_probe);
	for (i = 0; i < ARRAY_SIZE(return_probes) && !err; i++)
		err = register_kretprobe(&return_probes[i]);
	return err;
}

module_init(l2k_init);
MODULE_DESCRIPTION("stacks with probes on them");
MODULE_LICENSE("GPL");
