# SPDX-License-Identifier: GPL-3.0-or-later
# faults.s - made from faults.c, as that says.
	.file	"faults.c"
	.text
.Ltext0:
	.cfi_sections	.debug_frame
	.file 0 "/burrow" "faults.c"
	.section	.at.ffffffff82000a00,"ax",@progbits
	.p2align 4
	.globl	burrow_eat
	.type	burrow_eat, @function
burrow_eat:
.LFB1:
	.file 1 "faults.c"
	.loc 1 39 0
	.cfi_startproc
.LVL0:
	.loc 1 40 0
.LBB4:
.LBB5:
	.loc 1 35 0
	movq	8(%rdi), %rax
	addl	4(%rax), %esi
.LVL1:
	movl	%esi, %eax
.LBE5:
.LBE4:
	.loc 1 41 0 is_stmt 0
	ret
	.cfi_endproc
.LFE1:
	.size	burrow_eat, .-burrow_eat
	.section	.at.ffffffff82000a20,"ax",@progbits
	.p2align 4
	.globl	burrow_dig
	.type	burrow_dig, @function
burrow_dig:
.LFB2:
	.loc 1 44 0 is_stmt 1
	.cfi_startproc
.LVL2:
	.loc 1 45 0
	.loc 1 44 0 is_stmt 0
	subq	$8, %rsp
	.cfi_def_cfa_offset 16
	.loc 1 45 0
	movl	$7, %esi
	call	*16(%rdi)
.LVL3:
	.loc 1 46 0
	addq	$8, %rsp
	.cfi_def_cfa_offset 8
	.loc 1 45 0
	addl	$1, %eax
	.loc 1 46 0
	ret
	.cfi_endproc
.LFE2:
	.size	burrow_dig, .-burrow_dig
	.section	.at.ffffffff82000a40,"ax",@progbits
	.p2align 4
	.globl	burrow_share
	.type	burrow_share, @function
burrow_share:
.LFB3:
	.loc 1 49 0 is_stmt 1
	.cfi_startproc
.LVL4:
	.loc 1 50 0
	.loc 1 49 0 is_stmt 0
	movl	%edi, %eax
	.loc 1 50 0
	xorl	%edx, %edx
	divl	%esi
	.loc 1 51 0
	ret
	.cfi_endproc
.LFE3:
	.size	burrow_share, .-burrow_share
	.section	.at.ffffffff82000a60,"ax",@progbits
	.p2align 4
	.globl	burrow_tunnel
	.type	burrow_tunnel, @function
burrow_tunnel:
.LFB4:
	.loc 1 54 0 is_stmt 1
	.cfi_startproc
.LVL5:
	.loc 1 55 0
	movq	40(%rdi), %rax
	movq	(%rax,%rsi,8), %rax
	.loc 1 56 0 is_stmt 0
	ret
	.cfi_endproc
.LFE4:
	.size	burrow_tunnel, .-burrow_tunnel
	.section	.at.ffffffff82000a80,"ax",@progbits
	.p2align 4
	.globl	burrow_leave
	.type	burrow_leave, @function
burrow_leave:
.LFB5:
	.loc 1 59 0 is_stmt 1
	.cfi_startproc
.LVL6:
	.loc 1 60 0
	movq	32(%rdi), %rdx
	movq	24(%rdi), %rax
	movq	%rdx, 32(%rax)
	.loc 1 61 0 is_stmt 0
	ret
	.cfi_endproc
.LFE5:
	.size	burrow_leave, .-burrow_leave
	.section	.at.ffffffff82000aa0,"ax",@progbits
	.p2align 4
	.globl	winter_left
	.type	winter_left, @function
winter_left:
.LFB6:
	.loc 1 64 0 is_stmt 1
	.cfi_startproc
	.loc 1 65 0
	movq	winter_food(%rip), %rax
	movl	4(%rax), %eax
	.loc 1 66 0 is_stmt 0
	ret
	.cfi_endproc
.LFE6:
	.size	winter_left, .-winter_left
	.section	.at.ffffffff82000ac0,"ax",@progbits
	.p2align 4
	.globl	food_find
	.type	food_find, @function
food_find:
.LFB7:
	.loc 1 69 0 is_stmt 1
	.cfi_startproc
.LVL7:
	.loc 1 70 0
	movq	8(%rdi), %rax
	.loc 1 71 0 is_stmt 0
	ret
	.cfi_endproc
.LFE7:
	.size	food_find, .-food_find
	.section	.at.ffffffff82000ae0,"ax",@progbits
	.p2align 4
	.globl	burrow_find
	.type	burrow_find, @function
burrow_find:
.LFB8:
	.loc 1 74 0 is_stmt 1
	.cfi_startproc
.LVL8:
	.loc 1 75 0
	call	food_find
