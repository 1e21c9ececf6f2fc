// SPDX-License-Identifier: GPL-3.0-or-later
/* verbs_memory.c - the table of verbs about addresses and memory. */
#include "stub/monitor/cmd.h"

// clang-format off
static const struct cmd table[] = {
	{ "btop", cmd_btop, "byte address to page number", "btop ADDRESS...",
	  "  btop 512a000\n"
	  "  512a000: 512a\n" },
	{ "kmem", cmd_kmem, "memory management, and what an address is",
	  "kmem -i | -s | -S [CACHE...] | -p [ADDRESS...] | -v | -z | -n | -o | -V | ADDRESS...",
	  "ADDRESS: the symbol, per-CPU variable, slab object and its cache, task, vmalloc area and page\n"
	  "there; a physical address means its place in the direct map.\n"
	  "  -i  how memory is used; SHARED counts pages of files that are mapped\n"
	  "  -s  slab caches, all or by name or address; free objects that CPUs keep are not ALLOCATED\n"
	  "  -S  with the slabs on their lists and the objects in these, those in use in brackets\n"
	  "  -p  struct page of each address, or of all memory\n"
	  "  -v  vmalloc areas\n"
	  "  -z  zones and their counters\n"
	  "  -n  nodes and zones\n"
	  "  -o  per-CPU offsets\n"
	  "  -V  all counters: of zones, nodes, events\n\n"
	  "  kmem -s task_struct\n"
	  "  CACHE             OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE  NAME\n"
	  "  ff4a5aa2c11bcf00     8328         88       117     39    32k  task_struct\n" },
	{ "pte", cmd_pte, "what a page table entry says", "pte ENTRY...",
	  "  pte d8e067\n"
	  "   PTE  PHYSICAL  FLAGS\n"
	  "  d8e067   d8e000  (PRESENT|RW|USER|ACCESSED|DIRTY)\n" },
	{ "ptob", cmd_ptob, "page number to byte address", "ptob PAGE...",
	  "  ptob 512a\n"
	  "  512a: 512a000\n" },
	{ "ptov", cmd_ptov, "physical to virtual address", "ptov ADDRESS | OFFSET:CPUS ...",
	  "The address in the direct map; with :CPUS, a per-CPU offset on these CPUs (a: all).\n\n"
	  "  ptov 1000000\n"
	  "  VIRTUAL           PHYSICAL\n"
	  "  ff4a5aa2c1000000  1000000\n" },
	{ "rd", cmd_rd, "read memory",
	  "rd [-8 | -16 | -32 | -64] [-adDsSupxNR] [-o OFFSET] [-e END] [-r -] ADDRESS | SYMBOL [COUNT]",
	  "COUNT numbers of 8 bytes, in hexadecimal and as text.\n"
	  "  -8 -16 -32 -64  of so many bits\n"
	  "  -a  text alone; without COUNT up to what is not printable\n"
	  "  -d  signed decimal; -D unsigned decimal\n"
	  "  -s  symbols for addresses that have one; -S also slab caches, -SS with the address\n"
	  "  -p  ADDRESS is physical; -u of the selected task (user addresses are so anyway)\n"
	  "  -x  without text; -N bytes in network order\n"
	  "  -R  up to ADDRESS instead of from it; -o added to it; -e END instead of COUNT\n"
	  "  -r -  the COUNT bytes themselves, for a pipe\n\n"
	  "  rd linux_banner 2\n"
	  "  ffffffff9f11ffe0:  65762078756e694c 2e36206e6f697372   Linux version 6.\n" },
	{ "search", cmd_search, "find values or text in memory",
	  "search [-k | -K | -V | -u | -p | -t | -T] [-s START] [-e END | -l LENGTH] [-m MASK] [-x COUNT]\n"
	  "  [-c | -w | -h] VALUE | SYMBOL | \"TEXT\" ...",
	  "64-bit values in hexadecimal, aligned, in all kernel memory.\n"
	  "  -k  the kernel: direct map, vmalloc areas with modules, its image; -K without vmalloc areas,\n"
	  "      -V vmalloc areas alone\n"
	  "  -u  memory of the selected task; -p physical memory\n"
	  "  -t  kernel stacks of all tasks; -T of those that were running\n"
	  "  -s, -e, -l  from START to END, or LENGTH bytes\n"
	  "  -m  bits that do not matter\n"
	  "  -w  32-bit values; -h  16-bit values; -c  text at any address\n"
	  "  -x  with so many values before and after\n\n"
	  "  search -p -c \"Linux version\"\n" },
	{ "swap", cmd_swap, "swap areas", "swap",
	  "  swap\n"
	  "  SWAP_INFO_STRUCT    TYPE       SIZE       USED     PCT  PRI  FILENAME\n"
	  "  ff4a5aa2c18cc800  PARTITION    32764k       268k      0%   -2  /dev/vdd\n" },
	{ "vm", cmd_vm, "a process's virtual memory", "vm [-p | -m | -v] [-x] [PID | TASK]...",
	  "Its areas: address of the vm_area_struct, range, flags and file.\n"
	  "  -p  with each page: its physical address, its place in a swap area, or in its file\n"
	  "  -m  the mm_struct; -v  each vm_area_struct\n"
	  "  -x  integers in hexadecimal\n\n"
	  "  vm 132\n"
	  "        VMA           START       END     FLAGS FILE\n"
	  "  ff4a5aa2dfed2980     400000     401000 8000071 /bin/workers\n" },
	{ "vtop", cmd_vtop, "virtual to physical address", "vtop [-c PID | TASK] [-u | -k] ADDRESS...",
	  "Every level of the page tables, the flags of the last entry, and the page.\n"
	  "  -c  user addresses of that task, not the selected one\n"
	  "  -u  only user addresses; -k  only kernel addresses\n\n"
	  "  vtop ff80d501c0000000\n"
	  "  VIRTUAL           PHYSICAL\n"
	  "  ff80d501c0000000  1f402000\n\n"
	  "     PGD: 10a10ff0 => 1000067\n"
	  "  ...\n" },
	{ "why", cmd_why, "why memory can or cannot be read", "why [-p] ADDRESS...",
	  "How an address is mapped, and whether its page is in the dump: stored, zeros, excluded\n"
	  "(by which filter, and what it was), lost, no RAM, not mapped or swapped.\n"
	  "  -p  ADDRESS is physical\n\n"
	  "  why linux_banner\n"
	  "  ffffffff9f71ffe0: mapped by 4 entries, the last one 80000000072001e1 at 7c167d8, a page "
	  "of 2048 KiB\n"
	  "    physical 731ffe0: stored in the dump\n" },
};
// clang-format on

const struct cmd_table cmds_memory = { table, sizeof(table) / sizeof(table[0]) };
