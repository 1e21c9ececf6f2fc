# SPDX-License-Identifier: GPL-3.0-or-later
# Makes a small guest to run vmstub in, for guest_*.sh KERNEL-DIR VMSTUB WORK-DIR, which write $root/init. Its output
# goes to $work/console.log; that of each `say` is between lines "@@ NAME" and "@@ exit N".
PATH=$PATH:/usr/sbin:/sbin
kernel=$1 vmstub=$2 work=$3
root=$work/root

add_program() {
	local library
	cp -L "$1" "$root/bin/"
	ldd "$1" | grep -o '/[^ ]*' | while read -r library; do
		mkdir -p "$root$(dirname "$library")"
		cp -nL "$library" "$root$library"
	done
}

make_root() {
	mkdir -p "$root"/{bin,proc,sys,dev,tmp}
	cp "$(command -v busybox)" "$root/bin/busybox"
	local applet
	for applet in sh mount cat sleep echo head grep printf poweroff reboot ls dmesg insmod; do
		ln -s busybox "$root/bin/$applet"
	done
	add_program "$vmstub"
	strip "$root/bin/vmstub"
	cat >"$root/common" <<'END'
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
echo 1 >/proc/sys/kernel/printk
say() {
	echo "@@ $1"
	shift
	"$@" 2>&1
	echo "@@ exit $?"
}
END
}

pack() { (cd "$root" && find . | cpio -o -H newc --quiet) >"$1"; }

# start APPEND [QEMU-OPTION...]
start() {
	local append=$1
	shift
	timeout --foreground "$("$(dirname "$0")/../patience.py" 240)" qemu-system-x86_64 -nodefaults -display none -no-reboot -accel tcg,thread=multi -cpu max -smp 2 \
		-m 768M -serial "file:$work/console.log" -kernel "$kernel/vmlinuz" -initrd "$work/initrd" \
		-append "console=ttyS0 no_timer_check panic=1 $append" "$@"
}

make_root
