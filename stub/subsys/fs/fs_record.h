// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* fs_record.h - record tables of files, names and mounts. */
#include "stub/kernel/record.h"

enum dentry_field {
	DENTRY_NAME,
	DENTRY_NAME_LEN,
	DENTRY_PARENT,
	DENTRY_HASHED,
	DENTRY_INODE,
	DENTRY_SB,
	DENTRY_ALIAS,
	DENTRY_OP,
};
extern const struct record_def dentry_record;

enum dentry_op_field { DENTRY_OP_DNAME };
extern const struct record_def dentry_operations_record;

enum inode_field {
	INODE_MODE,
	INODE_INO,
	INODE_SB,
	INODE_MAPPING,
	INODE_RDEV,
	INODE_STATE,
	INODE_SB_LIST,
	INODE_NAMES,
	INODE_SIZE,
};
extern const struct record_def inode_record;

enum mapping_field { MAPPING_NRPAGES, MAPPING_PAGES };
extern const struct record_def mapping_record;

enum file_field { FILE_MNT, FILE_DENTRY, FILE_INODE, FILE_PRIVATE };
extern const struct record_def file_record;

enum sb_field { SB_TYPE, SB_INODES, SB_LIST };
extern const struct record_def sb_record;

enum fs_type_field { FS_TYPE_NAME };
extern const struct record_def fs_type_record;

enum mount_field { MOUNT_MNT, MOUNT_PARENT, MOUNT_POINT, MOUNT_DEVICE, MOUNT_NODE, MOUNT_LIST };
extern const struct record_def mount_record;

enum vfsmount_field { VFSMOUNT_ROOT, VFSMOUNT_SB, VFSMOUNT_FLAGS };
extern const struct record_def vfsmount_record;

enum mnt_ns_field { MNT_NS_TREE, MNT_NS_LIST };
extern const struct record_def mnt_ns_record;

/* struct nsproxy: the namespaces that a task is in */
enum nsproxy_field { NSPROXY_MNT, NSPROXY_NET, NSPROXY_IPC };
extern const struct record_def nsproxy_record;
