# The guest: its initramfs, its disks, and QEMU. Sourced.

guest_cpus=4
guest_panic_cpu=3
guest_memory=512M
kdump_memory=192M
guest_dump_size=1G # of the disk for the dump
guest_elf_at=$((256 << 20)) # where on the disk for the dump vmcore.elf is

# add_program ROOT PROGRAM: into /bin, with the shared libraries it needs.
add_program() {
	local root=$1 path library
	path=$(command -v "$2") || die "$2 is missing: run tests/install-deps demo"
	cp "$path" "$root/bin/"
	ldd "$path" 2>/dev/null | grep -o '/[^ ]*' | while read -r library; do
		mkdir -p "$root$(dirname "$library")"
		cp -n "$library" "$root$library"
	done
}

# guest_initrd DIR WAY [EXTRA...]: DIR/initrd, with these of extra.sh beside l2w. Not compressed, which an emulated CPU
# would be slow to undo.
guest_initrd() {
	local dir=$1 root=$1/root way=$2 applet module extra
	shift 2
	mkdir -p "$root"/{bin,proc,sys,dev,tmp,modules}
	cp "$(command -v busybox)" "$root/bin/busybox"
	for applet in $(busybox --list); do
		[ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
	done
	gcc -O2 -g -static -pthread -o "$dir/workers" "$here/guest/workers.c"
	cp "$dir/workers" "$root/bin/"
	gcc -O2 -s -static -o "$root/bin/copyfiles" "$here/guest/copyfiles.c"
	install -m 755 "$here/guest/init" "$root/init"
	cp "$here/guest/facts.sh" "$root/"
	for module in $guest_modules; do
		cp "$kernel/modules/$module.ko" "$root/modules/" 2>/dev/null || : # built in
	done
	cp "$kernel"/l2w/l2w*.ko "$root/"
	for extra; do
		extra_add "$extra" "$root"
	done
	strip -g "$root"/l2*.ko
	cat >"$root/guest.conf" <<-END
		WAY=$way
		CRASH_CPU=$guest_panic_cpu
		KDUMP_CMDLINE="console=ttyS0 nr_cpus=1 reset_devices no_timer_check panic=1"
		ELF_AT=$guest_elf_at
		EXTRA=${1:-}
	END
	if [ "$way" = kdump ]; then
		add_program "$root" kexec
		add_program "$root" makedumpfile
		gcc -O2 -s -static -o "$root/bin/savecore" "$here/guest/savecore.c"
	fi
	(cd "$root" && find . | cpio -o -H newc --quiet) >"$dir/initrd"
}

# guest_disks DIR: tar archives on raw disks need no mount and no root on either side.
guest_disks() {
	mkdir "$1/boot"
	cp "$kernel/vmlinuz" "$1/initrd" "$1/boot/"
	tar -c -f "$1/boot.tar" -C "$1/boot" .
	truncate -s 64M "$1/facts.img"
	truncate -s 32M "$1/swap.img"
	truncate -s $guest_dump_size "$1/dump.img"
}

# guest_order DIR SITUATIONS FORMATS MODULE: what the guest is to do, at the start of the disk for the dump, which has
# nothing else then. Without situations, it takes facts and waits for the next order.
guest_order() {
	printf 'CRASH="%s" SAVE="%s" EXTRA="%s"\n' "${2//,/ }" "$3" "$4" | dd of="$1/dump.img" conv=notrunc status=none
}

# guest_qemu DIR CPU CMDLINE [OPTION...]: runs the guest, its console in DIR/console.log.
# no_timer_check: on a busy host the kernel's test of the timer fails. The random numbers of the CPU model and the date
# at the start are the same for all guests; KASLR takes the time stamp counter, too, and so differs from run to run.
guest_qemu() {
	local dir=$1 cpu=$2 cmdline=$3
	shift 3
	timeout --foreground "$(limit 300)" qemu-system-x86_64 -nodefaults -display none -no-reboot \
		-seed 1 -rtc base=2026-03-04T05:06:07,clock=vm \
		-accel tcg,thread=multi -cpu "$cpu" -smp $guest_cpus -m $guest_memory \
		-chardev "file,id=console,path=$dir/console.log,append=on" -serial chardev:console -pidfile "$dir/qemu.pid" \
		-drive "file=$dir/boot.tar,format=raw,if=virtio,readonly=on" \
		-drive "file=$dir/facts.img,format=raw,if=virtio" \
		-drive "file=$dir/dump.img,format=raw,if=virtio,discard=unmap,detect-zeroes=unmap" \
		-drive "file=$dir/swap.img,format=raw,if=virtio" \
		-kernel "$kernel/vmlinuz" -initrd "$dir/initrd" -append "console=ttyS0 no_timer_check $cmdline" "$@"
}

# guest_kill_all NAME: what is left of its guests when its job failed; '*': of all when a run is interrupted.
guest_kill_all() {
	local file
	for file in "$cache"/work/$1/{,*/}qemu.pid; do
		[ ! -e "$file" ] || kill "$(cat "$file")" 2>/dev/null || :
	done
}

# guest_wait DIR QEMU TEXT: until the guest says TEXT; fails when QEMU ends before.
guest_wait() {
	local end=$((SECONDS + $(limit 200)))
	until guest_said "$1" "$3"; do
		kill -0 "$2" 2>/dev/null || guest_failed "$1" "QEMU ended"
		[ $SECONDS -lt $end ] || guest_failed "$1" "it did not say $3"
		sleep 0.1
	done
}

# guest_said DIR TEXT
guest_said() {
	grep -aqF "$2" "$1/console.log" 2>/dev/null
}

guest_failed() {
	tail -n 30 "$1/console.log" >&2
	die "the guest failed, see above: $2"
}