.LVL9:
	movl	4(%rax), %eax
	addl	$1, %eax
	.loc 1 76 0 is_stmt 0
	ret
	.cfi_endproc
.LFE8:
	.size	burrow_find, .-burrow_find
	.section	.at.ffffffff82000b00,"ax",@progbits
	.p2align 4
	.globl	food_copy
	.type	food_copy, @function
food_copy:
.LFB9:
	.loc 1 79 0 is_stmt 1
	.cfi_startproc
.LVL10:
	.loc 1 80 0
#APP
# 80 "faults.c" 1
	movsl
# 0 "" 2
.LVL11:
	.loc 1 81 0 is_stmt 0
#NO_APP
	ret
	.cfi_endproc
.LFE9:
	.size	food_copy, .-food_copy
	.section	.at.ffffffff82000b20,"ax",@progbits
	.globl	burrow_bug
	.type	burrow_bug, @function
burrow_bug:
.LFB10:
	.loc 1 84 0 is_stmt 1
	.cfi_startproc
	.loc 1 85 0
	ud2
	.cfi_endproc
.LFE10:
	.size	burrow_bug, .-burrow_bug
	.section	.at.ffffffff82000b60,"ax",@progbits
	.p2align 4
	.globl	food_before
	.type	food_before, @function
food_before:
.LFB11:
	.loc 1 89 0
	.cfi_startproc
.LVL12:
	.loc 1 90 0
	movl	-36(%rdi), %eax
	.loc 1 91 0 is_stmt 0
	ret
	.cfi_endproc
.LFE11:
	.size	food_before, .-food_before
	.section	.at.ffffffff82000b80,"ax",@progbits
	.p2align 4
	.globl	burrow_store
	.type	burrow_store, @function
burrow_store:
.LFB12:
	.loc 1 94 0 is_stmt 1
	.cfi_startproc
.LVL13:
	.loc 1 95 0
	movq	8(%rdi), %rax
.LVL14:
	.loc 1 97 0
	addl	%esi, 4(%rax)
	.loc 1 98 0
	movl	(%rax), %eax
.LVL15:
	.loc 1 99 0 is_stmt 0
	ret
	.cfi_endproc
.LFE12:
	.size	burrow_store, .-burrow_store
	.section	.at.ffffffff82000ba0,"ax",@progbits
	.p2align 4
	.globl	burrow_jump
	.type	burrow_jump, @function
burrow_jump:
.LFB13:
	.loc 1 103 0 is_stmt 1
	.cfi_startproc
.LVL16:
	.loc 1 104 0
	.loc 1 103 0 is_stmt 0
	subq	$8, %rsp
	.cfi_def_cfa_offset 16
	.loc 1 104 0
	movl	$7, %esi
	movq	16(%rdi), %rax
	call	__x86_indirect_thunk_rax
.LVL17:
	.loc 1 105 0
	addq	$8, %rsp
	.cfi_def_cfa_offset 8
	.loc 1 104 0
	addl	$1, %eax
	.loc 1 105 0
	ret
	.cfi_endproc
.LFE13:
	.size	burrow_jump, .-burrow_jump
	.section	.at.ffffffff82000b40,"ax",@progbits
	.p2align 4
	.globl	food_first
	.type	food_first, @function
food_first:
.LFB14:
	.loc 1 108 0 is_stmt 1
	.cfi_startproc
.LVL18:
	.loc 1 109 0
	movq	8(%rdi), %rax
	.loc 1 110 0 is_stmt 0
	ret
	.cfi_endproc
.LFE14:
	.size	food_first, .-food_first
	.section	.at.ffffffff82000bc0,"ax",@progbits
	.p2align 4
	.globl	food_behind
	.type	food_behind, @function
food_behind:
.LFB15:
	.loc 1 114 0 is_stmt 1
	.cfi_startproc
.LVL19:
	.loc 1 115 0
	.loc 1 117 0
	movl	20(%rdi), %eax
	.loc 1 118 0 is_stmt 0
	ret
	.cfi_endproc
.LFE15:
	.size	food_behind, .-food_behind
	.section	.at.ffffffff82000be0,"ax",@progbits
	.p2align 4
	.globl	burrow_sleep
	.type	burrow_sleep, @function
burrow_sleep:
.LFB16:
	.loc 1 122 0 is_stmt 1
	.cfi_startproc
	.loc 1 123 0
	ret
	.cfi_endproc
.LFE16:
	.size	burrow_sleep, .-burrow_sleep
	.globl	winter_food
	.section	.at.ffffffff8224a100,"aw"
	.align 8
	.type	winter_food, @object
	.size	winter_food, 8
winter_food:
	.quad	139637976731648
	.globl	burrows
	.section	.at.ffffffff8224a000,"aw"
	.align 32
	.type	burrows, @object
	.size	burrows, 96
