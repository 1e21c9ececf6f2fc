# What can be made: one row each. Sourced.

# key  suites (comma separated)  metapackage of the kernel  where to build its modules
#
# The metapackage depends on the newest kernel of its kind, so no ABI number is
# written down here. 6.12 is the one Debian builds for bookworm. Modules are
# built "here", or in a small root of the suite named, when the kernel wants a
# newer compiler and C library than this machine may have.
kernels() {
	cat <<-'END'
		5.10  bullseye                    linux-image-cloud-amd64       here
		6.1   bookworm,bookworm-security  linux-image-cloud-amd64       here
		6.1rt bookworm,bookworm-security  linux-image-rt-amd64          here
		6.12  bookworm,bookworm-security  linux-image-6.12-cloud-amd64  here
		7     trixie-backports            linux-image-cloud-amd64       trixie
	END
}

# The same of kernels that are built here (source.sh):
# key  suite  package  files with the configuration (comma separated)  CONFIG_LOCALVERSION
source_kernels() {
	cat <<-'END'
		5.10fp     bullseye  linux-source-5.10  fp.config                  -fp
		5.10guess  bullseye  linux-source-5.10  small.config,guess.config  -guess
		5.10frame  bullseye  linux-source-5.10  small.config,frame.config  -frame
		6.1frame   bookworm  linux-source-6.1   small.config,frame.config  -frame
		6.12checks trixie    linux-source-6.12  small.config,checks.config  -checks
	END
}

