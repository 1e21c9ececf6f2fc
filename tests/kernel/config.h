/* The kernel's copy of config.txt. The mark before it is in two pages. 5.10 stands for kernels
 * before 5.1, which name the mark, 6.12 for those that name what follows it; in 6.1 it has no name,
 * as without CONFIG_KALLSYMS_ALL. */
#if KERNEL == 510
#define CONFIG_BEFORE_MARK "kernel_config_data:\n"
#define CONFIG_BEHIND_MARK ""
#elif KERNEL == 612
#define CONFIG_BEFORE_MARK ""
#define CONFIG_BEHIND_MARK "kernel_config_data:\n"
#else
#define CONFIG_BEFORE_MARK ""
#define CONFIG_BEHIND_MARK ""
#endif
asm(".section .at.ffffffff8220affb, \"a\"\n" CONFIG_BEFORE_MARK
    "	.ascii \"IKCFG_ST\"\n" CONFIG_BEHIND_MARK "	.incbin \"config.gz\"\n"
    "	.ascii \"IKCFG_ED\"\n"
    ".previous\n");
