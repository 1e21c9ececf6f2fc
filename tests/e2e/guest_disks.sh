#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs vmstub on dumps on a guest's disks, some of which have unreadable sectors.
#   guest_disks.sh KERNEL-DIR VMSTUB WORK-DIR        console in WORK-DIR/console.log
# WORK-DIR/disks: a line for each of vda, vdb...: FILE [BAD-SECTOR...]; WORK-DIR/commands: what the guest runs.
set -euo pipefail
. "${0%/*}/guest.sh"
modules=(virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk)
for module in "${modules[@]}"; do
	cp "$kernel/modules/$module.ko" "$root/"
done
{
	printf '#!/bin/sh\n. /common\n'
	printf 'insmod /%s.ko\n' "${modules[@]}"
	cat "$work/commands"
	printf 'echo "@@ end"\npoweroff -f\nsleep 10\n'
} >"$root/init"
chmod 755 "$root/init"
pack "$work/initrd"
options=() n=0
while read -r file sectors; do
	option="driver=blkdebug,node-name=disk$n,read-only=on,image.driver=file,image.filename=$file,image.read-only=on"
	i=0
	for sector in $sectors; do # every read of it fails with EIO
		option+=",inject-error.$i.event=none,inject-error.$i.iotype=read,inject-error.$i.sector=$sector"
		option+=",inject-error.$i.errno=5,inject-error.$i.once=off"
		i=$((i + 1))
	done
	options+=(-blockdev "$option" -device "virtio-blk-pci,drive=disk$n")
	n=$((n + 1))
done <"$work/disks"
start '' "${options[@]}"
