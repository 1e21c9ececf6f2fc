/* files.h - two file systems and open files.
 *
 *   /            ext4 on /dev/vda, mounted at ffff888000122000
 *   /etc/log     inode 11, 3 pages in the page cache
 *   /etc/gone    inode 12, deleted, dirty
 *   /bin/worm    inode 13, the program
 *   /swap        inode 14, a swap file
 *   /proc        proc, mounted at ffff888000122200
 *   /proc/self   inode 21
 */
#define S_IFSOCK 0140000
#define S_IFREG	 0100000
#define S_IFDIR	 0040000
#define S_IFCHR	 0020000
#define S_IFIFO	 0010000

extern struct super_block root_sb, proc_sb, sock_sb, pipe_sb, anon_sb;
extern struct inode root_inode, etc_inode, log_inode, gone_inode, worm_inode, swap_inode;
extern struct mount root_mount, proc_mount, cursor;

struct file_system_type ext4_type = { "ext4" }, proc_type = { "proc" }, sock_type = { "sockfs" };
struct file_system_type pipe_type = { "pipefs" }, anon_type = { "anon_inodefs" };

AT(ffff888000120000)
struct super_block root_sb = { .s_type = &ext4_type,
			       .s_inodes = LINKS(&log_inode.i_sb_list, &gone_inode.i_sb_list) };
AT(ffff888000120100)
struct super_block proc_sb = { .s_type = &proc_type, .s_inodes = EMPTY(proc_sb.s_inodes) };
AT(ffff888000120200)
struct super_block sock_sb = { .s_type = &sock_type, .s_inodes = EMPTY(sock_sb.s_inodes) };
AT(ffff888000120300)
struct super_block pipe_sb = { .s_type = &pipe_type, .s_inodes = EMPTY(pipe_sb.s_inodes) };
AT(ffff888000120400)
struct super_block anon_sb = { .s_type = &anon_type, .s_inodes = EMPTY(anon_sb.s_inodes) };

AT(ffff888000120800) struct address_space log_pages = { .host = &log_inode, .nrpages = 3 };
AT(ffff888000120900) struct address_space worm_pages = { .host = &worm_inode, .nrpages = 1 };

/* Only log and gone are on the list of their file system. */
AT(ffff888000123000) struct inode root_inode = { .i_mode = S_IFDIR, .i_ino = 2, .i_sb = &root_sb };
AT(ffff888000123100) struct inode etc_inode = { .i_mode = S_IFDIR, .i_ino = 10, .i_sb = &root_sb };
AT(ffff888000123200)
struct inode log_inode = {
	.i_mode = S_IFREG,
	.i_ino = 11,
	.i_sb = &root_sb,
	.i_mapping = &log_pages,
	.i_sb_list = LINKS(&gone_inode.i_sb_list, &root_sb.s_inodes),
};
AT(ffff888000123300)
struct inode gone_inode = {
	.i_mode = S_IFREG,
	.i_ino = 12,
	.i_sb = &root_sb,
	.i_state = 4, /* I_DIRTY_PAGES */
	.i_sb_list = LINKS(&root_sb.s_inodes, &log_inode.i_sb_list),
};
AT(ffff888000123400)
struct inode worm_inode = {
	.i_mode = S_IFREG, .i_ino = 13, .i_sb = &root_sb, .i_mapping = &worm_pages
};
AT(ffff888000123500) struct inode swap_inode = { .i_mode = S_IFREG, .i_ino = 14, .i_sb = &root_sb };
AT(ffff888000123600) struct inode self_inode = { .i_mode = S_IFREG, .i_ino = 21, .i_sb = &proc_sb };
AT(ffff888000123700) struct inode pipe_inode = { .i_mode = S_IFIFO, .i_ino = 31, .i_sb = &pipe_sb };
AT(ffff888000123800) struct inode event_inode = { .i_mode = 0600, .i_ino = 41, .i_sb = &anon_sb };

/* A dentry that is not hashed belongs to a deleted file, unless it is a root. */
#define NAME(text) .d_name = { .len = sizeof(text) - 1, .name = text }
#define HASHED	   .d_hash = { .pprev = (void *)0xffff888000120f00 }