burrows:
	.quad	1
	.zero	16
	.quad	-2401263026318606080
	.quad	-2401263026318606046
	.quad	7740398493674204011
	.quad	2
	.quad	-2111528448
	.zero	32
	.text
.Letext0:
	.section	.debug_info,"",@progbits
.Ldebug_info0:
	.long	0x4a0
	.value	0x5
	.byte	0x1
	.byte	0x8
	.long	.Ldebug_abbrev0
	.uleb128 0x13
	.long	.LASF34
	.byte	0x1d
	.long	.LASF0
	.long	.LASF1
	.long	.LLRL6
	.quad	0
	.long	.Ldebug_line0
	.uleb128 0x7
	.long	.LASF6
	.byte	0x28
	.byte	0x9
	.long	0x57
	.uleb128 0x3
	.long	.LASF2
	.byte	0xa
	.long	0x5c
	.byte	0
	.uleb128 0x3
	.long	.LASF3
	.byte	0xa
	.long	0x5c
	.byte	0x4
	.uleb128 0x3
	.long	.LASF4
	.byte	0xb
	.long	0x63
	.byte	0x8
	.byte	0
	.uleb128 0x14
	.long	0x2a
	.uleb128 0x15
	.byte	0x4
	.byte	0x5
	.string	"int"
	.uleb128 0x8
	.long	0x73
	.long	0x73
	.uleb128 0x9
	.long	0x73
	.byte	0x3
	.byte	0
	.uleb128 0xa
	.byte	0x8
	.long	.LASF5
	.uleb128 0x7
	.long	.LASF7
	.byte	0x30
	.byte	0xd
	.long	0xc6
	.uleb128 0xb
	.string	"id"
	.byte	0xe
	.long	0x73
	.byte	0
	.uleb128 0x3
	.long	.LASF6
	.byte	0xf
	.long	0xc6
	.byte	0x8
	.uleb128 0xb
	.string	"dig"
	.byte	0x10
	.long	0xe4
	.byte	0x10
	.uleb128 0x3
	.long	.LASF8
	.byte	0x11
	.long	0xdf
	.byte	0x18
	.uleb128 0x3
	.long	.LASF9
	.byte	0x11
	.long	0xdf
	.byte	0x20
	.uleb128 0x3
	.long	.LASF10
	.byte	0x12
	.long	0xe9
	.byte	0x28
	.byte	0
	.uleb128 0x4
	.long	0x2a
	.uleb128 0x16
	.long	0x5c
	.long	0xdf
	.uleb128 0xc
	.long	0xdf
	.uleb128 0xc
	.long	0x5c
	.byte	0
	.uleb128 0x4
	.long	0x79
	.uleb128 0x4
	.long	0xcb
	.uleb128 0x4
	.long	0x73
	.uleb128 0x8
	.long	0x79
	.long	0xfe
	.uleb128 0x9
	.long	0x73
	.byte	0x1
	.byte	0
	.uleb128 0xd
	.long	.LASF11
	.byte	0x17
	.long	0xee
	.uleb128 0x9
	.byte	0x3
	.quad	burrows
	.uleb128 0xd
	.long	.LASF12
	.byte	0x1e
	.long	0xc6
	.uleb128 0x9
	.byte	0x3
	.quad	winter_food
	.uleb128 0xe
	.long	.LASF21
	.byte	0x79
	.quad	.LFB16
	.quad	.LFE16-.LFB16
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0x2
	.long	.LASF13
	.byte	0x71
	.long	0x5c
	.quad	.LFB15
	.quad	.LFE15-.LFB15
	.uleb128 0x1
	.byte	0x9c
	.long	0x17a
	.uleb128 0x1
	.long	.LASF15
	.byte	0x71
	.long	0x73
	.uleb128 0x1
	.byte	0x55
	.uleb128 0x17
	.long	.LASF6
	.byte	0x1
	.byte	0x73
	.long	0xc6
	.uleb128 0x3
	.byte	0x75
	.sleb128 16
	.byte	0x9f
	.byte	0
	.uleb128 0x2
	.long	.LASF14
	.byte	0x6b
	.long	0x73
	.quad	.LFB14
	.quad	.LFE14-.LFB14
	.uleb128 0x1
	.byte	0x9c
	.long	0x1a7
	.uleb128 0x1
	.long	.LASF6
	.byte	0x6b
	.long	0x1a7
	.uleb128 0x1
	.byte	0x55
	.byte	0
	.uleb128 0x4
	.long	0x57
	.uleb128 0x2
	.long	.LASF16
	.byte	0x66
	.long	0x5c
	.quad	.LFB13
	.quad	.LFE13-.LFB13
	.uleb128 0x1
	.byte	0x9c
	.long	0x1f1
	.uleb128 0x6
	.long	.LASF7
	.byte	0x66
	.long	0xdf
	.long	.LLST5
	.uleb128 0xf
	.quad	.LVL17
	.uleb128 0x5
	.uleb128 0x1
	.byte	0x55
	.uleb128 0x3
	.byte	0xa3
	.uleb128 0x1
	.byte	0x55
	.uleb128 0x5
	.uleb128 0x1
	.byte	0x54
	.uleb128 0x1
	.byte	0x37
	.byte	0
	.byte	0
	.uleb128 0x2
	.long	.LASF17
	.byte	0x5d
	.long	0x5c
	.quad	.LFB12
	.quad	.LFE12-.LFB12
	.uleb128 0x1
	.byte	0x9c
	.long	0x239
	.uleb128 0x1
	.long	.LASF7
	.byte	0x5d
	.long	0xdf
	.uleb128 0x1
	.byte	0x55
	.uleb128 0x1
	.long	.LASF18
	.byte	0x5d
	.long	0x5c
	.uleb128 0x1
	.byte	0x54
	.uleb128 0x18
	.long	.LASF19
	.byte	0x1
	.byte	0x5f
	.long	0xc6
	.long	.LLST4
	.byte	0
	.uleb128 0x2
	.long	.LASF20
	.byte	0x58
	.long	0x5c
	.quad	.LFB11
	.quad	.LFE11-.LFB11
	.uleb128 0x1
	.byte	0x9c
	.long	0x266
	.uleb128 0x1
	.long	.LASF6
	.byte	0x58
	.long	0x1a7
	.uleb128 0x1
	.byte	0x55
	.byte	0
	.uleb128 0xe
	.long	.LASF22
	.byte	0x53
	.quad	.LFB10
	.quad	.LFE10-.LFB10
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0x10
	.long	.LASF26
	.byte	0x4e
	.quad	.LFB9
	.quad	.LFE9-.LFB9
	.uleb128 0x1
	.byte	0x9c
	.long	0x2b7
	.uleb128 0x19
	.string	"to"
	.byte	0x1
	.byte	0x4e
	.long	0xc6
	.long	.LLST2
	.uleb128 0x6
	.long	.LASF23
	.byte	0x4e
	.long	0x1a7
	.long	.LLST3
	.byte	0
	.uleb128 0x2
	.long	.LASF24
	.byte	0x49
	.long	0x5c
	.quad	.LFB8
	.quad	.LFE8-.LFB8
	.uleb128 0x1
	.byte	0x9c
	.long	0x2f8
	.uleb128 0x1
	.long	.LASF7
	.byte	0x49
	.long	0xdf
	.uleb128 0x1
	.byte	0x55
	.uleb128 0x1a
	.quad	.LVL9
	.long	0x2f8
	.uleb128 0x5
	.uleb128 0x1
	.byte	0x55
	.uleb128 0x2
	.byte	0x75
	.sleb128 0
	.byte	0
	.byte	0
	.uleb128 0x2
	.long	.LASF25
	.byte	0x44
	.long	0xc6
	.quad	.LFB7
	.quad	.LFE7-.LFB7
	.uleb128 0x1
	.byte	0x9c
	.long	0x325
	.uleb128 0x1
	.long	.LASF7
	.byte	0x44
	.long	0xdf
	.uleb128 0x1
	.byte	0x55
	.byte	0
	.uleb128 0x1b
	.long	.LASF35
	.byte	0x1
	.byte	0x3f
	.long	0x5c
	.quad	.LFB6
	.quad	.LFE6-.LFB6
	.uleb128 0x1
	.byte	0x9c
	.uleb128 0x10
	.long	.LASF27
	.byte	0x3a
	.quad	.LFB5
	.quad	.LFE5-.LFB5
	.uleb128 0x1
	.byte	0x9c
	.long	0x36b
	.uleb128 0x1
	.long	.LASF7
	.byte	0x3a
	.long	0xdf
	.uleb128 0x1
	.byte	0x55
	.byte	0
	.uleb128 0x2
	.long	.LASF28
	.byte	0x35
	.long	0x73
	.quad	.LFB4
	.quad	.LFE4-.LFB4
	.uleb128 0x1
	.byte	0x9c
	.long	0x3a3
	.uleb128 0x1
	.long	.LASF7
	.byte	0x35
	.long	0xdf
	.uleb128 0x1
	.byte	0x55
	.uleb128 0x1c
	.string	"n"
	.byte	0x1
	.byte	0x35
	.long	0x73
	.uleb128 0x1
	.byte	0x54
	.byte	0
	.uleb128 0x2
	.long	.LASF29
	.byte	0x30
	.long	0x3dc
	.quad	.LFB3
	.quad	.LFE3-.LFB3
	.uleb128 0x1
	.byte	0x9c
	.long	0x3dc
	.uleb128 0x1
	.long	.LASF6
	.byte	0x30
	.long	0x3dc
	.uleb128 0x1
	.byte	0x55
	.uleb128 0x1
	.long	.LASF30
	.byte	0x30
	.long	0x3dc
	.uleb128 0x1
	.byte	0x54
	.byte	0
	.uleb128 0xa
	.byte	0x4
	.long	.LASF31
	.uleb128 0x2
	.long	.LASF32
	.byte	0x2b
	.long	0x5c
	.quad	.LFB2
	.quad	.LFE2-.LFB2
	.uleb128 0x1
	.byte	0x9c
	.long	0x427
	.uleb128 0x6
	.long	.LASF7
	.byte	0x2b
	.long	0xdf
	.long	.LLST1
	.uleb128 0xf
	.quad	.LVL3
	.uleb128 0x5
	.uleb128 0x1
	.byte	0x55
	.uleb128 0x3
	.byte	0xa3
	.uleb128 0x1
	.byte	0x55
	.uleb128 0x5
	.uleb128 0x1
	.byte	0x54
	.uleb128 0x1
	.byte	0x37
	.byte	0
	.byte	0
	.uleb128 0x2
	.long	.LASF33
	.byte	0x26
	.long	0x5c
	.quad	.LFB1
	.quad	.LFE1-.LFB1
	.uleb128 0x1
	.byte	0x9c
	.long	0x484
	.uleb128 0x1
	.long	.LASF7
	.byte	0x26
	.long	0xdf
	.uleb128 0x1
	.byte	0x55
	.uleb128 0x6
	.long	.LASF18
	.byte	0x26
	.long	0x5c
	.long	.LLST0
	.uleb128 0x1d
	.long	0x484
	.quad	.LBB4
	.quad	.LBE4-.LBB4
	.byte	0x1
	.byte	0x28
	.uleb128 0x11
	.long	0x499
	.uleb128 0x11
	.long	0x490
	.byte	0
	.byte	0
	.uleb128 0x1e
	.long	.LASF36
	.byte	0x1
	.byte	0x21
	.long	0x5c
	.byte	0x3
	.uleb128 0x12
	.long	.LASF6
	.long	0xc6
	.uleb128 0x12
	.long	.LASF18
	.long	0x5c
	.byte	0
	.byte	0
	.section	.debug_abbrev,"",@progbits
