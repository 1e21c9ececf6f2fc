# SPDX-License-Identifier: GPL-3.0-or-later
"""Which members of kernel structs vmstub finds in each kernel: `sys -r`. This test notices removed or renamed members first."""
import re
import subprocess

from dumps import BASE, EXTRA, DumpTest, for_dumps
from patience import limit
from session import verbs

ROW = re.compile(r"^(\w+) +(\S+) +(\d+|-)  (.*)$", re.M)

# Rows without a member in a kernel: they are for other releases or configurations. Any other missing row is an error.
ABSENT = {
    "5.10": """
        block_device.bd_stats btf.kernel_btf btf.name btf.start_str_off btf_module.btf btf_module.list
        bug_entry.format_disp fpstate.regs fpstate.size fpstate.xfeatures fpu.fpstate ftrace_event_field.len
        gendisk.part0 handle_parts.extra handle_parts.handle handle_parts.offset handle_parts.pool_index_plus_1
        kmem_cache.cpu_sheaves kmem_cache.per_node kmem_cache.per_node[0].barn kmem_cache_node.barn
        kretprobe_instance.llist maple_arange_64.pivot maple_arange_64.slot maple_node.slot maple_range_64.pivot
        maple_range_64.slot maple_tree.ma_root mem_section.page_ext mm_struct.mm_mt mm_struct.rss_stat[0]
        module.data_layout.base module.data_layout.size module.mem module_memory.base module_memory.size
        module_notes_attrs.grp mount.mnt_node mutex.first_waiter mutex.rtmutex neigh_hash_table.hash_heads
        neighbour.hash node_barn.sheaves_full orc_entry.signal page_ext.flags page_ext_operations.offset
        page_owner.gfp_mask page_owner.handle page_owner.order pcpu_hot.current_task pcpu_hot.hardirq_stack_ptr
        printk_log.len printk_log.text_len printk_log.ts_nsec rethook_node.frame rethook_node.llist
        rethook_node.ret_addr ring_buffer.buffers ring_buffer.clock ring_buffer.record_disabled.counter
        rq.scx.runnable_list rt_mutex_base.owner rt_mutex_base.waiters rw_semaphore.first_waiter
        rwbase_rt.readers.counter rwbase_rt.rtmutex saved_cmdlines_buffer.saved_cmdlines sched_dl_entity.dl_server
        sched_rt_entity.my_q semaphore.first_waiter slab.freelist slab.inuse slab.next slab.objects slab.slab_cache
        slab.slab_list slab_sheaf.barn_list slab_sheaf.objects slab_sheaf.size slub_percpu_sheaves.main
        slub_percpu_sheaves.rcu_free slub_percpu_sheaves.spare spinlock.lock stack_record.entries stack_record.handle
        stack_record.size swap_cluster_info.table swap_info_struct.zeromap task_group.rt_rq task_struct.blocker
        task_struct.kretprobe_instances.first task_struct.rcu_node_entry task_struct.rethooks.first
        task_struct.scx.runnable_node tk_data.timekeeper trace_buffer.subbuf_order vmap_node.busy.root
        zswap_entry.handle zswap_entry.length zswap_entry.pool zswap_entry.swpentry.val zswap_pool.tfm_name
        zswap_pool.zs_pool
    """,
    "6.1": """
        bug_entry.format_disp gendisk.part0.dkstats kmem_cache.cpu_sheaves kmem_cache.per_node
        kmem_cache.per_node[0].barn kmem_cache_node.barn kretprobe_instance.fp kretprobe_instance.hlist
        kretprobe_instance.llist kretprobe_instance.ret_addr mem_section.page_ext mm_struct.mmap mm_struct.rss_stat[0]
        module.data_layout.base module.data_layout.size module.mem module_memory.base module_memory.size
        module_notes_attrs.grp mount.mnt_node mutex.first_waiter mutex.rtmutex neigh_hash_table.hash_heads
        neighbour.hash node_barn.sheaves_full orc_entry.signal page.freelist page.inuse page.next page.objects
        page.slab_cache page_ext.flags page_ext_operations.offset page_owner.gfp_mask page_owner.handle page_owner.order
        pcpu_hot.current_task pcpu_hot.hardirq_stack_ptr per_cpu_pageset.pcp.count printk_log.len printk_log.text_len
        printk_log.ts_nsec ring_buffer.buffers ring_buffer.clock ring_buffer.record_disabled.counter
        rq.scx.runnable_list rt_mutex.owner rt_mutex.waiters rw_semaphore.first_waiter rwbase_rt.readers.counter
        rwbase_rt.rtmutex saved_cmdlines_buffer.saved_cmdlines sched_dl_entity.dl_server sched_rt_entity.my_q
        semaphore.first_waiter slab_sheaf.barn_list slab_sheaf.objects slab_sheaf.size slub_percpu_sheaves.main
        slub_percpu_sheaves.rcu_free slub_percpu_sheaves.spare spinlock.lock swap_cluster_info.table
        swap_info_struct.zeromap task_group.rt_rq task_struct.blocker task_struct.scx.runnable_node
        task_struct.thread.fpu.state tk_data.timekeeper trace_buffer.subbuf_order vm_area_struct.vm_next
        vmap_node.busy.root zswap_entry.handle zswap_entry.length zswap_entry.pool zswap_entry.swpentry.val
        zswap_pool.tfm_name zswap_pool.zs_pool
    """,
    "6.12": """
        bug_entry.format_disp gendisk.part0.dkstats kmem_cache.cpu_sheaves kmem_cache.per_node
        kmem_cache.per_node[0].barn kmem_cache_node.barn kretprobe_instance.fp kretprobe_instance.hlist
        kretprobe_instance.llist kretprobe_instance.ret_addr mem_section.page_ext mm_struct.mmap
        mm_struct.rss_stat.count[0].counter mnt_namespace.list module.core_layout.base module.core_layout.size
        module.core_layout.text_size module.data_layout.base module.data_layout.size module_notes_attrs.grp
        mutex.first_waiter mutex.rtmutex neigh_hash_table.hash_heads neighbour.hash node_barn.sheaves_full orc_entry.end
        page.freelist page.inuse page.next page.objects page.slab_cache page_ext.flags page_ext_operations.offset
        page_owner.gfp_mask page_owner.handle page_owner.order per_cpu_pageset.pcp.count printk_log.len
        printk_log.text_len printk_log.ts_nsec ring_buffer.buffers ring_buffer.clock ring_buffer.record_disabled.counter
        rq.scx.runnable_list rt_mutex.owner rt_mutex.waiters rw_semaphore.first_waiter rwbase_rt.readers.counter
        rwbase_rt.rtmutex saved_cmdlines_buffer.saved_cmdlines sched_rt_entity.my_q semaphore.first_waiter
        slab_sheaf.barn_list slab_sheaf.objects slab_sheaf.size slub_percpu_sheaves.main slub_percpu_sheaves.rcu_free
        slub_percpu_sheaves.spare spinlock.lock swap_cluster_info.table task_group.rt_rq task_struct.blocker
        task_struct.rss_stat.count task_struct.rss_stat.count[0] task_struct.scx.runnable_node
        task_struct.thread.fpu.state tk_data.timekeeper vm_area_struct.vm_next zswap_entry.handle zswap_entry.length
        zswap_entry.pool zswap_entry.swpentry.val zswap_pool.tfm_name zswap_pool.zs_pool
    """,
    "7": """
        gendisk.part0.dkstats hrtimer_clock_base.get_time kmem_cache.cpu_slab kmem_cache_cpu.freelist
        kmem_cache_cpu.partial kmem_cache_cpu.slab kmem_cache_node.barn kretprobe_instance.fp kretprobe_instance.hlist
        kretprobe_instance.llist kretprobe_instance.ret_addr mem_section.page_ext mm_struct.mmap
        mm_struct.rss_stat.count[0].counter mnt_namespace.list module.core_layout.base module.core_layout.size
        module.core_layout.text_size module.data_layout.base module.data_layout.size module_notes_attrs.notes
        module_sect_attr.address module_sect_attr.battr.attr.name module_sect_attrs.nsections mutex.rtmutex
        mutex.wait_list neigh_hash_table.hash_buckets neighbour.next orc_entry.end page.freelist page.inuse page.next
        page.objects page.slab_cache page_ext.flags page_ext_operations.offset page_owner.gfp_mask page_owner.handle
        page_owner.order pcpu_hot.current_task pcpu_hot.hardirq_stack_ptr per_cpu_pageset.pcp.count printk_log.len
        printk_log.text_len printk_log.ts_nsec ring_buffer.buffers ring_buffer.clock ring_buffer.record_disabled.counter
        rt_mutex.owner rt_mutex.waiters rw_semaphore.wait_list rwbase_rt.readers.counter rwbase_rt.rtmutex
        saved_cmdlines_buffer.saved_cmdlines sched_rt_entity.my_q semaphore.wait_list slab.next spinlock.lock
        swap_info_struct.zeromap task_group.rt_rq task_struct.rss_stat.count task_struct.rss_stat.count[0]
        task_struct.thread.fpu task_struct.thread.fpu.state vm_area_struct.vm_next
    """,
}

