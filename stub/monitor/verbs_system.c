// SPDX-License-Identifier: GPL-3.0-or-later
/* verbs_system.c - the table of verbs about the system as a whole. */
#include "stub/monitor/cmd.h"

// clang-format off
static const struct cmd table[] = {
	{ "dis", cmd_dis, "disassemble",
	  "dis [-r | -f] [-l | -s] ADDRESS | SYMBOL [COUNT]",
	  "One instruction at ADDRESS, all of a function named SYMBOL, or COUNT instructions.\n"
	  "  -r  from the start of the function to ADDRESS\n"
	  "  -f  from ADDRESS to the end of the function\n"
	  "  -l  with file and line where they change\n"
	  "  -s  source of the function instead, when its files are on this machine\n\n"
	  "  dis ffffffffc05a3b78\n"
	  "  0xffffffffc05a3b78 <l2w_vdev_xmit+248>:  mov    0xe8(%rax),%rdx\n" },
	{ "help", cmd_help, "this list, or what one command does", "help [COMMAND]", "" },
	{ "log", cmd_log, "the kernel's log buffer", "log [-T] [-t] [-m] [-c] [-d]\n  log -a",
	  "  -t  without timestamps\n"
	  "  -T  with the time of day\n"
	  "  -m  with the level as <N>\n"
	  "  -c  with the caller: T and a PID, or C and a CPU outside of tasks\n"
	  "  -d  with the subsystem and device a driver gave\n"
	  "  -a  messages of the audit system that no daemon has taken, instead\n\n"
	  "  log -T\n"
	  "  [Mon Nov 23 03:44:01 UTC 2026] Linux version 6.1.0\n" },
	{ "mach", cmd_mach, "the machine", "mach [-m | -c [-x]]",
	  "Memory, clocks, where the kernel's areas begin, and each CPU's stacks.\n"
	  "  -m  the firmware's memory map\n"
	  "  -c  the struct cpuinfo_x86 of each CPU; -x  in hexadecimal\n\n"
	  "  mach -m\n"
	  "        PHYSICAL ADDRESS RANGE         TYPE\n"
	  "  0000000000001000 - 000000000009fc00  E820_RAM\n" },
	{ "mod", cmd_mod, "loaded modules and their symbols",
	  "mod [-s NAME [FILE] | -S [DIR] | -d NAME | -t]",
	  "Without arguments: the list of modules.\n"
	  "  -s  use FILE (or search again) for the module's symbols; another build is refused\n"
	  "  -S  search for all modules' files, in DIR first\n"
	  "  -d  forget the module's symbols\n"
	  "  -t  modules that taint the kernel, and how\n\n"
	  "  mod -s l2w /root/l2w.ko\n" },
	{ "mount", cmd_mount, "mounted file systems",
	  "mount [-f] [-i] [-n PID | TASK] [ADDRESS | DEVICE | DIR]",
	  "ADDRESS of a struct mount or super_block chooses one, as do DEVICE and DIR.\n"
	  "  -n  as that task sees them, not as init does\n"
	  "  -f  with the open files of all tasks on each\n"
	  "  -i  with the dirty inodes of each\n\n"
	  "  mount /proc\n"
	  "       MOUNT           SUPERBLK     TYPE   DEVNAME   DIRNAME\n"
	  "  ffff8933011c3e00 ffff893301346800 proc   proc      /proc\n" },
	{ "sym", cmd_sym, "translate between symbols and addresses",
	  "sym ADDRESS | SYMBOL[+OFFSET] ...",
	  "Address, type letter, symbol and offset, [module], file: line.\n\n"
	  "  sym ffffffffc05a3b78\n"
	  "  ffffffffc05a3b78 (t) l2w_vdev_xmit+248 [l2w] /root/l2w/vdev.c: 216\n" },
	{ "sys", cmd_sys, "the system: kernel, dump, uptime, panic",
	  "sys [-c [NUMBER | NAME] | -t | -i | -r]",
	  "  -c  the system call table, or the calls with NAME in their name\n"
	  "  -t  the taint mask and its letters\n"
	  "  -i  the machine's DMI strings\n"
	  "  -r  the members of kernel structs that vmstub reads, and what this kernel has of them\n\n"
	  "  sys -t\n"
	  "  TAINTED_MASK: 3000  OE\n" },
};
// clang-format on

const struct cmd_table cmds_system = { table, sizeof(table) / sizeof(table[0]) };