.Ldebug_abbrev0:
	.uleb128 0x1
	.uleb128 0x5
	.byte	0
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0x21
	.sleb128 1
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x49
	.uleb128 0x13
	.uleb128 0x2
	.uleb128 0x18
	.byte	0
	.byte	0
	.uleb128 0x2
	.uleb128 0x2e
	.byte	0x1
	.uleb128 0x3f
	.uleb128 0x19
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0x21
	.sleb128 1
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x27
	.uleb128 0x19
	.uleb128 0x49
	.uleb128 0x13
	.uleb128 0x11
	.uleb128 0x1
	.uleb128 0x12
	.uleb128 0x7
	.uleb128 0x40
	.uleb128 0x18
	.uleb128 0x7a
	.uleb128 0x19
	.uleb128 0x1
	.uleb128 0x13
	.byte	0
	.byte	0
	.uleb128 0x3
	.uleb128 0xd
	.byte	0
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0x21
	.sleb128 1
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x49
	.uleb128 0x13
	.uleb128 0x38
	.uleb128 0xb
	.byte	0
	.byte	0
	.uleb128 0x4
	.uleb128 0xf
	.byte	0
	.uleb128 0xb
	.uleb128 0x21
	.sleb128 8
	.uleb128 0x49
	.uleb128 0x13
	.byte	0
	.byte	0
	.uleb128 0x5
	.uleb128 0x49
	.byte	0
	.uleb128 0x2
	.uleb128 0x18
	.uleb128 0x7e
	.uleb128 0x18
	.byte	0
	.byte	0
	.uleb128 0x6
	.uleb128 0x5
	.byte	0
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0x21
	.sleb128 1
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x49
	.uleb128 0x13
	.uleb128 0x2
	.uleb128 0x17
	.byte	0
	.byte	0
	.uleb128 0x7
	.uleb128 0x13
	.byte	0x1
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0xb
	.uleb128 0xb
	.uleb128 0x3a
	.uleb128 0x21
	.sleb128 1
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x1
	.uleb128 0x13
	.byte	0
	.byte	0
	.uleb128 0x8
	.uleb128 0x1
	.byte	0x1
	.uleb128 0x49
	.uleb128 0x13
	.uleb128 0x1
	.uleb128 0x13
	.byte	0
	.byte	0
	.uleb128 0x9
	.uleb128 0x21
	.byte	0
	.uleb128 0x49
	.uleb128 0x13
	.uleb128 0x2f
	.uleb128 0xb
	.byte	0
	.byte	0
	.uleb128 0xa
	.uleb128 0x24
	.byte	0
	.uleb128 0xb
	.uleb128 0xb
	.uleb128 0x3e
	.uleb128 0x21
	.sleb128 7
	.uleb128 0x3
	.uleb128 0xe
	.byte	0
	.byte	0
	.uleb128 0xb
	.uleb128 0xd
	.byte	0
	.uleb128 0x3
	.uleb128 0x8
	.uleb128 0x3a
	.uleb128 0x21
	.sleb128 1
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x49
	.uleb128 0x13
	.uleb128 0x38
	.uleb128 0xb
	.byte	0
	.byte	0
	.uleb128 0xc
	.uleb128 0x5
	.byte	0
	.uleb128 0x49
	.uleb128 0x13
	.byte	0
	.byte	0
	.uleb128 0xd
	.uleb128 0x34
	.byte	0
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0x21
	.sleb128 1
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x49
	.uleb128 0x13
	.uleb128 0x3f
	.uleb128 0x19
	.uleb128 0x2
	.uleb128 0x18
	.byte	0
	.byte	0
	.uleb128 0xe
	.uleb128 0x2e
	.byte	0
	.uleb128 0x3f
	.uleb128 0x19
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0x21
	.sleb128 1
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x27
	.uleb128 0x19
	.uleb128 0x11
	.uleb128 0x1
	.uleb128 0x12
	.uleb128 0x7
	.uleb128 0x40
	.uleb128 0x18
	.uleb128 0x7a
	.uleb128 0x19
	.byte	0
	.byte	0
	.uleb128 0xf
	.uleb128 0x48
	.byte	0x1
	.uleb128 0x7d
	.uleb128 0x1
	.byte	0
	.byte	0
	.uleb128 0x10
	.uleb128 0x2e
	.byte	0x1
	.uleb128 0x3f
	.uleb128 0x19
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0x21
	.sleb128 1
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x27
	.uleb128 0x19
	.uleb128 0x11
	.uleb128 0x1
	.uleb128 0x12
	.uleb128 0x7
	.uleb128 0x40
	.uleb128 0x18
	.uleb128 0x7a
	.uleb128 0x19
	.uleb128 0x1
	.uleb128 0x13
	.byte	0
	.byte	0
	.uleb128 0x11
	.uleb128 0x5
	.byte	0
	.uleb128 0x31
	.uleb128 0x13
	.byte	0
	.byte	0
	.uleb128 0x12
	.uleb128 0x5
	.byte	0
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0x21
	.sleb128 1
	.uleb128 0x3b
	.uleb128 0x21
	.sleb128 33
	.uleb128 0x49
	.uleb128 0x13
	.byte	0
	.byte	0
	.uleb128 0x13
	.uleb128 0x11
	.byte	0x1
	.uleb128 0x25
	.uleb128 0xe
	.uleb128 0x13
	.uleb128 0xb
	.uleb128 0x3
	.uleb128 0x1f
	.uleb128 0x1b
	.uleb128 0x1f
	.uleb128 0x55
	.uleb128 0x17
	.uleb128 0x11
	.uleb128 0x1
	.uleb128 0x10
	.uleb128 0x17
	.byte	0
	.byte	0
	.uleb128 0x14
	.uleb128 0x26
	.byte	0
	.uleb128 0x49
	.uleb128 0x13
	.byte	0
	.byte	0
	.uleb128 0x15
	.uleb128 0x24
	.byte	0
	.uleb128 0xb
	.uleb128 0xb
	.uleb128 0x3e
	.uleb128 0xb
	.uleb128 0x3
	.uleb128 0x8
	.byte	0
	.byte	0
	.uleb128 0x16
	.uleb128 0x15
	.byte	0x1
	.uleb128 0x27
	.uleb128 0x19
	.uleb128 0x49
	.uleb128 0x13
	.uleb128 0x1
	.uleb128 0x13
	.byte	0
	.byte	0
	.uleb128 0x17
	.uleb128 0x34
	.byte	0
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0xb
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x49
	.uleb128 0x13
	.uleb128 0x2
	.uleb128 0x18
	.byte	0
	.byte	0
	.uleb128 0x18
	.uleb128 0x34
	.byte	0
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0xb
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x49
	.uleb128 0x13
	.uleb128 0x2
	.uleb128 0x17
	.byte	0
	.byte	0
	.uleb128 0x19
	.uleb128 0x5
	.byte	0
	.uleb128 0x3
	.uleb128 0x8
	.uleb128 0x3a
	.uleb128 0xb
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x49
	.uleb128 0x13
	.uleb128 0x2
	.uleb128 0x17
	.byte	0
	.byte	0
	.uleb128 0x1a
	.uleb128 0x48
	.byte	0x1
	.uleb128 0x7d
	.uleb128 0x1
	.uleb128 0x7f
	.uleb128 0x13
	.byte	0
	.byte	0
	.uleb128 0x1b
	.uleb128 0x2e
	.byte	0
	.uleb128 0x3f
	.uleb128 0x19
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0xb
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x27
	.uleb128 0x19
	.uleb128 0x49
	.uleb128 0x13
	.uleb128 0x11
	.uleb128 0x1
	.uleb128 0x12
	.uleb128 0x7
	.uleb128 0x40
	.uleb128 0x18
	.uleb128 0x7a
	.uleb128 0x19
	.byte	0
	.byte	0
	.uleb128 0x1c
	.uleb128 0x5
	.byte	0
	.uleb128 0x3
	.uleb128 0x8
	.uleb128 0x3a
	.uleb128 0xb
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x49
	.uleb128 0x13
	.uleb128 0x2
	.uleb128 0x18
	.byte	0
	.byte	0
	.uleb128 0x1d
	.uleb128 0x1d
	.byte	0x1
	.uleb128 0x31
	.uleb128 0x13
	.uleb128 0x11
	.uleb128 0x1
	.uleb128 0x12
	.uleb128 0x7
	.uleb128 0x58
	.uleb128 0xb
	.uleb128 0x59
	.uleb128 0xb
	.byte	0
	.byte	0
	.uleb128 0x1e
	.uleb128 0x2e
	.byte	0x1
	.uleb128 0x3
	.uleb128 0xe
	.uleb128 0x3a
	.uleb128 0xb
	.uleb128 0x3b
	.uleb128 0xb
	.uleb128 0x27
	.uleb128 0x19
	.uleb128 0x49
	.uleb128 0x13
	.uleb128 0x20
	.uleb128 0xb
	.byte	0
	.byte	0
	.byte	0
	.section	.debug_loclists,"",@progbits
	.long	.Ldebug_loc3-.Ldebug_loc2