# A 6.1 with PREEMPT_RT, and with zswap and PAGE_EXTENSION, which the kernel for clouds lacks.
ABSENT["6.1rt"] = " ".join(set(ABSENT["6.1"].split()) - set("""
        mem_section.page_ext mutex.rtmutex page_ext.flags page_ext_operations.offset rwbase_rt.readers.counter
        rwbase_rt.rtmutex spinlock.lock zswap_entry.handle zswap_entry.length zswap_entry.pool zswap_pool.tfm_name
    """.split()) | set("""
        mutex.owner.counter mutex.wait_list mutex_waiter.list mutex_waiter.task rw_semaphore.owner.counter
        rw_semaphore.wait_list rwsem_waiter.list rwsem_waiter.task rwsem_waiter.type
    """.split()))


class RecordsTest(DumpTest):
    @classmethod
    def prepare(cls):
        cls.text = verbs(cls.dump, "sys -r", core=next(iter(cls.dump.cores.values())))
        cls.rows = [m.groups() for m in ROW.finditer(cls.text)]


@for_dumps(*BASE, *EXTRA, "k5.10-probes", "k6.1-probes", "k6.12-probes", "k7-probes", "k6.1rt-locks",
           quick=(*BASE, "k5.10-kdump", "k7-kdump"))
