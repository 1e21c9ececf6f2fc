/* modules.h - one module, digger: text at ffffffffc0000000, data at ffffffffc0001000. */
asm(".section .at.ffffffffc0000000, \"ax\"\n"
    ".globl dig\n"
    "dig:\n"
    "	push %rbp\n"
    "	mov %rsp, %rbp\n"
    "	call oops\n" /* back at 9 */
    "	pop %rbp\n"
    "	ret\n"
    "	.fill 5, 1, 0xcc\n"
    "	nop\n" /* bury(), at 16 */
    "	ret\n"
    "	.fill 4078, 1, 0xcc\n"
    ".previous");
AT(ffffffffc0001000) unsigned long hole = 0x401e;
extern struct module digger;
extern int digger_orc_ip[3];
extern struct orc_entry digger_orc[3];
AT(ffffffff82204000) struct list_head modules = LINKS(&digger.list, &digger.list);
char digger_strings[] = "\0dig\0bury\0hole";
struct elf64_sym digger_symbols[4] = {
	{},
	{ .st_name = 1,
	  .st_info = 0x12,
	  .st_shndx = 1,
	  .st_value = 0xffffffffc0000000,
	  .st_size = 11 },
	{ .st_name = 5, .st_info = 2, .st_shndx = 1, .st_value = 0xffffffffc0000010, .st_size = 2 },
	{ .st_name = 10,
	  .st_info = 0x11,
	  .st_shndx = 2,
	  .st_value = 0xffffffffc0001000,
	  .st_size = 8 },
};
char digger_types[] = "?TtD";
AT(ffffffffc0001100)
struct mod_kallsyms digger_kallsyms = {
	.symtab = digger_symbols,
	.num_symtab = 4,
	.strtab = digger_strings,
	.typetab = digger_types,
};
AT(ffffffffc0001200)
struct module_sect_attrs digger_sections = {
	.nsections = 2,
	.attrs = { { .battr = { { ".text" } }, .address = 0xffffffffc0000000 },
		   { .battr = { { ".data" } }, .address = 0xffffffffc0001000 } },
};
/* Out of tree and not signed: O and E. */
AT(ffffffffc0001400)
struct module digger = {
	.name = "digger",
	.list = LINKS(&modules, &modules),
	.arch = { .num_orcs = 3, .orc_unwind_ip = digger_orc_ip, .orc_unwind = digger_orc },
#if NEW
	.mem = { [MOD_TEXT] = { (void *)0xffffffffc0000000, 0x1000 },
		 [MOD_DATA] = { (void *)0xffffffffc0001000, 0x2000 } },
#else
	.core_layout = { .base = (void *)0xffffffffc0000000,
			 .size = 0x3000,
			 .text_size = 0x1000,
			 .ro_size = 0x1000 },
#endif
	.taints = 1 << 12 | 1 << 13,
	.kallsyms = &digger_kallsyms,
	.sect_attrs = &digger_sections,
};
struct taint_flag taint_flags[18] = {
	{ 'P', 'G' }, { 'F', ' ' }, { 'S', ' ' }, { 'R', ' ' }, { 'M', ' ' }, { 'B', ' ' },
	{ 'U', ' ' }, { 'D', ' ' }, { 'A', ' ' }, { 'W', ' ' }, { 'C', ' ' }, { 'I', ' ' },
	{ 'O', ' ' }, { 'E', ' ' }, { 'L', ' ' }, { 'K', ' ' }, { 'X', ' ' }, { 'T', ' ' },
};
AT(ffffffff82248000) unsigned long tainted_mask = 1 << 7 | 1 << 12 | 1 << 13;