.Ldebug_loc2:
	.value	0x5
	.byte	0x8
	.byte	0
	.long	0
.Ldebug_loc0:
.LLST5:
	.byte	0x6
	.quad	.LVL16
	.byte	0x4
	.uleb128 .LVL16-.LVL16
	.uleb128 .LVL17-1-.LVL16
	.uleb128 0x1
	.byte	0x55
	.byte	0x4
	.uleb128 .LVL17-1-.LVL16
	.uleb128 .LFE13-.LVL16
	.uleb128 0x4
	.byte	0xa3
	.uleb128 0x1
	.byte	0x55
	.byte	0x9f
	.byte	0
.LLST4:
	.byte	0x6
	.quad	.LVL14
	.byte	0x4
	.uleb128 .LVL14-.LVL14
	.uleb128 .LVL15-.LVL14
	.uleb128 0x1
	.byte	0x50
	.byte	0x4
	.uleb128 .LVL15-.LVL14
	.uleb128 .LFE12-.LVL14
	.uleb128 0x2
	.byte	0x75
	.sleb128 8
	.byte	0
.LLST2:
	.byte	0x8
	.quad	.LVL10
	.uleb128 .LVL11-.LVL10
	.uleb128 0x1
	.byte	0x55
	.byte	0
.LLST3:
	.byte	0x8
	.quad	.LVL10
	.uleb128 .LVL11-.LVL10
	.uleb128 0x1
	.byte	0x54
	.byte	0
