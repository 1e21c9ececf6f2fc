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
		6.12  bookworm,bookworm-security  linux-image-6.12-cloud-amd64  here
		7     trixie-backports            linux-image-cloud-amd64       trixie
	END
}

# name  set  kernel  way  situation (of the l2w module)  cpu model  extra command line
#
# set: base is made when no name is given, extra only by name.
# -cpu max gives five-level page tables, qemu64 has only four; pti=on because
# QEMU's model does not suffer from Meltdown, so the kernel would leave it off.
crashes() {
	cat <<-'END'
		k6.1-kdump   base   6.1   kdump  softirq_null  max
		k6.1-qemu    base   6.1   qemu   softirq_null  max
		k6.12-kdump  base   6.12  kdump  softirq_null  qemu64  pti=on
		k6.12-qemu   base   6.12  qemu   softirq_null  max
		k5.10-kdump  extra  5.10  kdump  softirq_null  qemu64
		k7-kdump     extra  7     kdump  softirq_null  max
		k7-qemu      extra  7     qemu   softirq_null  qemu64
	END
}

# Modules of the distribution that the guest loads, as far as its kernel has
# them as modules: disk, and the place where QEMU finds VMCOREINFO.
guest_modules='virtio virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk qemu_fw_cfg'

# Formats of each way, and those that the guest itself writes.
formats_kdump='elf lzo zlib snappy zstd lzo-d0 flat'
formats_qemu='qemu-elf qemu-kdump'
