/* faults.h - tasks with a fault on their stack. They are on no list: verbs get their addresses.
 *
 *   address           where it happened (faults.c)  registers
 *   ffff8880001b0000  burrow_eat+4                  rax NULL, rdi burrows[0]
 *   ffff8880001b1000  burrow_eat+4                  rax NULL, rdi burrows[1]: it has food by now
 *   ffff8880001b2000  NULL, called by burrow_dig    rdi burrows[0]
 *   ffff8880001b3000  burrow_share+4                rsi 0
 *   ffff8880001b4000  burrow_share+4                rsi 2: the quotient does not fit
 *   ffff8880001b5000  burrow_tunnel+4               rax 6b6b6b6b6b6b6b6b, rsi 3
 *   ffff8880001b6000  burrow_leave+8                rax dead000000000100
 *   ffff8880001b7000  winter_left+7                 rax 7f0000001000
 *   ffff8880001b8000  burrow_find+5                 rax -2
 *   ffff8880001b9000  food_copy                     rdi and rsi
 *   ffff8880001ba000  burrow_bug
 *   ffff8880001bb000  food_first                    rdi not canonical
 *   ffff8880001bc000  burrow_dig+4                  a stack full of burrow_dig
 *   ffff8880001bd000  the data of digger, called by burrow_dig
 *   ffff8880001dd000  the stack of init, called by burrow_dig
 *   ffff8880001be000  burrow_store+4                rax 0
 *   ffff8880001bf000  NULL, called by burrow_jump   rax NULL
 *   ffff8880001de000  food_before                   rdi NULL
 *   ffff8880001df000  food_behind                   rdi -16
 *   ffff8880001d0000  and others: food_first        rdi, see the end
 */

/* All sleep in the exception's entry code, which called schedule(). */
struct fault_frames {
	struct inactive_task_frame inactive;
	unsigned long to_entry;
	unsigned long regs[21];
	unsigned long above[8]; /* where rsp was: e8 bytes from the start */
};
#define ENTRY_PAGE_FAULT	 0xffffffff82000915
#define ENTRY_DIVIDE_ERROR	 0xffffffff82000925
#define ENTRY_INVALID_OP	 0xffffffff82000935
#define ENTRY_GENERAL_PROTECTION 0xffffffff82000945
#define ENTRY_DOUBLE_FAULT	 0xffffffff82000955
#define BACK_IN_IDLE		 0xffffffff82000808
#define BACK_IN_DIG		 0xffffffff82000a2c
#define BACK_IN_JUMP		 0xffffffff82000bb2

#define BURROWS_0 0xffffffff8224a000
#define BURROWS_1 0xffffffff8224a030

