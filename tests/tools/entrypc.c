// SPDX-License-Identifier: GPL-3.0-or-later
/* entrypc - the inlined functions that begin at an address, as the compiler says.
 *   entrypc FILE ADDRESS   prints their names, the innermost first
 * DW_AT_entry_pc may be where the function has no code, so that no range contains it. */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void print_entered(Dwarf_Die *die, Dwarf_Addr pc)
{
	Dwarf_Addr entry;
	Dwarf_Die child;

	for (int rc = dwarf_child(die, &child); rc == 0; rc = dwarf_siblingof(&child, &child)) {
		print_entered(&child, pc);
		if (dwarf_tag(&child) == DW_TAG_inlined_subroutine &&
		    dwarf_entrypc(&child, &entry) == 0 && entry == pc)
			printf("%s\n", dwarf_diename(&child));
	}
}

int main(int argc, char **argv)
{
	int fd = argc == 3 ? open(argv[1], O_RDONLY) : -1;
	Dwarf *dwarf = fd >= 0 ? dwarf_begin(fd, DWARF_C_READ) : NULL;
	Dwarf_Addr pc = argc == 3 ? strtoull(argv[2], NULL, 16) : 0;
	Dwarf_Die unit;

	if (!dwarf) {
		fprintf(stderr, "usage: entrypc FILE ADDRESS\n");
		return 2;
	}
	if (dwarf_addrdie(dwarf, pc, &unit))
		print_entered(&unit, pc);
	dwarf_end(dwarf);
	close(fd);
	return 0;
}