.LLST1:
	.byte	0x6
	.quad	.LVL2
	.byte	0x4
	.uleb128 .LVL2-.LVL2
	.uleb128 .LVL3-1-.LVL2
	.uleb128 0x1
	.byte	0x55
	.byte	0x4
	.uleb128 .LVL3-1-.LVL2
	.uleb128 .LFE2-.LVL2
	.uleb128 0x4
	.byte	0xa3
	.uleb128 0x1
	.byte	0x55
	.byte	0x9f
	.byte	0
.LLST0:
	.byte	0x6
	.quad	.LVL0
	.byte	0x4
	.uleb128 .LVL0-.LVL0
	.uleb128 .LVL1-.LVL0
	.uleb128 0x1
	.byte	0x54
	.byte	0x4
	.uleb128 .LVL1-.LVL0
	.uleb128 .LFE1-.LVL0
	.uleb128 0x4
	.byte	0xa3
	.uleb128 0x1
	.byte	0x54
	.byte	0x9f
	.byte	0
.Ldebug_loc3:
	.section	.debug_aranges,"",@progbits
	.long	0x11c
	.value	0x2
	.long	.Ldebug_info0
	.byte	0x8
	.byte	0
	.value	0
	.value	0
	.quad	.LFB1
	.quad	.LFE1-.LFB1
	.quad	.LFB2
	.quad	.LFE2-.LFB2
	.quad	.LFB3
	.quad	.LFE3-.LFB3
	.quad	.LFB4
	.quad	.LFE4-.LFB4
	.quad	.LFB5
	.quad	.LFE5-.LFB5
	.quad	.LFB6
	.quad	.LFE6-.LFB6
	.quad	.LFB7
	.quad	.LFE7-.LFB7
	.quad	.LFB8
	.quad	.LFE8-.LFB8
	.quad	.LFB9
	.quad	.LFE9-.LFB9
	.quad	.LFB10
	.quad	.LFE10-.LFB10
	.quad	.LFB11
	.quad	.LFE11-.LFB11
	.quad	.LFB12
	.quad	.LFE12-.LFB12
	.quad	.LFB13
	.quad	.LFE13-.LFB13
	.quad	.LFB14
	.quad	.LFE14-.LFB14
	.quad	.LFB15
	.quad	.LFE15-.LFB15
	.quad	.LFB16
	.quad	.LFE16-.LFB16
	.quad	0
	.quad	0
	.section	.debug_rnglists,"",@progbits
