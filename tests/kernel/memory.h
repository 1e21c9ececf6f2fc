/* memory.h - page tables. MAPPED in `make` must match. */
#define TABLE 0x63 /* present, writable, accessed, dirty */
#define LARGE 0xe3 /* and a page of 2 MB or 1 GB */
#define NX    0x8000000000000000

extern unsigned long pud_direct[512], pud_kernel[512], pmd_kernel[512], pmd_modules[512];
extern unsigned long pud_vmalloc[512], pmd_vmalloc[512], pte_vmalloc[512], pud_vmemmap[512];
extern unsigned long pmd_vmemmap[512];

#define KERNEL_HALF                                                                                \
	[273] = IMAGE_PA(pud_direct) + TABLE, [402] = IMAGE_PA(pud_vmalloc) + TABLE,               \
	[468] = IMAGE_PA(pud_vmemmap) + TABLE, [511] = IMAGE_PA(pud_kernel) + TABLE

AT(ffffffff82210000) unsigned long init_top_pgt[512] = { KERNEL_HALF };
AT(ffffffff82218000) unsigned long pud_direct[512] = { [0] = 0 | LARGE | NX };
AT(ffffffff82219000)
unsigned long pud_kernel[512] = {
	[510] = IMAGE_PA(pmd_kernel) + TABLE,
	[511] = IMAGE_PA(pmd_modules) + TABLE,
};
AT(ffffffff8221a000)
unsigned long pmd_kernel[512] = {
	[16] = 0x3000000 | LARGE, /* ffffffff82000000 */
	[17] = 0x3200000 | LARGE | NX,
};
AT(ffffffff8221b000) unsigned long pmd_modules[512] = { [0] = 0x3800000 | LARGE };
AT(ffffffff8221c000) unsigned long pud_vmalloc[512] = { [0] = IMAGE_PA(pmd_vmalloc) + TABLE };
AT(ffffffff8221d000) unsigned long pmd_vmalloc[512] = { [0] = IMAGE_PA(pte_vmalloc) + TABLE };
/* Stacks of four pages each, with nothing mapped between them. */
AT(ffffffff8221e000)
unsigned long pte_vmalloc[512] = {
	[4] = 0x3a04000 | TABLE | NX,		[5] = 0x3a05000 | TABLE | NX,
	[6] = 0x3a06000 | TABLE | NX,		[7] = 0x3a07000 | TABLE | NX | 0x80,
	/* PAT */[20] = 0x3a14000 | TABLE | NX, [21] = 0x3a15000 | TABLE | NX,
	[22] = 0x3a16000 | TABLE | NX,		[23] = 0x3a17000 | TABLE | NX,
	[12] = 0x3a0c000 | TABLE | NX,		[13] = 0x3a0d000 | TABLE | NX,
	[14] = 0x3a0e000 | TABLE | NX,		[15] = 0x3a0f000 | TABLE | NX,
	[36] = 0x3a24000 | TABLE | NX,		[37] = 0x3a25000 | TABLE | NX,
	[38] = 0x3a26000 | TABLE | NX,		[39] = 0x3a27000 | TABLE | NX,
};
AT(ffffffff8221f000) unsigned long pud_vmemmap[512] = { [0] = IMAGE_PA(pmd_vmemmap) + TABLE };
AT(ffffffff82220000) unsigned long pmd_vmemmap[512] = { [0] = 0x3c00000 | LARGE | NX };

/* worm's own: pages at 400000 (code), 401000 (data), 402000 swapped out to area 0 at 7, 403000
 * none; 404000 as 400000, with PAT. */
AT(ffff888000110000) unsigned long worm_pgd[512] = { [0] = 0x111000 | 0x67, KERNEL_HALF };
AT(ffff888000111000) unsigned long worm_pud[512] = { [0] = 0x112000 | 0x67 };
AT(ffff888000112000) unsigned long worm_pmd[512] = { [2] = 0x113000 | 0x67 };
AT(ffff888000113000)
unsigned long worm_pte[512] = {
	[0] = 0x3e00000 | 0x25,	     /* present, user, accessed */
	[1] = 0x3e01000 | 0x67 | NX, /* present, writable, user, accessed, dirty */
	[2] = (~7UL << 14) >> 5,     /* the kernel inverts the offset */
	[4] = 0x3e00000 | 0xa5,	     /* bit 7 is that of PAT here, of PSE in worm_pmd */
};
AT(0000000000400000) char worm_code[] = { 0x90, 0x90, 0xc3 };
/* the arguments "worm", "-w" and the environment HOME=/burrow, at 401000 */
AT(0000000000401000) char worm_strings[] = "worm\0-w\0HOME=/burrow";