AT(ffff888000121000)
struct dentry root_dentry = { NAME("/"), .d_parent = &root_dentry, .d_inode = &root_inode,
			      .d_sb = &root_sb };
AT(ffff888000121100)
struct dentry etc_dentry = { NAME("etc"), HASHED, .d_parent = &root_dentry, .d_inode = &etc_inode,
			     .d_sb = &root_sb };
AT(ffff888000121200)
struct dentry log_dentry = { NAME("log"), HASHED, .d_parent = &etc_dentry, .d_inode = &log_inode,
			     .d_sb = &root_sb };
AT(ffff888000121300)
struct dentry gone_dentry = { NAME("gone"), .d_parent = &etc_dentry, .d_inode = &gone_inode,
			      .d_sb = &root_sb };
AT(ffff888000121400)
struct dentry bin_dentry = { NAME("bin"), HASHED, .d_parent = &root_dentry, .d_sb = &root_sb };
AT(ffff888000121500)
struct dentry worm_dentry = { NAME("worm"), HASHED, .d_parent = &bin_dentry, .d_inode = &worm_inode,
			      .d_sb = &root_sb };
AT(ffff888000121600)
struct dentry swap_dentry = { NAME("swap"), HASHED, .d_parent = &root_dentry,
			      .d_inode = &swap_inode, .d_sb = &root_sb };
AT(ffff888000121700)
struct dentry proc_dentry = { NAME("proc"), HASHED, .d_parent = &root_dentry, .d_sb = &root_sb };
AT(ffff888000121800)
struct dentry proc_root = { NAME("/"), .d_parent = &proc_root, .d_sb = &proc_sb };
AT(ffff888000121900)
struct dentry self_dentry = { NAME("self"), HASHED, .d_parent = &proc_root, .d_inode = &self_inode,
			      .d_sb = &proc_sb };
AT(ffff888000121a00)
struct dentry pipe_dentry = { NAME(""), .d_parent = &pipe_dentry, .d_inode = &pipe_inode,
			      .d_sb = &pipe_sb };
AT(ffff888000121b00)
struct dentry sock_dentry = { NAME("TCP"), .d_parent = &sock_dentry, .d_sb = &sock_sb };
AT(ffff888000121c00)
struct dentry event_dentry = { NAME("[eventfd]"), .d_parent = &event_dentry,
			       .d_inode = &event_inode, .d_sb = &anon_sb };

/* On a list, or in a tree with / above /proc. */
#if NEW
#define MOUNTED(next, prev, node) .mnt_node = { node }
#else
#define MOUNTED(next, prev, node) .mnt_list = LINKS(next, prev)
#endif
AT(ffff888000122000)
struct mount root_mount = {
	.mnt_parent = &root_mount,
	.mnt_mountpoint = &root_dentry,
	.mnt_devname = "/dev/vda",
	.mnt = { .mnt_root = &root_dentry, .mnt_sb = &root_sb },
	MOUNTED(&cursor.mnt_list, &mnt_ns.list, .rb_right = &proc_mount.mnt_node),
};
AT(ffff888000122200)
struct mount proc_mount = {
	.mnt_parent = &root_mount,
	.mnt_mountpoint = &proc_dentry,
	.mnt_devname = "proc",
	.mnt = { .mnt_root = &proc_root, .mnt_sb = &proc_sb },
	MOUNTED(&mnt_ns.list, &cursor.mnt_list,
		.__rb_parent_color = (unsigned long)&root_mount.mnt_node),
};
#if !NEW /* somebody is reading /proc/mounts and is at this place */
struct mount cursor = {
	.mnt = { .mnt_flags = 0x10000000 }, /* MNT_CURSOR */
	MOUNTED(&proc_mount.mnt_list, &root_mount.mnt_list, ),
};
#endif
AT(ffff888000122400)
struct mnt_namespace mnt_ns = {
#if NEW
	.mounts = { &root_mount.mnt_node },
	.nr_mounts = 2,
#else
	.list = LINKS(&root_mount.mnt_list, &proc_mount.mnt_list),
	.mounts = 2,
#endif
};

#define OPEN(mount, d, i) .f_path = { &(mount).mnt, &(d) }, .f_inode = (i)
extern struct socket_alloc tcp_socket, udp_socket;