/* The task at ffff8880001N000, and its stack at ffffc900000S; registers by their place. */
#define FAULT(n, s, entry, rip, ax, si, di, ...)                                                   \
	AT(ffff8880001##n##000)                                                                    \
	struct task_struct fault_##n = {                                                           \
		.stack_refcount = { { 1 } },                                                       \
		.comm = "mole",                                                                    \
		.pid = 0x##n - 0x50,                                                               \
		.tgid = 0x##n - 0x50,                                                              \
		.__state = 2,                                                                      \
		.prio = 120,                                                                       \
		ON_CPU(0),                                                                         \
		.stack = (void *)0xffffc90000024000,                                               \
		.thread = { .sp = 0xffffc900000##s },                                              \
		.mm = &init_mm,                                                                    \
		.real_parent = &init,                                                              \
		.group_leader = &fault_##n,                                                        \
	};                                                                                         \
	AT(ffffc900000##s)                                                                         \
	struct fault_frames fault_frames_##n = {                                                   \
		.inactive = { .ret_addr = 0xffffffff82000110 }, /* schedule+16 */                  \
		.to_entry = entry,                                                                 \
		.regs = { [10] = ax,                                                               \
			  [13] = si,                                                               \
			  [14] = di,                                                               \
			  [16] = rip,                                                              \
			  [17] = 0x10,                                                             \
			  [18] = 0x246,                                                            \
			  [19] = 0xffffc900000##s + 0xe8,                                          \
			  [20] = 0x18 },                                                           \
		.above = { __VA_ARGS__ },                                                          \
	}

FAULT(b0, 25000, ENTRY_PAGE_FAULT, 0xffffffff82000a04, 0, 5, BURROWS_0, BACK_IN_IDLE);
FAULT(b1, 25200, ENTRY_PAGE_FAULT, 0xffffffff82000a04, 0, 5, BURROWS_1, BACK_IN_IDLE);
FAULT(b2, 25400, ENTRY_PAGE_FAULT, 0, 0xa1, 7, BURROWS_0, BACK_IN_DIG, 0, BACK_IN_IDLE);
FAULT(b3, 25600, ENTRY_DIVIDE_ERROR, 0xffffffff82000a44, 9, 0x500000000, 9, BACK_IN_IDLE);
FAULT(b4, 25800, ENTRY_DIVIDE_ERROR, 0xffffffff82000a44, 9, 2, 9, BACK_IN_IDLE);
FAULT(b5, 25a00, ENTRY_GENERAL_PROTECTION, 0xffffffff82000a64, 0x6b6b6b6b6b6b6b6b, 3, BURROWS_0,
      BACK_IN_IDLE);
FAULT(b6, 25c00, ENTRY_GENERAL_PROTECTION, 0xffffffff82000a88, 0xdead000000000100, 0, BURROWS_0,
      BACK_IN_IDLE);
FAULT(b7, 25e00, ENTRY_PAGE_FAULT, 0xffffffff82000aa7, 0x7f0000001000, 0, 0, BACK_IN_IDLE);
FAULT(b8, 26000, ENTRY_PAGE_FAULT, 0xffffffff82000ae5, -2UL, 0, BURROWS_0, BACK_IN_IDLE);
FAULT(b9, 26200, ENTRY_PAGE_FAULT, 0xffffffff82000b00, 0, 0xffffc90000003ff8, 0xffffc90000008000,
      BACK_IN_IDLE);
FAULT(ba, 26400, ENTRY_INVALID_OP, 0xffffffff82000b20, 0, 0, 0, BACK_IN_IDLE);
FAULT(bb, 26600, ENTRY_GENERAL_PROTECTION, 0xffffffff82000b40, 0, 0, 0x0123456789abcdef,
      BACK_IN_IDLE);
FAULT(bc, 24010, ENTRY_DOUBLE_FAULT, 0xffffffff82000a24, 0, 0, BURROWS_0, 0, BACK_IN_DIG, 0,
      BACK_IN_DIG, 0, BACK_IN_IDLE);
FAULT(bd, 26800, ENTRY_PAGE_FAULT, 0xffffffffc0001000, 0, 7, BURROWS_1, BACK_IN_DIG, 0,
      BACK_IN_IDLE);
FAULT(dd, 24400, ENTRY_PAGE_FAULT, 0xffffc9000000d800, 0, 7, BURROWS_1, BACK_IN_DIG, 0,
      BACK_IN_IDLE);
FAULT(be, 26a00, ENTRY_PAGE_FAULT, 0xffffffff82000b84, 0, 5, BURROWS_0, BACK_IN_IDLE);
FAULT(bf, 26c00, ENTRY_PAGE_FAULT, 0, 0, 7, BURROWS_0, BACK_IN_JUMP, 0, BACK_IN_IDLE);
FAULT(df, 24600, ENTRY_PAGE_FAULT, 0xffffffff82000bc0, 0, 0, -16UL, BACK_IN_IDLE);
FAULT(de, 26e00, ENTRY_PAGE_FAULT, 0xffffffff82000b60, 0, 0, 0, BACK_IN_IDLE);

/* food_first() reads the word at rdi + 8. */
#define READ(n, s, address)                                                                        \
	FAULT(n, s, ENTRY_PAGE_FAULT, 0xffffffff82000b40, 0, 0, (address)-8, BACK_IN_IDLE)
READ(d0, 27000, 0xffffc90000023ff0); /* 16 bytes below the stack */
READ(d1, 27200, 0xffffffffc0002800); /* in digger, behind its last symbol */
READ(d2, 27400, 0xffffffffc0100000); /* between modules */
READ(d3, 27600, 0xffff888000200010); /* in a slab object (mm.h) */
READ(d4, 27800, 0xffffc9000000d800); /* the stack of init */
READ(d5, 27a00, 0xffffc90000040000); /* not mapped */
READ(d6, 27c00, 0x5a5a5a5a5a5a5a50);
READ(d7, 27e00, -14UL); /* rdi is -22 */