.Ldebug_ranges0:
	.long	.Ldebug_ranges3-.Ldebug_ranges2
.Ldebug_ranges2:
	.value	0x5
	.byte	0x8
	.byte	0
	.long	0
.LLRL6:
	.byte	0x7
	.quad	.LFB1
	.uleb128 .LFE1-.LFB1
	.byte	0x7
	.quad	.LFB2
	.uleb128 .LFE2-.LFB2
	.byte	0x7
	.quad	.LFB3
	.uleb128 .LFE3-.LFB3
	.byte	0x7
	.quad	.LFB4
	.uleb128 .LFE4-.LFB4
	.byte	0x7
	.quad	.LFB5
	.uleb128 .LFE5-.LFB5
	.byte	0x7
	.quad	.LFB6
	.uleb128 .LFE6-.LFB6
	.byte	0x7
	.quad	.LFB7
	.uleb128 .LFE7-.LFB7
	.byte	0x7
	.quad	.LFB8
	.uleb128 .LFE8-.LFB8
	.byte	0x7
	.quad	.LFB9
	.uleb128 .LFE9-.LFB9
	.byte	0x7
	.quad	.LFB10
	.uleb128 .LFE10-.LFB10
	.byte	0x7
	.quad	.LFB11
	.uleb128 .LFE11-.LFB11
	.byte	0x7
	.quad	.LFB12
	.uleb128 .LFE12-.LFB12
	.byte	0x7
	.quad	.LFB13
	.uleb128 .LFE13-.LFB13
	.byte	0x7
	.quad	.LFB14
	.uleb128 .LFE14-.LFB14
	.byte	0x7
	.quad	.LFB15
	.uleb128 .LFE15-.LFB15
	.byte	0x7
	.quad	.LFB16
	.uleb128 .LFE16-.LFB16
	.byte	0