AT(ffff888000125000) struct file log_file = { OPEN(root_mount, log_dentry, &log_inode) };
AT(ffff888000125100) struct file gone_file = { OPEN(root_mount, gone_dentry, &gone_inode) };
AT(ffff888000125200) struct file pipe_file = { OPEN(root_mount, pipe_dentry, &pipe_inode) };
AT(ffff888000125300)
struct file tcp_file = { OPEN(root_mount, sock_dentry, &tcp_socket.vfs_inode),
			 .private_data = &tcp_socket.socket };
AT(ffff888000125400) struct file event_file = { OPEN(root_mount, event_dentry, &event_inode) };
AT(ffff888000125500) struct file self_file = { OPEN(proc_mount, self_dentry, &self_inode) };
AT(ffff888000125600) struct file worm_file = { OPEN(root_mount, worm_dentry, &worm_inode) };
AT(ffff888000125700) struct file swap_file = { OPEN(root_mount, swap_dentry, &swap_inode) };
AT(ffff888000125800)
struct file udp_file = { OPEN(root_mount, sock_dentry, &udp_socket.vfs_inode),
			 .private_data = &udp_socket.socket };

/* worm has 0 to 6 open, and 7 reserved. */
struct file *worm_fds[64] = { &log_file,   &gone_file, &pipe_file, &tcp_file,
			      &event_file, &self_file, &udp_file };
unsigned long worm_open[1] = { 0xff };
AT(ffff888000126000)
struct fdtable worm_fdt = { .max_fds = 64, .fd = worm_fds, .open_fds = worm_open };
AT(ffff888000126100) struct files_struct worm_files = { .fdt = &worm_fdt };
unsigned long no_open[1] = { 0 };
AT(ffff888000126200) struct fdtable no_fdt = { .max_fds = 64, .fd = worm_fds, .open_fds = no_open };
AT(ffff888000126300) struct files_struct no_files = { .fdt = &no_fdt };
AT(ffff888000126400)
struct fs_struct init_fs = { .root = { &root_mount.mnt, &root_dentry },
			     .pwd = { &root_mount.mnt, &root_dentry } };
AT(ffff888000126500)
struct fs_struct worm_fs = { .root = { &root_mount.mnt, &root_dentry },
			     .pwd = { &root_mount.mnt, &etc_dentry } };

extern struct vm_area_struct area_data;
/* --- the areas of worm: 400000 to 401000 of /bin/worm, 401000 to 404000 without a file.
 * A tree with two leaves: ranges up to 400fff are in the first. A pointer to a node has the node's
 * type in bits 3 to 6; a parent pointer has the node's slot there. */
AT(ffff888000130000)
struct maple_node
	areas_root = { .ma64 = {
			       .parent = (void *)0xffff888000130801,
			       .pivot = { 0x400fff },
			       .slot = { (void *)(0xffff888000130100 + (maple_leaf_64 << 3 | 2)),
					 (void *)(0xffff888000130200 + (maple_leaf_64 << 3 | 2)) },
		       } };
AT(ffff888000130100)
struct maple_node areas_low = { .mr64 = {
					.parent = (void *)(0xffff888000130000 + (0 << 3 | 6)),
					.pivot = { 0x3fffff, 0x400fff },
					.slot = { NULL, (void *)0xffff888000130400 },
				} };
AT(ffff888000130200)
struct maple_node areas_high = { .mr64 = {
					 .parent = (void *)(0xffff888000130000 + (1 << 3 | 6)),
					 .pivot = { 0x403fff },
					 .slot = { (void *)0xffff888000130500 },
				 } };
AT(ffff888000130400)
struct vm_area_struct area_code = {
#if OLD
	.vm_next = &area_data,
#endif
	.vm_start = 0x400000,
	.vm_end = 0x401000,
	.vm_mm = &worm_mm,
	.vm_flags = 0x75,
	.vm_pgoff = 1,
	.vm_file = &worm_file,
};
AT(ffff888000130500)
struct vm_area_struct area_data = {
	.vm_start = 0x401000,
	.vm_end = 0x404000,
	.vm_mm = &worm_mm,
	.vm_flags = 0x100073,
};
