# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Completes vmstub and vmgdb in bash, with bash-completion. Options come from the programs' --help, verbs and their options
# from vmstub's help, so there is no list to keep.

# _vmstub_options PROGRAM: its options, each with a tab and its argument.
_vmstub_options() {
	"$1" --help 2>/dev/null </dev/null | awk '/^ +-/ {
		sub(/^ +/, "")
		sub(/   *.*/, "")
		n = split($0, names, /, /)
		for (i = 1; i <= n; i++) {
			split(names[i], word, " ")
			sub(/\[=.*/, "", word[1]) # an argument that may be left out
			print word[1] "\t" word[2]
		}
	}'
}

# The vmstub that vmgdb starts.
_vmstub_of() {
	case ${1##*/} in
	vmgdb)
		if [[ -n ${VMSTUB-} ]]; then
			echo "$VMSTUB"
		elif [[ $1 == */* && -x ${1%/*}/vmstub ]]; then
			echo "${1%/*}/vmstub"
		else
			echo vmstub
		fi
		;;
	*) echo "$1" ;;
	esac
}

# Completes the last verb, or its option, in the commands typed so far.
_vmstub_commands() {
	local stub=$1 text=$2 last words word before list
	last=${text##*[;|]}
	last=${last#"${last%%[! ]*}"}
	word=${last##* }
	before=${text%"$word"}
	read -ra words <<<"$last"
	if [[ $word == -* ]]; then
		list=$("$stub" --exec 'help -o' 2>/dev/null </dev/null | awk -F'\t' -v verb="${words[0]-}" '$1 == verb { print $2 }')
	elif [[ $word == "$last" || ${words[0]-} == foreach || ${words[0]-} == help ]]; then
		list=$("$stub" --exec help 2>/dev/null </dev/null | awk '{ print $1 }')
	fi
	compopt -o nospace
	mapfile -t COMPREPLY < <(compgen -P "$before" -W "$list" -- "$word")
}

_vmstub() {
	local cur prev words cword program=$1 stub argument
	_init_completion -n = || return
	if ! type -P "$program" >/dev/null; then
		_filedir
		return
	fi
	stub=$(_vmstub_of "$program")
	# Behind "--" vmgdb takes gdb's options.
	local i options
	for ((i = 1; i < cword; i++)); do
		[[ ${words[i]} != -- ]] || { _filedir; return; }
	done
	options=$(_vmstub_options "$program")
	[[ ${program##*/} != vmgdb ]] ||
		options+=$'\n'$(_vmstub_options "$stub" | grep -vE '^(--exec|--listen|--once|--report|--timeout|--gcore|-o|-j|-i|-s|--help|--version)	')
	if [[ $cur == --*=* ]]; then
		prev=${cur%%=*}
		cur=${cur#*=}
	fi
	argument=$(awk -F'\t' -v name="$prev" '$1 == name { print $2; exit }' <<<"$options")
	case $prev,$argument in
	--exec,*) _vmstub_commands "$stub" "${cur#[\'\"]}" ;;
	*,FILE) _filedir ;;
	*,DIR) _filedir -d ;;
	--threads,*) mapfile -t COMPREPLY < <(compgen -W 'cpus tasks' -- "$cur") ;;
	--log-level,*) mapfile -t COMPREPLY < <(compgen -W 'error warn info debug' -- "$cur") ;;
	*,?*) ;;
	*)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$(cut -f1 <<<"$options" | sort -u)" -- "$cur")
		else
			_filedir
		fi
		;;
	esac
}

complete -F _vmstub vmstub vmgdb
