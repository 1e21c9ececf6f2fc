/* stacks.h - the kernel's text, its ORC rows, and three stacks.
 *
 *   CPU 0   swapper/0  cpu_idle()
 *   CPU 1   worm       panic() from oops() from dig() of the module, __x64_sys_dig(), user mode
 *           init       schedule() from do_nap(), nap(), user mode
 */
asm(".macro function name, at\n"
    "	.org \\at, 0xcc\n"
    "	.globl \\name\n"
    "	.type \\name, @function\n"
    "\\name:\n"
    ".endm\n"
    ".macro end name\n"
    "	.size \\name, . - \\name\n"
    ".endm\n"
    ".section .at.ffffffff82000000, \"ax\"\n"
    ".globl _text, _stext\n"
    "_text: _stext: ret\n"
    "function schedule, 0x100\n"
    "	.fill 16, 1, 0x90\n"
    "	ret\n"
    "end schedule\n"
    "function do_nap, 0x200\n"
    "	push %rbp\n"
    "	push %rbx\n"
    "	xor %ebx, %ebx\n"
    "	call schedule\n" /* at 204, back at 209 */
    "	pop %rbx\n"
    "	pop %rbp\n"
    "	ret\n"
    "end do_nap\n"
    "function behind_nap, 0x20c\n"
    "	ret\n"
    "end behind_nap\n"
    "function __x64_sys_nap, 0x300\n"
    "	call do_nap\n"
    "	ret\n" /* 305 */
    "end __x64_sys_nap\n"
    ".globl __entry_text_start, __entry_text_end\n"
    "	.org 0x400, 0xcc\n"
    "__entry_text_start:\n"
    "function entry_SYSCALL_64, 0x400\n"
    "	call *%rax\n" /* back at 402 */
    "	ret\n"
    "end entry_SYSCALL_64\n"
    "	.org 0x500, 0xcc\n"
    "__entry_text_end:\n"
    "function hiccup, 0x500\n"
    "	ret\n"
    "end hiccup\n"
    "function hiccup_high, 0x510\n"
    "	ret\n"
    "end hiccup_high\n"
    "function run_timers, 0x520\n"
    "	ret\n"
    "end run_timers\n"
    "function ktime_get, 0x530\n"
    "	ret\n"
    "end ktime_get\n"
    "function divide_error, 0x600\n"
    "	ret\n"
    "end divide_error\n"
    "function __x64_sys_dig, 0x610\n"
    "	call *%rax\n" /* back at 612 */
    "	ret\n"
    "end __x64_sys_dig\n"
    "function oops, 0x620\n"
    "	call panic\n" /* which does not return: 625 is another function */
    "end oops\n"
    "function behind_oops, 0x625\n"
    "	ret\n"
    "end behind_oops\n"
    "function panic, 0x700\n"
    "	.fill 16, 1, 0x90\n"
    "end panic\n"
    "function cpu_idle, 0x800\n"
    "	.fill 8, 1, 0x90\n"
    "	hlt\n"
    "	jmp cpu_idle\n"
    "	.org 0x900, 0xcc\n"
    "end cpu_idle\n"
    "	.org 0x910, 0xcc\n"
    ".irp name, page_fault, divide_error, invalid_op, general_protection, double_fault\n"
    "	.balign 16, 0xcc\n"
    "function asm_exc_\\name, .\n" /* at 910, 920, 930, 940, 950 */
    "	call schedule\n"
    "	ret\n"
    "end asm_exc_\\name\n"
    ".endr\n"
    "	.org 0x980, 0xcc\n"
    ".globl __x86_indirect_thunk_array\n"
    "__x86_indirect_thunk_array:\n"
    "function __x86_indirect_thunk_rax, 0x980\n"
    "	jmp *%rax\n"
    "end __x86_indirect_thunk_rax\n"
    ".previous");

/* --- ORC, as before 6.3: address, offset of the CFA, of rbp, and flags: 5 means rsp, 0x100 that
 * all registers were saved, 0x400 the end of the stack */
asm(".section .at.ffffffff82230000, \"a\"\n"
    ".globl __start_orc_unwind_ip, __stop_orc_unwind_ip\n"
    "__start_orc_unwind_ip:\n"
    "	.long _stext - .\n"
    "	.long do_nap + 1 - .\n"
    "	.long do_nap + 2 - .\n"
    "	.long do_nap + 10 - .\n"
    "	.long do_nap + 11 - .\n"
    "	.long entry_SYSCALL_64 - .\n"
    "	.long hiccup - .\n"
    "	.long cpu_idle - .\n"
    "	.long cpu_idle + 256 - .\n"
    "	.long asm_exc_page_fault - .\n"
    "	.long burrow_eat - .\n"
    "	.long burrow_dig + 4 - .\n"
    "	.long burrow_dig + 19 - .\n"
    "	.long burrow_jump + 4 - .\n"
    "	.long burrow_jump + 25 - .\n"
    "	.long burrow_jump + 32 - .\n"
    "__stop_orc_unwind_ip:\n"
    ".previous");
