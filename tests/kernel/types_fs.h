// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* types_fs.h - structs of files, and the memory of programs; types.h includes it. */

/* --- trees of slots */

struct xarray {
	u32 xa_lock;
	u32 xa_flags;
	void *xa_head;
};
struct xa_node {
	u8 shift, offset, count, nr_values;
	struct xa_node *parent;
	struct xarray *array;
	struct list_head private_list;
	void *slots[64];
	unsigned long marks[3][1];
};
struct idr {
	struct xarray idr_rt;
	u32 idr_base, idr_next;
};
enum maple_type { maple_dense, maple_leaf_64, maple_range_64, maple_arange_64 };
struct maple_tree {
	u32 ma_lock;
	u32 ma_flags;
	void *ma_root;
};
struct maple_range_64 {
	void *parent;
	unsigned long pivot[15];
	void *slot[16];
};
struct maple_arange_64 {
	void *parent;
	unsigned long pivot[9];
	void *slot[10];
	unsigned long gap[10];
	u64 meta;
};
struct maple_node {
	union {
		struct {
			void *parent;
			void *slot[31];
		};
		struct maple_range_64 mr64;
		struct maple_arange_64 ma64;
	};
};

/* --- files */

struct qstr {
	u32 hash, len;
	const char *name;
};
struct dentry {
	u32 d_flags;
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	char d_iname[32];
	struct super_block *d_sb;
};
struct address_space {
	struct inode *host;
	struct xarray i_pages;
	unsigned long nrpages;
};
struct inode {
	u16 i_mode;
	struct super_block *i_sb;
	struct address_space *i_mapping;
	unsigned long i_ino;
	u32 i_rdev;
	unsigned long i_state;
	struct list_head i_sb_list;
};
struct file_system_type {
	const char *name;
};
struct super_block {
	struct list_head s_list;
	struct file_system_type *s_type;
	struct list_head s_inodes;
};
struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
	int mnt_flags;
};
struct mount {
	struct hlist_node mnt_hash;
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	const char *mnt_devname;
#if NEW /* 2eea9ce4310d (6.8) */
	struct rb_node mnt_node;
};
struct mnt_namespace {
	struct rb_root mounts;
	u32 nr_mounts;
};
#else
	struct list_head mnt_list;
};
struct mnt_namespace {
	struct list_head list;
	u32 mounts;
};
#endif
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};
struct file {
	struct path f_path;
	struct inode *f_inode;
	void *private_data;
};
struct fdtable {
	u32 max_fds;
	struct file **fd;
	unsigned long *open_fds;
};
struct files_struct {
	atomic_t count;
	struct fdtable *fdt;
};
struct fs_struct {
	int users;
	struct path root, pwd;
};

/* --- memory of programs */

enum { MM_FILEPAGES, MM_ANONPAGES, MM_SWAPENTS, MM_SHMEMPAGES, NR_MM_COUNTERS };
struct percpu_counter {
	u32 lock;
	s64 count;
	s32 *counters;
};
#if NEW /* f1a7941243c1 (6.2) */
typedef struct percpu_counter rss_stat_t[NR_MM_COUNTERS];
#define RSS(files, anon)                                                                           \
	{                                                                                          \
		[MM_FILEPAGES] = { .count = (files) }, [MM_ANONPAGES] = {.count = (anon) }         \
	}
#else
typedef struct mm_rss_stat {
	atomic_long_t count[NR_MM_COUNTERS];
} rss_stat_t;
#define RSS(files, anon)                                                                           \
	{                                                                                          \
		.count = { [MM_FILEPAGES] = { (files) }, [MM_ANONPAGES] = { (anon) } }             \
	}
#endif
struct task_rss_stat {
	int events;
	int count[NR_MM_COUNTERS];
};
struct mm_struct {
#if OLD /* until 763ecb035029 (6.1) */
	struct vm_area_struct *mmap;
#else
	struct maple_tree mm_mt;
#endif
	unsigned long *pgd;
	unsigned long total_vm;
	unsigned long start_code, end_code, start_data, end_data, start_brk, brk, start_stack;
	unsigned long arg_start, arg_end, env_start, env_end;
	rss_stat_t rss_stat;
};
struct vm_area_struct {
	unsigned long vm_start, vm_end;
#if OLD
	struct vm_area_struct *vm_next, *vm_prev;
#endif
	struct mm_struct *vm_mm;
	unsigned long vm_flags;
	unsigned long vm_pgoff;
	struct file *vm_file;
};
