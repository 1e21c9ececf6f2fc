// SPDX-License-Identifier: GPL-3.0-or-later
/* fs_record.c - record tables of dentries, inodes, files, mounts and namespaces. */
#include "stub/subsys/fs/fs_record.h"

static const struct record_field dentry_fields[] = {
	// 61bc2c33e1b8 (6.16): the writable name is __d_name, and d_name a read-only view of it
	[DENTRY_NAME] = { { "d_name.name" }, RECORD_POINTER },
	[DENTRY_NAME_LEN] = { { "d_name.len" }, RECORD_UINT },
	[DENTRY_PARENT] = { { "d_parent" }, RECORD_POINTER },
	[DENTRY_HASHED] = { { "d_hash.pprev" }, RECORD_POINTER },
	[DENTRY_INODE] = { { "d_inode" }, RECORD_POINTER },
	[DENTRY_SB] = { { "d_sb" }, RECORD_POINTER },
	// 946e51f2bf37 (3.19) put it into d_u, and 7.x took it out again
	[DENTRY_ALIAS] = { { "d_u.d_alias", "d_alias" }, RECORD_ADDRESS },
	[DENTRY_OP] = { { "d_op" }, RECORD_POINTER },
};
RECORD(dentry_record, "dentry", dentry_fields);

static const struct record_field dentry_operations_fields[] = {
	[DENTRY_OP_DNAME] = { { "d_dname" }, RECORD_POINTER },
};
RECORD(dentry_operations_record, "dentry_operations", dentry_operations_fields);

static const struct record_field inode_fields[] = {
	[INODE_MODE] = { { "i_mode" }, RECORD_UINT },
	[INODE_INO] = { { "i_ino" }, RECORD_UINT },
	[INODE_SB] = { { "i_sb" }, RECORD_POINTER },
	[INODE_MAPPING] = { { "i_mapping" }, RECORD_POINTER },
	[INODE_RDEV] = { { "i_rdev" }, RECORD_UINT },
	// 6.19: the flags are in a separate struct
	[INODE_STATE] = { { "i_state.__state", "i_state" }, RECORD_UINT },
	[INODE_SB_LIST] = { { "i_sb_list" }, RECORD_ADDRESS },
	[INODE_NAMES] = { { "i_dentry" }, RECORD_ADDRESS },
	[INODE_SIZE] = { { "i_size" }, RECORD_UINT },
};
RECORD(inode_record, "inode", inode_fields);

static const struct record_field mapping_fields[] = {
	[MAPPING_NRPAGES] = { { "nrpages" }, RECORD_UINT },
	// b93b016313b3 (4.17) renamed it
	[MAPPING_PAGES] = { { "i_pages", "page_tree" }, RECORD_ADDRESS },
};
RECORD(mapping_record, "address_space", mapping_fields);

static const struct record_field file_fields[] = {
	[FILE_MNT] = { { "f_path.mnt" }, RECORD_POINTER },
	[FILE_DENTRY] = { { "f_path.dentry" }, RECORD_POINTER },
	// dd37978c50bc (3.9): the same as f_path.dentry->d_inode
	[FILE_INODE] = { { "f_inode" }, RECORD_POINTER },
	[FILE_PRIVATE] = { { "private_data" }, RECORD_POINTER },
};
RECORD(file_record, "file", file_fields);

static const struct record_field sb_fields[] = {
	[SB_TYPE] = { { "s_type" }, RECORD_POINTER },
	[SB_INODES] = { { "s_inodes" }, RECORD_ADDRESS },
	[SB_LIST] = { { "s_list" }, RECORD_ADDRESS },
};
RECORD(sb_record, "super_block", sb_fields);

static const struct record_field fs_type_fields[] = {
	[FS_TYPE_NAME] = { { "name" }, RECORD_POINTER },
};
RECORD(fs_type_record, "file_system_type", fs_type_fields);

static const struct record_field mount_fields[] = {
	[MOUNT_MNT] = { { "mnt" }, RECORD_ADDRESS },
	[MOUNT_PARENT] = { { "mnt_parent" }, RECORD_POINTER },
	[MOUNT_POINT] = { { "mnt_mountpoint" }, RECORD_POINTER },
	[MOUNT_DEVICE] = { { "mnt_devname" }, RECORD_POINTER },
	// 2eea9ce4310d ("mounts: keep list of mounts in an rbtree", 6.8)
	[MOUNT_NODE] = { { "mnt_node" }, RECORD_ADDRESS, "since 6.8" },
	[MOUNT_LIST] = { { "mnt_list" }, RECORD_ADDRESS, "in lists of namespaces before 6.8" },
};
RECORD(mount_record, "mount", mount_fields);

static const struct record_field vfsmount_fields[] = {
	[VFSMOUNT_ROOT] = { { "mnt_root" }, RECORD_POINTER },
	[VFSMOUNT_SB] = { { "mnt_sb" }, RECORD_POINTER },
	[VFSMOUNT_FLAGS] = { { "mnt_flags" }, RECORD_UINT },
};
RECORD(vfsmount_record, "vfsmount", vfsmount_fields);

static const struct record_field mnt_ns_fields[] = {
	[MNT_NS_TREE] = { { "mounts" }, RECORD_ADDRESS }, // before 6.8 the number of mounts
	[MNT_NS_LIST] = { { "list" }, RECORD_ADDRESS, "before 6.8" },
};
RECORD(mnt_ns_record, "mnt_namespace", mnt_ns_fields);

static const struct record_field nsproxy_fields[] = {
	[NSPROXY_MNT] = { { "mnt_ns" }, RECORD_POINTER },
	[NSPROXY_NET] = { { "net_ns" }, RECORD_POINTER },
	[NSPROXY_IPC] = { { "ipc_ns" }, RECORD_POINTER },
};
RECORD(nsproxy_record, "nsproxy", nsproxy_fields);