class Records(RecordsTest):
    def test_absent(self):
        kernel = re.match(r"k([\d.]+(?:rt)?)-", self.dump.name)[1]
        self.assertGreater(len(self.rows), 70)
        # What only kernels older than all of these have, or those with the allocator SLAB, is not listed for each.
        absent = {f"{struct}.{member}" for struct, member, offset, note in self.rows
                  if offset == "-" and not re.match(r"\((before [234]\.|until 4\.|RHEL 7|CONFIG_(DEBUG_)?SLAB\))", note)}
        self.assertEqual(absent, set(ABSENT[kernel].split()))

    def test_absent_rows_say_where_they_are(self):
        for struct, member, offset, note in self.rows:
            if offset == "-":
                self.assertRegex(note, r"^\(.+\)$", f"{struct}.{member}")

    def test_summary(self):
        found = sum(offset != "-" for _, _, offset, _ in self.rows)
        self.assertEqual(self.text.splitlines()[-1], f"{found} of {len(self.rows)} members are in this kernel (BTF)")


@for_dumps("k6.1-kdump")
class AsGdb(RecordsTest):
    """Offsets equal those that gdb reads from DWARF; only for a few structs, because gdb takes seconds to find each."""
    STRUCTS = ("task_struct", "mm_struct", "signal_struct", "vm_area_struct", "rq")

    def test_offsets(self):
        wanted = [(struct, member, int(offset)) for struct, member, offset, note in self.rows
                  if struct in self.STRUCTS and offset != "-" and "bits from bit" not in note]
        self.assertGreater(len(wanted), 50)
        asked = [word for struct, member, _ in wanted
                 for word in ("-ex", f"output (long)&((struct {struct} *)0)->{member}", "-ex", r"echo \n")]
        done = subprocess.run(["gdb", "-nx", "-batch", *asked, "vmlinux"], cwd=self.dump.dir, text=True, timeout=limit(280),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        answers = done.stdout.splitlines()
        self.assertEqual(len(answers), len(wanted), done.stdout)
        wrong = [(row, answer) for row, answer in zip(wanted, answers) if str(row[2]) != answer]
        self.assertEqual(wrong, [])
