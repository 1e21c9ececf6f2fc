// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* types_sys.h - structs of IPC, BPF, the machine and its log; types.h includes it. */

/* --- IPC */

struct kern_ipc_perm {
	u32 lock;
	bool deleted;
	int id;
	int key;
	kuid_t uid;
	u16 mode;
};
struct sem_array {
	struct kern_ipc_perm sem_perm;
	int sem_nsems;
};
struct msg_queue {
	struct kern_ipc_perm q_perm;
	unsigned long q_cbytes, q_qnum;
};
struct shmid_kernel {
	struct kern_ipc_perm shm_perm;
	struct file *shm_file;
	unsigned long shm_nattch, shm_segsz;
};
struct shmem_inode_info {
	unsigned long flags, alloced, swapped;
	struct inode vfs_inode;
};
struct ipc_ids {
	int in_use;
	struct idr ipcs_idr;
};
struct ipc_namespace {
	struct ipc_ids ids[3];
};

/* --- BPF */

enum bpf_prog_type { BPF_PROG_TYPE_UNSPEC, BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_KPROBE };
enum bpf_map_type { BPF_MAP_TYPE_UNSPEC, BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_ARRAY };
struct bpf_map {
	enum bpf_map_type map_type;
	u32 key_size, value_size, max_entries, map_flags, id;
	char name[16];
};
struct bpf_ksym {
	unsigned long start, end;
	char name[128];
	struct list_head lnode;
	bool prog;
};
struct bpf_prog_aux {
	u32 used_map_cnt, id;
	u64 load_time;
	struct bpf_map **used_maps;
	char name[16];
	struct bpf_ksym ksym;
};
struct bpf_prog {
	u16 pages;
	u16 jited : 1, jit_requested : 1, gpl_compatible : 1;
	enum bpf_prog_type type;
	u32 len, jited_len;
	u8 tag[8];
	u32 (*bpf_func)(const void *ctx);
	struct bpf_prog_aux *aux;
};

/* --- machine, log */

enum e820_type { E820_TYPE_RAM = 1, E820_TYPE_RESERVED = 2, E820_TYPE_ACPI = 3 };
struct e820_entry {
	u64 addr, size;
	enum e820_type type;
} __attribute__((packed));
struct e820_table {
	u32 nr_entries;
	struct e820_entry entries[3];
};
struct cpuinfo_x86 {
	u8 x86, x86_vendor, x86_model, x86_stepping;
	char x86_vendor_id[16], x86_model_id[64];
	int x86_cache_size;
	u16 x86_max_cores, apicid, logical_proc_id, cpu_core_id, cpu_index;
	u32 microcode;
};
enum cpuhp_state { CPUHP_OFFLINE, CPUHP_ONLINE = 240 };
struct cpuhp_cpu_state {
	enum cpuhp_state state;
};
struct x86_hw_tss {
	u32 reserved1;
	u64 sp0, sp1, sp2;
} __attribute__((packed));
struct tss_struct {
	struct x86_hw_tss x86_tss;
};
struct cea_exception_stacks {
	char DF_stack_guard[4096], DF_stack[4096], NMI_stack_guard[4096], NMI_stack[4096];
};
struct prb_data_blk_lpos {
	unsigned long begin, next;
};
struct prb_desc {
	atomic_long_t state_var;
	struct prb_data_blk_lpos text_blk_lpos;
};
struct dev_printk_info {
	char subsystem[16], device[48];
};
struct printk_info {
	u64 seq, ts_nsec;
	u16 text_len;
	u8 facility;
	u8 flags : 5, level : 3;
	u32 caller_id;
	struct dev_printk_info dev_info;
};
struct prb_data_ring {
	u32 size_bits;
	char *data;
	atomic_long_t head_lpos, tail_lpos;
};
struct prb_desc_ring {
	u32 count_bits;
	struct prb_desc *descs;
	struct printk_info *infos;
	atomic_long_t head_id, tail_id, last_finalized_id;
};
struct printk_ringbuffer {
	struct prb_desc_ring desc_ring;
	struct prb_data_ring text_data_ring;
	atomic_long_t fail;
};
