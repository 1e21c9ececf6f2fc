#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# verbs.sh - checks that the man page has the text of the verbs' tables, word by word; that docs/verbs.md has all verbs
# and options, and no others, and docs/json.md the verbs with --json; that gdbscripts/vmstub.gdb has a command for each
# verb, whose help is that of the verb; and that stub/monitor/verbs.c names every verb. Prints what is wrong. With --write,
# it writes the man page's list and the help in the gdb script, adds missing commands to the gdb script, and appends rows
# for missing verbs and options to docs/verbs.md, for you to complete.
set -u
cd "$(dirname "$0")/../.." || exit 2
make -s build/tools/verbs || exit 2

bad=0
complain() {
	echo "$1"
	bad=1
}

# Prints how docs/verbs.md differs from the tables: "lacks VERB [OPTION]", or "has VERB OPTION" if vmstub's column claims
# an option that the table lacks, or says "no" for one that it has. -SS is -S given twice.
differences() {
	{
		build/tools/verbs | awk -F'\t' '{ print "verb", $1 }'
		build/tools/verbs options | awk -F'\t' '{ if ($2 != "--json") print "option", $1, $2 }'
		sed 's/\\|/,/g' docs/verbs.md
	} | awk -F' *[|] *' '
	$1 ~ /^verb / { split($0, w, " "); verb[w[2]]; next }
	$1 ~ /^option / { split($0, w, " "); option[w[2] " " w[3]]; next }
	/^[|]/ {
		says = $6 !~ /^no([;,. ]|$)/
		n = split($2, verbs, /, */)
		m = split($3, words, /[ ,]+/)
		for (i = 1; i <= n; i++) {
			if (!(verbs[i] in verb)) continue
			row[verbs[i]]
			for (j = 1; j <= m; j++) {
				if (words[j] !~ /^--?[A-Za-z0-9]+$/) continue
				name = words[j]
				if (length(name) == 3 && substr(name, 2, 1) == substr(name, 3, 1)) name = substr(name, 1, 2)
				if (says) row[verbs[i] " " name]
				if (says != ((verbs[i] " " name) in option)) print "has", verbs[i], words[j]
			}
		}
	}
	END {
		for (v in verb) if (!(v in row)) print "lacks", v
		for (o in option) if (!(o in row)) print "lacks", o
	}' | sort
}

# Prints verbs without a command in the gdb script, except help and set, which are gdb's.
without_command() {
	build/tools/verbs | cut -f1 | grep -vxE 'help|set' | while read -r name; do
		grep -qE "(alias|define) k?$name( |\$)" gdbscripts/vmstub.gdb || echo "$name"
	done
}

# Prints gdb commands that give each command of the script its verb's help, with the command's name instead of the verb's.
# The command "vmstub" has the list. gdb before 13 cannot document an alias, and an error would end the script; so there
# the text goes to vmstub-verb, which gets its own one in the end. `document` within an `if` would lose blanks, but not
# if eval runs it: it reads the lines that follow the `if`.
documents() {
	local name command list=""
	while IFS=$'\t' read -r name brief; do
		case $name in help | set) continue ;; esac
		command=$name
		grep -qE "alias k$name = " gdbscripts/vmstub.gdb && command=k$name
		if grep -qE "^(with .* -- )?define $name\$" gdbscripts/vmstub.gdb; then
			echo "document $name"
		else
			printf 'if $_gdb_major > 12\n  eval "document %s"\nelse\n  eval "document vmstub-verb"\nend\n' "$command"
		fi
		build/tools/verbs help "$name" | awk -v name="$name" -v command="$command" '
		NR == 1 { sub(/^[^ ]+ - /, "") }
		$1 == name && /^  [^ ]/ { sub(name, command) }
		{ print }'
		echo end
		list+=$(printf '%-8s -- %s' "$command" "$brief")$'\n'
	done < <(build/tools/verbs)
	printf 'document vmstub\nList the commands of vmstub.\n\n%s\n' "$list"
	cat <<-'END'
		gdb has commands of its own with some names of crash. For what crash does, type:
		  bt -a, bt PID   the same: bt takes the options of crash, too
		  eval 1 << 44    keval 1 << 44
		  help            help vmstub
		  list ...        klist ...
		  p VARIABLE:a    kp VARIABLE:a; else gdb's p, which can do more
		  search ...      ksearch ...
		  set PID         task PID
		  trace ...       ktrace ...
		  whatis TYPE     kwhatis TYPE; or ptype TYPE

	END
	printf '"help COMMAND" shows the options, and so does "monitor help VERB", which gdb before 13 needs.\nend\n'
}

if [ "${1:-}" = --write ]; then
	rows=$(build/tools/verbs man) awk '
	/^\.\\" verbs$/ { print; print ENVIRON["rows"]; skip = 1; next }
	/^\.\\" end of verbs$/ { skip = 0 }
	!skip { print }' docs/vmstub.1 >docs/vmstub.1.new && mv docs/vmstub.1.new docs/vmstub.1
	differences | awk '$1 == "lacks" { row[$2] = row[$2] " " $3 }
	END { for (v in row) printf "| %s |%s | ? | ? | yes |\n", v, row[v] == " " ? " (none)" : row[v] }' >>docs/verbs.md
	for name in $(without_command); do # before those that gdb has, too
		sed -i "/^  # gdb has search/i\\  alias $name = vmstub-verb $name" gdbscripts/vmstub.gdb
	done
	rows=$(documents) awk '
	/^# documents$/ { print; print ENVIRON["rows"]; skip = 1; next }
	/^# end of documents$/ { skip = 0 }
	!skip { print }' gdbscripts/vmstub.gdb >gdbscripts/vmstub.gdb.new && mv gdbscripts/vmstub.gdb.new gdbscripts/vmstub.gdb
fi

listed=$(sed -n '/^\.\\" verbs$/,/^\.\\" end of verbs$/p' docs/vmstub.1 | sed '1d;$d')
[ "$listed" = "$(build/tools/verbs man)" ] ||
	complain "docs/vmstub.1: its verbs are not those of the tables; tests/lint/verbs.sh --write mends it"

listed=$(sed -n '/^# documents$/,/^# end of documents$/p' gdbscripts/vmstub.gdb | sed '1d;$d')
[ "$listed" = "$(documents)" ] ||
	complain "gdbscripts/vmstub.gdb: its help is not that of the verbs; tests/lint/verbs.sh --write mends it"

while read -r how verb option; do
	case $how in
	lacks) complain "docs/verbs.md: no row of $verb has ${option:-it}; tests/lint/verbs.sh --write adds one to complete" ;;
	has) complain "docs/verbs.md: $verb $option: vmstub's column and the table of the verb disagree" ;;
	esac
done < <(differences)

for name in $(build/tools/verbs options | awk -F'\t' '$2 == "--json" && $1 != "foreach" { print $1 }'); do
	grep -qE "^[|] \`${name}[\` ]" docs/json.md || complain "docs/json.md: no row of $name"
done

for name in $(without_command); do
	complain "gdbscripts/vmstub.gdb: no command $name; tests/lint/verbs.sh --write adds one"
done

while IFS=: read -r file name; do
	grep -qE "^	V\($name\)" stub/monitor/verbs.c || complain "$file: stub/monitor/verbs.c does not list $name"
done < <(grep -roE '^const struct cmd verb_[a-z]+' stub/monitor | sed 's/const struct cmd verb_//')
exit $bad
