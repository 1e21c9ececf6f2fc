// SPDX-License-Identifier: GPL-3.0-or-later
/* verbs_data.c - the table of verbs about types, objects, lists and numbers. */
#include "stub/monitor/cmd.h"

// clang-format off
static const struct cmd table[] = {
	{ "eval", cmd_eval, "arithmetic, in all radixes",
	  "eval [-b] EXPRESSION",
	  "Numbers are decimal, 0x hexadecimal, or symbols; k, m, g multiply; + - * / % << >> & ^ | ~ ( ).\n"
	  "  -b  with the numbers of the bits that are set\n\n"
	  "  eval 1 << 44\n"
	  "  hexadecimal: 100000000000  (16384GB)\n" },
	{ "klist", cmd_klist, "what is on a linked list",
	  "klist [[-o] OFFSET] [-e END] [-s STRUCT[.MEMBER,...]]... [-l OFFSET] [-rxd] [-h [-O OFFSET] | -H] START",
	  "crash's list; gdb keeps its own command of that name. The address of each entry.\n"
	  "START is the first object, whose pointer at OFFSET leads to the next one, or with\n"
	  "  -h  an object with a list_head at OFFSET\n"
	  "  -H  a list_head alone; OFFSET is that of the list_heads in the objects\n"
	  "OFFSET is structure.member or a number of bytes.\n"
	  "  -O  with -h: the offset in START, when it differs\n"
	  "  -r  against its direction, by prev\n"
	  "  -e  up to this address\n"
	  "  -s  each entry as such a struct, or some members of it; -S is the same\n"
	  "  -l  with -s: the offset of the list's node in that struct\n"
	  "  -x  integers in hexadecimal\n\n"
	  "  klist task_struct.tasks -s task_struct.pid,comm -h init_task\n"
	  "  ffffffff9fa1aa40\n"
	  "    pid = 0,\n"
	  "    comm = \"swapper/0\\000\\000\\000\\000\\000\\000\",\n" },
	{ "percpu", cmd_percpu, "a per-CPU variable on each CPU",
	  "percpu [-x] SYMBOL[:CPUS]",
	  "CPUS is a list such as 0,2-3; all CPUs without it.\n"
	  "  -x  integers in hexadecimal\n\n"
	  "  percpu __preempt_count:2\n" },
	{ "struct", cmd_struct, "definition of a struct, or an object in memory",
	  "struct TYPE[.MEMBER,...] [-oxrup] [-l OFFSET] [ADDRESS | SYMBOL][:CPUS] [COUNT | -c COUNT]",
	  "Without an address: the definition and SIZE; with one: the values there. MEMBER may be a\n"
	  "path: se.run_node, comm[0]. Types of modules come from their files.\n"
	  "  -o  with offsets; at an address: with the address of each member\n"
	  "  -l  the address is that of a member inside: \"structure.member\" or a number of bytes\n"
	  "  -c  so many objects of an array; a negative count: those that lead up to this one\n"
	  "  -p  with what members that are pointers point to\n"
	  "  -r  the raw memory\n"
	  "  -u  the address is one of the selected task's user memory\n"
	  "  -x  integers in hexadecimal, -d in decimal\n"
	  "  :CPUS  the symbol is per-CPU: of these CPUs, a: all, nothing: the selected one\n\n"
	  "  struct task_struct.pid,comm init_task\n"
	  "    pid = 0,\n"
	  "    comm = \"swapper/0\\000\\000\\000\\000\\000\\000\",\n" },
	{ "tree", cmd_tree, "what is in a red-black tree, xarray, radix or maple tree",
	  "tree [-t rbtree | xarray | radix | maple] [-r OFFSET] [-o OFFSET] [-s STRUCT[.MEMBER,...]]... [-lpxd] START",
	  "START is the rb_root, xarray, radix_tree_root or maple_tree; entries come in order.\n"
	  "  -t  what it is; a red-black tree without it\n"
	  "  -r  START is an object that holds the root at OFFSET\n"
	  "  -o  offset of the rb_node in the objects\n"
	  "  -s  each entry as such a struct, or some members of it; -S is the same\n"
	  "  -l  in order, which is always so here\n"
	  "  -p  with the index, or the range of indices, of each entry\n"
	  "  -x  integers in hexadecimal\n\n"
	  "  tree -t maple -r mm_struct.mm_mt -s vm_area_struct.vm_start ff2583be42a11e00\n" },
	{ "union", cmd_union, "definition of a union, or an object in memory",
	  "union TYPE[.MEMBER,...] [-oxrup] [-l OFFSET] [ADDRESS | SYMBOL][:CPUS] [COUNT | -c COUNT]",
	  "As struct.\n" },
	{ "whatis", cmd_whatis, "the type behind a name",
	  "whatis [-o] [struct | union | enum] TYPE[.MEMBER] | SYMBOL\n"
	  "  whatis [-r SIZE[-SIZE]] [-m MEMBER]",
	  "Definition of a type, or declaration of a variable or function. BTF has only functions and\n"
	  "per-CPU variables: others are looked for in vmlinux's DWARF, which takes a second.\n"
	  "  -o  with offsets\n"
	  "  -r  structs and unions of that size\n"
	  "  -m  structs and unions with a member of that type or name\n\n"
	  "  whatis pid_t\n"
	  "  typedef int pid_t;\n"
	  "  SIZE: 4\n" },
};
// clang-format on

const struct cmd_table cmds_data = { table, sizeof(table) / sizeof(table[0]) };