AT(ffffffff82230100)
const struct orc_entry __start_orc_unwind[] = {
	{ 8, 0, 5 }, { 16, 0, 5 },	 { 24, 0, 5 }, { 16, 0, 5 },
	{ 8, 0, 5 }, { 0xf8, 0, 0x105 }, { 8, 0, 5 },  { 0, 0, 0x400 },
	{ 0, 0, 0 }, { 0, 0, 0x105 },	 { 8, 0, 5 },  { 16, 0, 5 },
	{ 8, 0, 5 }, { 16, 0, 5 },	 { 8, 0, 5 },  { 0, 0, 0 },
};
asm(".section .at.ffffffffc0001800, \"a\"\n"
    ".globl digger_orc_ip\n"
    "digger_orc_ip:\n"
    "	.long dig - .\n"
    "	.long dig + 1 - .\n"
    "	.long dig + 10 - .\n"
    ".previous");
extern int digger_orc_ip[3];
AT(ffffffffc0001900) struct orc_entry digger_orc[3] = { { 8, 0, 5 }, { 16, 0, 5 }, { 8, 0, 5 } };

/* --- the stacks, from the stack pointer on */
/* pt_regs: each register has a different value. */
#define USER_REGS(rip)                                                                             \
	{                                                                                          \
		0xf, 0xe, 0xd, 0xc,	    /* r15 to r12 */                                       \
			0xb5, 0xb3,	    /* rbp, rbx */                                         \
			0xb, 0xa, 0x9, 0x8, /* r11 to r8 */                                        \
			0xa1, 0xa2, 0xa4,   /* rax, rcx, rdx */                                    \
			0xa6, 0xa7, 0x23,   /* rsi, rdi, orig_rax */                               \
			rip, 0x33, 0x246, 0x403000, 0x2b                                           \
	}

struct inactive_and_frames {
	struct inactive_task_frame inactive;
	unsigned long to_do_nap; /* fe38 */
	unsigned long rbx, rbp, to_nap;
	unsigned long to_entry; /* fe58 */
	unsigned long between[31];
	unsigned long regs[21]; /* ff58 */
};
AT(ffffc9000000fe00)
struct inactive_and_frames init_frames = {
	.inactive = { .bx = 0xb1, .bp = 0xb2, .ret_addr = 0xffffffff82000110 }, /* schedule+16 */
	.to_do_nap = 0xffffffff82000209,
	.to_nap = 0xffffffff82000305,
	.to_entry = 0xffffffff82000402,
	.regs = USER_REGS(0x400010),
};
struct panic_frames {
	unsigned long to_oops, to_dig; /* 7e38 */
	unsigned long rbp, to_system_call;
	unsigned long to_entry; /* 7e58 */
	unsigned long between[31];
	unsigned long regs[21]; /* 7f58 */
};
AT(ffffc90000007e38)
struct panic_frames worm_frames = {
	.to_oops = 0xffffffff82000625,
	.to_dig = 0xffffffffc0000009,
	.to_system_call = 0xffffffff82000612,
	.to_entry = 0xffffffff82000402,
	.between = { 0xffffffffc0001000 }, /* hole, data of digger */
	.regs = USER_REGS(0x400002),
};
/* The stack of tail is damaged: schedule() would return to 1234. */
struct damaged_frames {
	struct inactive_task_frame inactive;
	unsigned long to_nowhere; /* 7e38 */
};
AT(ffffc90000017e00)
struct damaged_frames tail_frames = {
	.inactive = { .ret_addr = 0xffffffff82000110 },
	.to_nowhere = 0x1234,
};
AT(ffffffff82217f00) unsigned long idle_stack[32] = {};

/* Exception stacks, a guard page before each; nothing is on them. */
AT(ffff8880001c0000) struct cea_exception_stacks exception_stacks_0 = {};
AT(ffff8880001c4000) struct cea_exception_stacks exception_stacks_1 = {};
PER_CPU(0e00, struct cea_exception_stacks *, cea_exception_stacks, (void *)0xffff8880001c0000,
	(void *)0xffff8880001c4000);
/* Interrupt stacks of 16 kB, each found by a pointer 8 below its top; nothing is on them. */
AT(ffff888000180000) char irq_stack_0[0x4000] = {};
AT(ffff888000184000) char irq_stack_1[0x4000] = {};
#if !NEW /* else it is in pcpu_hot */
PER_CPU(0d00, void *, hardirq_stack_ptr, (void *)0xffff888000183ff8, (void *)0xffff888000187ff8);
#endif