.Ldebug_ranges3:
	.section	.debug_line,"",@progbits
.Ldebug_line0:
	.section	.debug_str,"MS",@progbits,1
.LASF22:
	.string	"burrow_bug"
.LASF21:
	.string	"burrow_sleep"
.LASF18:
	.string	"size"
.LASF14:
	.string	"food_first"
.LASF3:
	.string	"left"
.LASF25:
	.string	"food_find"
.LASF35:
	.string	"winter_left"
.LASF33:
	.string	"burrow_eat"
.LASF34:
	.string	"GNU C17 12.2.0 -mcmodel=kernel -mno-red-zone -mtune=generic -march=x86-64 -g -gno-variable-location-views -gno-column-info -O2 -fno-pic -fcf-protection=none -fno-asynchronous-unwind-tables -fno-stack-protector -ffreestanding"
.LASF5:
	.string	"long unsigned int"
.LASF24:
	.string	"burrow_find"
.LASF30:
	.string	"moles"
.LASF17:
	.string	"burrow_store"
.LASF6:
	.string	"food"
.LASF15:
	.string	"where"
.LASF2:
	.string	"kind"
.LASF23:
	.string	"from"
.LASF7:
	.string	"burrow"
.LASF36:
	.string	"bite"
.LASF4:
	.string	"grains"
.LASF29:
	.string	"burrow_share"
.LASF26:
	.string	"food_copy"
.LASF27:
	.string	"burrow_leave"
.LASF13:
	.string	"food_behind"
.LASF11:
	.string	"burrows"
.LASF10:
	.string	"tunnels"
.LASF8:
	.string	"next"
.LASF19:
	.string	"stored"
.LASF32:
	.string	"burrow_dig"
.LASF16:
	.string	"burrow_jump"
.LASF9:
	.string	"prev"
.LASF31:
	.string	"unsigned int"
.LASF28:
	.string	"burrow_tunnel"
.LASF12:
	.string	"winter_food"
.LASF20:
	.string	"food_before"
	.section	.debug_line_str,"MS",@progbits,1
.LASF0:
	.string	"faults.c"
.LASF1:
	.string	"/burrow"
