# What is made at the same time, and in which order. A guest mostly uses one CPU, so as many jobs run as there are CPUs,
# each in its own shell. A job is "dump NAME [BOOT]", or "boot BOOT NAME...", whose dumps become jobs when it ends. Sourced.

jobs=()               # that wait
declare -A running=() # process -> job
declare -A started=() # process -> its start
declare -A tries=()   # job -> how many failed
declare -A left=()    # boot -> how many of its dumps are not made yet
failed=()
took=()               # "SECONDS JOB"

# make_all NAME...
make_all() {
	mapfile -t jobs < <(jobs_plan "$@" | sort -s -k 1,1rn | cut -d' ' -f2-)
	while [ ${#jobs[@]} -gt 0 ] || [ ${#running[@]} -gt 0 ]; do
		if [ ${#jobs[@]} -gt 0 ] && [ ${#running[@]} -lt "$(nproc)" ]; then
			job_start
		else
			job_finish
		fi
	done
	[ $SECONDS -lt 60 ] || jobs_slowest
	[ ${#failed[@]} -eq 0 ] || die "could not make ${failed[*]}"
}

jobs_slowest() { # names them, also for the end of make test
	local text
	text="slowest dumps: $(printf '%s\n' "${took[@]}" | sort -rn | head -n 8 |
		awk '{ printf "%s%s %d s", (NR > 1 ? ", " : ""), $3, $1 }')"
	say "$text"
	[ -z "${TEST_TIMES:-}" ] || echo "$text" >"$TEST_TIMES.dumps"
}

# jobs_plan NAME...: prints jobs after the seconds that they about take, with their dumps: the longest are to come first, so
# that no CPU is idle in the end.
jobs_plan() {
	local name key way situation boot others
	declare -A kernels=() boots=()
	for name; do
		read -r _ key way situation _ <<<"$(row crashes "$name")"
		boot=$(boot_of "$name")
		others=(${situation//,/ })
		if is_made "$name"; then
			echo "10 dump $name"
		elif is_source "$key"; then # others than the first would wait until it has built the kernel
			echo "$((kernels[$key] ? 30 : 900)) dump $name"
			kernels[$key]=1
		elif [ "$way" = faults ] || [ "$way" = oom ] || [ "$way" = checks ]; then
			echo "$((20 + 12 * ${#others[@]})) dump $name"
		elif [ -n "$boot" ]; then
			boots[$boot]+=" $name"
		else
			echo "30 dump $name"
		fi
	done
	for boot in "${!boots[@]}"; do
		others=(${boots[$boot]})
		if [ ${#others[@]} -gt 1 ]; then
			echo "$((20 + 15 * ${#others[@]})) boot $boot ${others[*]}"
		else
			echo "30 dump ${others[*]}"
		fi
	done
}

job_start() {
	local job=${jobs[0]}
	jobs=("${jobs[@]:1}")
	case $job in
	boot\ *) boot_make ${job#* } & ;;
	dump\ *) make_dump ${job#* } & ;;
	esac
	running[$!]=$job
	started[$!]=$SECONDS
}

job_finish() {
	local pid='' job kind name rest ok=y one
	wait -n -p pid || ok=
	job=${running[$pid]}
	took+=("$((SECONDS - started[$pid])) $job")
	unset "running[$pid]" "started[$pid]"
	read -r kind name rest <<<"$job"
	if [ $kind = boot ] && [ -n "$ok" ]; then
		left[$name]=0
		for one in $rest; do
			jobs=("dump $one $name" "${jobs[@]}")
			left[$name]=$((left[$name] + 1))
		done
	elif [ -z "$ok" ]; then
		job_again "$kind" "$name" "$rest"
	fi
	[ $kind = boot ] || [ -z "$rest" ] || boot_left "$rest"
}

# At once and not in the end, when another CPU may have nothing to do. A dump then boots itself: what was wrong may be
# in the boot.
job_again() { # job_again KIND NAME REST
	local again="$1 $2"
	[ "$1" = dump ] || again+=" $3"
	guest_kill_all "$2"
	job_keep "$2" "${tries[$2]:-0}"
	tries[$2]=$((${tries[$2]:-0} + 1))
	if [ "${tries[$2]}" -lt 3 ]; then
		say "again, as it failed: $again"
		jobs=("$again" "${jobs[@]}")
	else
		if [ "$1" = boot ]; then failed+=($3); else failed+=("$2"); fi
	fi
}

# What there is to look at of a job that failed: $cache/failed/NAME.TRY has the console, and the facts if it came that far.
job_keep() { # job_keep NAME TRY
	local work=$cache/work/$1 dir=$cache/failed/$1.$2 file
	rm -rf "$dir"
	mkdir -p "$dir"
	for file in "$work"/{console.log,out/facts,out/env}; do
		[ ! -e "$file" ] || cp -r "$file" "$dir/"
	done
	for file in "$work"/*/console.log; do # of a fault, or of a point of a boot
		[ ! -e "$file" ] || cp "$file" "$dir/console-$(basename "${file%/*}").log"
	done
	say "failed: $dir has what is left of it"
}

boot_left() { # boot_left BOOT: one dump less is to go on from it
	left[$1]=$((left[$1] - 1))
	[ "${left[$1]}" -gt 0 ] || rm -rf "$cache/work/${1:?}"
}
