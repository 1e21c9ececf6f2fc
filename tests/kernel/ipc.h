/* ipc.h - one semaphore array, two shared memory segments, one message queue; BPF: two programs,
 * one map. An idr with one object of ID 0 has no node; else a pointer to a node has bit 1 set. */
#define NODE(n) (void *)((unsigned long)&(n) + 2)

AT(ffff888000150000)
struct sem_array semaphores = {
	.sem_perm = { .id = 0, .key = 0x6c327702, .uid = { 1000 }, .mode = 0600 },
	.sem_nsems = 3,
};
AT(ffff888000150100)
struct msg_queue messages = {
	.q_perm = { .id = 32769, .key = 0x11, .mode = 0644 },
	.q_cbytes = 300,
	.q_qnum = 4,
};
extern struct file shared_file, swapped_file;
AT(ffff888000150200)
struct shmid_kernel shared_0 = {
	.shm_perm = { .id = 0, .key = 0x2a, .uid = { 7 }, .mode = 0666 },
	.shm_segsz = 8193,
	.shm_nattch = 2,
	.shm_file = &shared_file,
};
/* It is marked for removal (01000) and locked (02000). */
AT(ffff888000150300)
struct shmid_kernel shared_1 = {
	.shm_perm = { .id = 1, .key = 0, .uid = { 0 }, .mode = 03600 },
	.shm_segsz = 4096,
	.shm_file = &swapped_file,
};
/* The first is 3 pages long, of which 2 are in memory and 1 is swapped; the second's page is
 * swapped. */
AT(ffff888000150400) struct address_space shared_pages = { .nrpages = 2 };
AT(ffff888000150500)
struct shmem_inode_info shared_inode = {
	.swapped = 1,
	.vfs_inode = { .i_mode = S_IFREG, .i_ino = 61, .i_mapping = &shared_pages },
};
AT(ffff888000150600) struct address_space swapped_pages = { .nrpages = 0 };
AT(ffff888000150700)
struct shmem_inode_info swapped_inode = {
	.swapped = 1,
	.vfs_inode = { .i_mode = S_IFREG, .i_ino = 62, .i_mapping = &swapped_pages },
};
struct file swapped_file = { OPEN(root_mount, log_dentry, &swapped_inode.vfs_inode) };
struct file shared_file = { OPEN(root_mount, log_dentry, &shared_inode.vfs_inode) };

struct xa_node shared_ids = { .shift = 0, .slots = { &shared_0, &shared_1 } };
struct xa_node message_ids = { .shift = 0, .slots = { [1] = &messages } };
AT(ffffffff82243000)
struct ipc_namespace
	init_ipc_ns = { .ids = {
				[0] = { .ipcs_idr = { .idr_rt = { .xa_head = &semaphores } } },
				[1] = { .ipcs_idr = { .idr_rt = { .xa_head =
									  NODE(message_ids) } } },
				[2] = { .ipcs_idr = { .idr_rt = { .xa_head = NODE(shared_ids) } } },
			} };

AT(ffff888000152000)
struct bpf_map counts = {
	.map_type = BPF_MAP_TYPE_HASH,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 100,
	.map_flags = 1,
	.id = 5,
	.name = "counts",
};
struct bpf_map *used[1] = { &counts };
AT(ffff888000152100)
struct bpf_prog_aux watch_aux = {
	.id = 3,
	.used_map_cnt = 1,
	.used_maps = used,
	.load_time = 2000000000,
	.name = "watch",
};
AT(ffff888000152300)
struct bpf_prog watch = {
	.pages = 1,
	.jited = 1,
	.gpl_compatible = 1,
	.type = BPF_PROG_TYPE_KPROBE,
	.len = 10,
	.jited_len = 77,
	.tag = { 1, 2, 3, 4, 5, 6, 7, 8 },
	.bpf_func = (void *)0xffffffffc0100010,
	.aux = &watch_aux,
};
AT(ffff888000152400) struct bpf_prog_aux filter_aux = { .id = 70, .name = "" };
AT(ffff888000152600)
struct bpf_prog filter = {
	.pages = 2, .type = BPF_PROG_TYPE_SOCKET_FILTER, .len = 4, .aux = &filter_aux
};
/* Programs 3 and 70: slot 6 of the second leaf. */
extern struct xa_node program_root, programs_high;
struct xa_node programs_low = {
	.shift = 0, .offset = 0, .parent = &program_root, .slots = { [3] = &watch }
};
struct xa_node programs_high = {
	.shift = 0, .offset = 1, .parent = &program_root, .slots = { [6] = &filter }
};
struct xa_node program_root = { .shift = 6, .slots = { NODE(programs_low), NODE(programs_high) } };
struct xa_node maps = { .shift = 0, .slots = { [5] = &counts } };
struct idr prog_idr = { .idr_rt = { .xa_head = NODE(program_root) } };
struct idr map_idr = { .idr_rt = { .xa_head = NODE(maps) } };