# name  set  kernel  way  situations  cpu model  extra command line
#
# set: base is made when no name is given, the others by name or by --set; bench is what bench/run needs,
# old, checks, guess and frame have kernels of source.sh, which take minutes to build.
# user: programs of many kinds, and what they have in swap. situations: of the l2w module, one after the other; w_NAME is a worker of the
# guest to start before; backtraces lets the oops tell the stacks of all
# CPUs; probes: of the l2k module, loaded with tracers on; locks: the threads of the l2q module wait for
# them; trace: events are recorded, some by the l2e module. Only the last one crashes. Of the way faults, the
# situations are faults of the l2f module, each with a dump of its own (faults.sh); of the way oom, they are hogs of the
# l2o module; of the way checks, they are what the l2d module does for a kernel that checks itself to find. extra.sh and
# checks.sh have the modules.
# -cpu max gives five-level page tables, qemu64 has only four; pti=on because
# QEMU's model does not suffer from Meltdown, so the kernel would leave it off.
# Debian's cloud kernels before 6.12 are built without machine checks.
# Of the way qemu, nothing that crashes in an NMI or double fault: panic() does not print its last line there.
crashes() {
	cat <<-'END'
		k6.1-kdump      base    6.1   kdump  softirq_null                           max
		k6.1-qemu       base    6.1   qemu   softirq_null                           max
		k6.12-kdump     base    6.12  kdump  softirq_null                           qemu64  pti=on
		k6.12-qemu      base    6.12  qemu   softirq_null                           max
		k5.10-kdump     extra   5.10  kdump  softirq_null                           qemu64
		k7-kdump        extra   7     kdump  softirq_null                           max
		k7-qemu         extra   7     qemu   softirq_null                           qemu64
		k6.1-work       matrix  6.1   kdump  w_unborn,hang_irqs_off,workqueue_bug   max
		k6.1-nullcall   matrix  6.1   kdump  null_call                              qemu64
		k6.1-nmi        matrix  6.1   kdump  nmi                                    max
		k6.1-overflow   matrix  6.1   kdump  stack_overflow                         qemu64
		k6.1-datacall   matrix  6.1   kdump  data_call                              max
		k6.1-freedcall  matrix  6.1   kdump  freed_call                             max
		k6.1-hardirq    matrix  6.1   kdump  hang_nmi,hardirq                       max
		k6.1-syscall    matrix  6.1   kdump  softirq_syscall                        qemu64
		k6.12-work      matrix  6.12  kdump  w_unborn,hang_irqs_off,workqueue_bug   max
		k6.12-nullcall  matrix  6.12  kdump  null_call                              qemu64
		k6.12-nmi       matrix  6.12  kdump  nmi                                    max
		k6.12-overflow  matrix  6.12  kdump  stack_overflow                         qemu64
		k6.12-freedcall matrix  6.12  kdump  freed_call                             max
		k6.12-hardirq   matrix  6.12  kdump  hardirq                                max
		k6.12-syscall   matrix  6.12  kdump  softirq_syscall                        qemu64
		k5.10-work      matrix  5.10  kdump  w_unborn,hang_irqs_off,workqueue_bug   max
		k5.10-nullcall  matrix  5.10  kdump  null_call                              qemu64
		k5.10-nmi       matrix  5.10  kdump  nmi                                    max
		k5.10-overflow  matrix  5.10  kdump  stack_overflow                         qemu64
		k5.10-syscall   matrix  5.10  kdump  softirq_syscall                        qemu64
		k7-work         matrix  7     kdump  w_unborn,hang_irqs_off,workqueue_bug   max
		k7-nullcall     matrix  7     kdump  null_call                              qemu64
		k7-nmi          matrix  7     kdump  nmi                                    max
		k7-overflow     matrix  7     kdump  stack_overflow                         qemu64
		k7-freedcall    matrix  7     kdump  freed_call                             max
		k6.1-panic      matrix  6.1   kdump  panic                                  max
		k6.1-entry      matrix  6.1   kdump  w_int80,entry_nmi                      qemu64  pti=on
		k6.1-bpf        matrix  6.1   kdump  backtraces,w_bpf_loop,w_bpf_call,bpf_call  max
		k6.12-mce       matrix  6.12  kdump  mce                                    qemu64
		k6.12-entry     matrix  6.12  kdump  w_int80,entry_nmi                      max
		k6.12-bpf       matrix  6.12  kdump  backtraces,w_bpf_loop,w_bpf_call,bpf_call  qemu64
		k5.10-panic     matrix  5.10  kdump  panic                                  qemu64
		k5.10-entry     matrix  5.10  kdump  w_int80,entry_nmi                      qemu64
		k5.10-bpf       matrix  5.10  kdump  backtraces,w_bpf_loop,w_bpf_call,bpf_call  max
		k7-mce          matrix  7     kdump  mce                                    qemu64
		k7-entry        matrix  7     kdump  w_int80,entry_nmi                      max
		k7-bpf          matrix  7     kdump  backtraces,w_bpf_loop,w_bpf_call,bpf_call  max
		k6.1-probes     matrix  6.1   kdump  backtraces,probes                      max
		k6.12-probes    matrix  6.12  kdump  backtraces,probes                      max
		k5.10-probes    matrix  5.10  kdump  backtraces,probes                      qemu64
		k7-probes       matrix  7     kdump  backtraces,probes                      qemu64
		k6.1-locks      matrix  6.1   kdump  locks,panic                            max
		k6.1rt-locks    matrix  6.1rt kdump  locks,panic                            qemu64
		k6.12-locks     matrix  6.12  kdump  locks,panic                            qemu64
		k5.10-locks     matrix  5.10  kdump  locks,panic                            qemu64
		k7-locks        matrix  7     kdump  locks,panic                            max
		k6.1-trace      matrix  6.1   kdump  trace,panic                            max
		k6.12-trace     matrix  6.12  kdump  trace,panic                            qemu64
		k5.10-trace     matrix  5.10  kdump  trace,panic                            qemu64
		k7-trace        matrix  7     kdump  trace,panic                            max
		k6.1-faults     faults  6.1   faults  poison,plain,list,deleted,errptr,gp,divide,text,guard,user,smashed,warn,softlockup,rcu,hung,oom  qemu64
		k6.12-faults    faults  6.12  faults  poison,plain,list,errptr,gp,kfence,softlockup,rcu,hung  max
		k5.10-faults    faults  5.10  faults  poison,plain,list,errptr,gp,softlockup,rcu,hung  qemu64  slub_debug=PZ,l2f_poison
		k7-faults       faults  7     faults  poison,list,errptr,gp,divide,text,bounds,kfence,warn,softlockup,rcu,hung,oom  max
		k6.1-stuck      faults  6.1   faults  spins,nmi,preempted                   qemu64,-hypervisor  preempt=full
		k5.10-stuck     faults  5.10  faults  spins                                 qemu64,-hypervisor
		k7-stuck        faults  7     faults  spins,preempted                       qemu64,-hypervisor  preempt=full
		k6.1-oom        oom     6.1   oom    slab,shmem,anon,cgroup,pages           qemu64
		k6.12-oom       oom     6.12  oom    slab,pages                             max
		k7-oom          oom     7     oom    slab,shmem,cgroup                      max
		k6.1-user       user    6.1   kdump  user,panic                             max
		k6.12-user      user    6.12  kdump  user,panic                             qemu64
		k5.10-user      user    5.10  kdump  user,panic                             qemu64
		k7-user         user    7     kdump  user,panic                             max
		k5.10fp-kdump   old     5.10fp  kdump  softirq_null                         max
		k5.10fp-qemu    old     5.10fp  qemu   softirq_null                         qemu64
		k5.10fp-work    old     5.10fp  kdump  w_unborn,hang_irqs_off,workqueue_bug  max
		k5.10fp-nullcall old    5.10fp  kdump  null_call                            qemu64
		k5.10fp-nmi     old     5.10fp  kdump  nmi                                  max
		k5.10fp-overflow old    5.10fp  kdump  stack_overflow                       qemu64
		k5.10fp-hardirq old     5.10fp  kdump  hang_nmi,hardirq                     max
		k5.10fp-syscall old     5.10fp  kdump  softirq_syscall                      qemu64
		k5.10fp-panic   old     5.10fp  kdump  panic                                max
		k6.1frame-qemu  old     6.1frame  qemu   softirq_null                       max
		k6.1frame-work  old     6.1frame  qemu   w_unborn,workqueue_bug             qemu64
		k6.1frame-hardirq old   6.1frame  qemu   hardirq                            max
		k6.1frame-syscall old   6.1frame  qemu   softirq_syscall                    qemu64
		k6.12checks-qemu checks  6.12checks  qemu  softirq_null                     max     page_owner=on
		k6.12checks-found checks  6.12checks  checks  hardlockup,freed,behind,twice,null,given  qemu64  page_owner=on kasan.fault=panic cma=32M
		k5.10guess-qemu guess   5.10guess  qemu   softirq_null                      qemu64
		k5.10guess-work guess   5.10guess  qemu   w_unborn,workqueue_bug            max
		k5.10frame-qemu frame   5.10frame  qemu   softirq_null                      max     page_owner=on
		k5.10frame-work frame   5.10frame  qemu   w_unborn,workqueue_bug            qemu64
		k5.10frame-nullcall frame  5.10frame  qemu  null_call                       max
		k5.10frame-hardirq frame  5.10frame  qemu  hardirq                          qemu64
		k5.10frame-syscall frame  5.10frame  qemu  softirq_syscall                  max
		k6.1-many       bench   6.1   qemu   w_many,softirq_null                    max
	END
}

# Modules of the distribution that the guest loads, as far as its kernel has
# them as modules: disk, and the place where QEMU finds VMCOREINFO.
guest_modules='virtio virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk qemu_fw_cfg'
# And those that only the guests with programs.sh load, in this order.
swap_modules='zsmalloc lz4_compress lz4hc_compress xxhash zstd_compress lz4 lzo lzo-rle zstd deflate zram'

# Formats of each way, and those that the guest itself writes.
formats_kdump='elf lzo zlib snappy zstd lzo-d0 flat'
formats_qemu='qemu-elf qemu-kdump'

# Of the matrix, one is enough; the oracles need all pages of the kernel, and makedumpfile 1.7.2 leaves
# some of 6.12 and later out. What that costs is seen in one of each.
formats_matrix() { # formats_matrix KERNEL NAME
	case $1-$2 in
	*-*-user) echo elf lzo ;;
	5.*-* | 6.1-*) echo lzo ;;
	*-*-work | 6.1rt-*) echo elf lzo ;;
	*) echo elf ;;
	esac
}
