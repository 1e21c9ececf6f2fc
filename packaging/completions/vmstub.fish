# SPDX-License-Identifier: GPL-3.0-or-later
# Completes vmstub and vmgdb in fish. Options come from the programs' --help, verbs and their options from vmstub's help,
# so there is no list to keep.

function __vmstub_program
    set -l words (commandline -opc)
    echo $words[1]
end

# The vmstub that vmgdb starts.
function __vmstub_stub
    set -l program (__vmstub_program)
    if not string match -qr '(^|/)vmgdb$' -- $program
        echo $program
    else if set -q VMSTUB
        echo $VMSTUB
    else if string match -q '*/*' -- $program; and test -x (dirname $program)/vmstub
        echo (dirname $program)/vmstub
    else
        echo vmstub
    end
end

# The options of a program, each with its argument and explanation, separated by tabs.
function __vmstub_help_of
    $argv[1] --help 2>/dev/null </dev/null | awk '/^ +-/ {
        sub(/^ +/, "")
        help = ""
        if (match($0, /   */)) {
            help = substr($0, RSTART + RLENGTH)
            $0 = substr($0, 1, RSTART - 1)
        }
        n = split($0, names, /, /)
        for (i = 1; i <= n; i++) {
            split(names[i], word, " ")
            sub(/\[=.*/, "", word[1]) # an argument that may be left out
            print word[1] "\t" word[2] "\t" help
        }
    }'
end

function __vmstub_options
    set -l program (__vmstub_program)
    set -l stub (__vmstub_stub)
    __vmstub_help_of $program
    if test "$program" != "$stub"
        __vmstub_help_of $stub | string match -rv '^(--exec|--listen|--once|--report|--timeout|--gcore|-o|-j|-i|-s|--help|--version)\t'
    end
end

# The argument of the option before the cursor: FILE, DIR, ...
function __vmstub_argument
    set -l words (commandline -opc)
    string match -q -- '-*' $words[-1]; or return 1
    set -l line (__vmstub_options | string match -r '^'(string escape --style=regex -- $words[-1])'\t\S.*')
    test -n "$line[1]"; or return 1
    string split \t -- $line[1] | sed -n 2p
end

function __vmstub_before
    set -l words (commandline -opc)
    contains -- $words[-1] $argv
end

# The words for the commands of --exec, as far as they are typed.
function __vmstub_commands
    set -l text (commandline -ct | string trim -l -c '\'"')
    set -l last (string replace -r '.*[;|] *' '' -- $text)
    set -l word (string replace -r '.* ' '' -- $last)
    set -l verb (string replace -r ' .*' '' -- $last)
    set -l before (string sub -l (math (string length -- "$text") - (string length -- "$word")) -- "$text")
    set -l stub (__vmstub_stub)
    if string match -q -- '-*' $word
        $stub --exec 'help -o' 2>/dev/null </dev/null | awk -F'\t' -v verb="$verb" -v before="$before" '$1 == verb { print before $2 "\t" $4 }'
    else if test "$word" = "$last"; or contains -- $verb foreach help
        $stub --exec help 2>/dev/null </dev/null | awk -v before="$before" '{ name = $1; sub(/^[^ ]+ +/, ""); print before name "\t" $0 }'
    end
end

for program in vmstub vmgdb
    complete -c $program -f
    complete -c $program -n 'string match -q -- "-*" (commandline -ct); and not __vmstub_argument >/dev/null' -a '(__vmstub_options | string replace -r "\t.*\t" "\t")'
    complete -c $program -n 'not __vmstub_argument >/dev/null; or string match -q FILE -- (__vmstub_argument)' -F
    complete -c $program -n 'string match -q DIR -- (__vmstub_argument)' -a '(__fish_complete_directories)'
    complete -c $program -n '__vmstub_before --threads' -a 'cpus tasks'
    complete -c $program -n '__vmstub_before --log-level' -a 'error warn info debug'
    complete -c $program -n '__vmstub_before --exec' -a '(__vmstub_commands)'
end
