/* devices.h - character devices 1 (mem) and 10 (misc), the disk vda (254), PCI, ports and memory.
 */
AT(ffffffff82240000) const unsigned long memory_fops = 1;
AT(ffffffff82240008) const unsigned long misc_fops = 2;
AT(ffffffff82240010) const unsigned long virtblk_fops = 3;
extern struct char_device_struct misc_chr;
AT(ffff888000160100) struct cdev mem_cdev = { .ops = &memory_fops };
AT(ffff888000160000) struct cdev misc_cdev = { .ops = &misc_fops };
/* misc has no cdev pointer: the map of numbers leads to its cdev. */
struct char_device_struct mem_chr = {
	.major = 1, .minorct = 256, .name = "mem", .cdev = &mem_cdev
};
struct char_device_struct misc_chr = { .major = 10, .minorct = 256, .name = "misc" };
struct char_device_struct none_chr = { .major = 300, .minorct = 1, .name = "none" };
struct char_device_struct *chrdevs[255] = { [1] = &mem_chr, [10] = &misc_chr, [45] = &none_chr };
struct probe misc_probe = { .dev = 10 << 20, .range = 256, .data = &misc_cdev };
struct kobj_map cdev_numbers = { .probes = { [10] = &misc_probe } };
struct kobj_map *cdev_map = &cdev_numbers;

/* vda: CPU 0 has started 5 reads and 2 writes, CPU 1 has completed 3 reads. */
PER_CPU(0500, struct disk_stats, vda_stats, V({ .in_flight = { { { 5 } }, { { 2 } } } }),
	V({ .in_flight = { { { -3 } }, { { 0 } } } }));
#if OLD
#define PART0 .part0 = { &vda_stats }
#define STATS
extern struct gendisk vda;
struct probe vda_probe = { .dev = 254 << 20, .range = 16, .data = &vda };
struct kobj_map bdev_numbers = { .probes = { [254] = &vda_probe } };
struct kobj_map *bdev_map = &bdev_numbers;
#else
#define PART0 .part0 = &vda_bdev.bdev
#define STATS .bd_stats = &vda_stats,
#endif
extern struct bdev_inode vda_bdev;
extern struct super_block bdev_sb;
AT(ffff888000161000)
struct gendisk vda = {
	.major = 254,
	.disk_name = "vda",
	PART0,
	.fops = &virtblk_fops,
	.queue = (void *)0xffff888000161800,
};
AT(ffff888000161400) struct address_space vda_pages = { .nrpages = 7 };
AT(ffff888000161600)
struct bdev_inode vda_bdev = {
	.bdev = { STATS.bd_disk = &vda },
	.vfs_inode = { .i_mode = 0060000,
		       .i_mapping = &vda_pages,
		       .i_sb_list = LINKS(&bdev_sb.s_inodes, &bdev_sb.s_inodes) },
};
struct super_block bdev_sb = { .s_inodes = LINKS(&vda_bdev.vfs_inode.i_sb_list,
						 &vda_bdev.vfs_inode.i_sb_list) };
struct super_block *blockdev_superblock = &bdev_sb;
struct blk_major_name virtblk_name = { .major = 254, .name = "virtblk" },
		      loop_name = { .major = 7, .name = "loop" };
struct blk_major_name *major_names[255] = { [7] = &loop_name, [254] = &virtblk_name };

/* Bus 0 with a host bridge 00.0 and a PCI Express root port 01.2, behind which is bus 1 with a
 * disk. */
extern struct pci_bus bus_0, bus_1;
extern struct pci_dev host, port, disk;
struct pci_sysdata domain_0 = { 0 };
struct device bridge_0 = { { "pci0000:00" } }, bridge_1 = { { "0000:00:01.2" } };
struct list_head pci_root_buses = LINKS(&bus_0.node, &bus_0.node);
AT(ffff888000162000)
struct pci_bus bus_0 = {
	.node = LINKS(&pci_root_buses, &pci_root_buses),
	.children = LINKS(&bus_1.node, &bus_1.node),
	.devices = LINKS(&host.bus_list, &port.bus_list),
	.sysdata = &domain_0,
	.bridge = &bridge_0,
};
AT(ffff888000162100)
struct pci_bus bus_1 = {
	.node = LINKS(&bus_0.children, &bus_0.children),
	.children = EMPTY(bus_1.children),
	.devices = LINKS(&disk.bus_list, &disk.bus_list),
	.sysdata = &domain_0,
	.number = 1,
	.bridge = &bridge_1,
};
AT(ffff888000162200)
struct pci_dev host = {
	.bus_list = LINKS(&port.bus_list, &bus_0.devices),
	.devfn = 0,
	.vendor = 0x8086,
	.device = 0x1237,
	.class = 0x060000,
};
AT(ffff888000162300)
struct pci_dev port = {
	.bus_list = LINKS(&bus_0.devices, &host.bus_list),
	.devfn = 1 << 3 | 2,
	.vendor = 0x1b36,
	.device = 0xc,
	.class = 0x060400,
	.pcie_flags_reg = 4 << 4 | 2,
};
AT(ffff888000162400)
struct pci_dev disk = {
	.bus_list = LINKS(&bus_1.devices, &bus_1.devices),
	.devfn = 0,
	.vendor = 0x1af4,
	.device = 0x1042,
	.class = 0x010000,
};

extern struct resource pic, dma, code;
AT(ffffffff82241000)
struct resource ioport_resource = { .end = 0xffff, .name = "PCI IO", .child = &dma };
AT(ffff888000163000)
struct resource dma = {
	.start = 0, .end = 0x1f, .name = "dma1", .parent = &ioport_resource, .sibling = &pic
};
AT(ffff888000163100)
struct resource pic = { .start = 0x20, .end = 0x21, .name = "pic1", .parent = &ioport_resource };
extern struct resource ram;
AT(ffffffff82241100)
struct resource iomem_resource = { .end = 0xfffffffff, .name = "PCI mem", .child = &ram };
AT(ffff888000163200)
struct resource ram = { .start = 0x100000,
			.end = 0x3ffffff,
			.name = "System RAM",
			.parent = &iomem_resource,
			.child = &code };
AT(ffff888000163300)
struct resource code = {
	.start = 0x3000000, .end = 0x30fffff, .name = "Kernel code", .parent = &ram
};
