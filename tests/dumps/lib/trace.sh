# The situation with a trace: the module l2e (guest/l2e), which extra.sh builds and adds. Sourced.

# trace_extra SITUATION: the module, or nothing.
trace_extra() {
	case ,$1, in
	*,trace,*) echo l2e ;;
	esac
}

trace_recipe() { # trace_recipe NAME
	[ -z "$(trace_extra "$(row crashes "$1" | awk '{ print $4 }')")" ] ||
		echo "-$(hash_of guest/l2e lib/trace.sh lib/extra.sh)"
}
