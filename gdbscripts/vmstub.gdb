# SPDX-License-Identifier: GPL-3.0-or-later
# vmstub.gdb - crash's commands in gdb, for a target served by vmstub.
#
#   gdb -x vmstub.gdb vmlinux
#   (gdb) target remote | vmstub vmcore
#
# Plain gdb commands only, because gdb may be built without Python. Each command is the monitor verb of the same
# name, plus what only gdb can do (its own frames, its symbol tables). "monitor help" lists the
# verbs, "monitor help VERB" their options; so do "help vmstub" and, in gdb 13 or newer, "help VERB".

# Images and vmlinux are files on this machine: open them directly, not through the remote protocol.
set sysroot /

# Runs a command whose last words are for a shell, as in crash: ps | grep init, log > file. Gets the command and all
# words; vmstub has answered how the shell's part begins. These are the words that the user typed.
define vmstub-shell
  set $vmstub_shell = $vmstub_want
  set $vmstub_want = 0
  if $argc > 16
    echo Too many words before and behind | or >: type "pipe COMMAND | SHELL-COMMAND".\n
  end
  if $argc == 2
    if $vmstub_shell == 0x10000
      pipe $arg0 $arg1
    end
    if $vmstub_shell == 0x40000
      pipe $arg0 | cat $arg1
    end
  end
  if $argc == 3
    if $vmstub_shell == 0x10000
      pipe $arg0 $arg1 $arg2
    end
    if $vmstub_shell == 0x20000
      pipe $arg0 | cat $arg1 $arg2
    end
    if $vmstub_shell == 0x40000
      pipe $arg0 $arg1 | cat $arg2
    end
  end
  if $argc == 4
    if $vmstub_shell == 0x10000
      pipe $arg0 $arg1 $arg2 $arg3
    end
    if $vmstub_shell == 0x20000
      pipe $arg0 $arg1 | cat $arg2 $arg3
    end
    if $vmstub_shell == 0x40000
      pipe $arg0 $arg1 $arg2 | cat $arg3
    end
  end
  if $argc == 5
    if $vmstub_shell == 0x10000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4
    end
    if $vmstub_shell == 0x20000
      pipe $arg0 $arg1 $arg2 | cat $arg3 $arg4
    end
    if $vmstub_shell == 0x40000
      pipe $arg0 $arg1 $arg2 $arg3 | cat $arg4
    end
  end
  if $argc == 6
    if $vmstub_shell == 0x10000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5
    end
    if $vmstub_shell == 0x20000
      pipe $arg0 $arg1 $arg2 $arg3 | cat $arg4 $arg5
    end
    if $vmstub_shell == 0x40000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 | cat $arg5
    end
  end
  if $argc == 7
    if $vmstub_shell == 0x10000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6
    end
    if $vmstub_shell == 0x20000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 | cat $arg5 $arg6
    end
    if $vmstub_shell == 0x40000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 | cat $arg6
    end
  end
  if $argc == 8
    if $vmstub_shell == 0x10000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7
    end
    if $vmstub_shell == 0x20000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 | cat $arg6 $arg7
    end
    if $vmstub_shell == 0x40000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 | cat $arg7
    end
  end
  if $argc == 9
    if $vmstub_shell == 0x10000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8
    end
    if $vmstub_shell == 0x20000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 | cat $arg7 $arg8
    end
    if $vmstub_shell == 0x40000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 | cat $arg8
    end
  end
  if $argc == 10
    if $vmstub_shell == 0x10000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9
    end
    if $vmstub_shell == 0x20000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 | cat $arg8 $arg9
    end
    if $vmstub_shell == 0x40000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 | cat $arg9
    end
  end
  if $argc == 11
    if $vmstub_shell == 0x10000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10
    end
    if $vmstub_shell == 0x20000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 | cat $arg9 $arg10
    end
    if $vmstub_shell == 0x40000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 | cat $arg10
    end
  end
  if $argc == 12
    if $vmstub_shell == 0x10000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11
    end
    if $vmstub_shell == 0x20000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 | cat $arg10 $arg11
    end
    if $vmstub_shell == 0x40000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 | cat $arg11
    end
  end
  if $argc == 13
    if $vmstub_shell == 0x10000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12
    end
    if $vmstub_shell == 0x20000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 | cat $arg11 $arg12
    end
    if $vmstub_shell == 0x40000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 | cat $arg12
    end
  end
  if $argc == 14
    if $vmstub_shell == 0x10000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12 $arg13
    end
    if $vmstub_shell == 0x20000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 | cat $arg12 $arg13
    end
    if $vmstub_shell == 0x40000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12 | cat $arg13
    end
  end
  if $argc == 15
    if $vmstub_shell == 0x10000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12 $arg13 $arg14
    end
    if $vmstub_shell == 0x20000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12 | cat $arg13 $arg14
    end
    if $vmstub_shell == 0x40000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12 $arg13 | cat $arg14
    end
  end
  if $argc == 16
    if $vmstub_shell == 0x10000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12 $arg13 $arg14 $arg15
    end
    if $vmstub_shell == 0x20000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12 $arg13 | cat $arg14 $arg15
    end
    if $vmstub_shell == 0x40000
      pipe $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12 $arg13 $arg14 | cat $arg15
    end
  end
end

# A verb whose arguments may be gdb's: $rsp, $5, &jiffies, and whose last words may be for a shell. vmstub answers by a
# mask of the arguments that gdb must evaluate, at most eight, or how the shell's part begins. The first read announces
# that, and tells vmstub which thread is selected.
define vmstub-verb
  set $vmstub_want = 1
  while $vmstub_want
    set $vmstub_want = *(unsigned char *) 0xffffffffffffe001
    if $argc == 1
      monitor $arg0
      set $vmstub_want = 0
    end
    if $argc == 2
      monitor $arg0 $arg1
      set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
      if $vmstub_want >= 0x10000
        vmstub-shell vmstub-verb $arg0 $arg1
      end
    end
    if $argc == 3
      monitor $arg0 $arg1 $arg2
      set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
      if $vmstub_want >= 0x10000
        vmstub-shell vmstub-verb $arg0 $arg1 $arg2
      end
    end
    if $argc == 4
      monitor $arg0 $arg1 $arg2 $arg3
      set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
      if $vmstub_want >= 0x10000
        vmstub-shell vmstub-verb $arg0 $arg1 $arg2 $arg3
      end
    end
    if $argc == 5
      monitor $arg0 $arg1 $arg2 $arg3 $arg4
      set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
      if $vmstub_want >= 0x10000
        vmstub-shell vmstub-verb $arg0 $arg1 $arg2 $arg3 $arg4
      end
    end
    if $argc == 6
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5
      set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
      if $vmstub_want >= 0x10000
        vmstub-shell vmstub-verb $arg0 $arg1 $arg2 $arg3 $arg4 $arg5
      end
    end
    if $argc == 7
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6
      set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
      if $vmstub_want >= 0x10000
        vmstub-shell vmstub-verb $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6
      end
    end
    if $argc == 8
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7
      set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
      if $vmstub_want >= 0x10000
        vmstub-shell vmstub-verb $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7
      end
    end
    if $argc == 9
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8
      set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
      if $vmstub_want >= 0x10000
        vmstub-shell vmstub-verb $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8
      end
    end
    if $argc == 10
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9
      set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
      if $vmstub_want >= 0x10000
        vmstub-shell vmstub-verb $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9
      end
    end
    if $argc == 11
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10
      set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
      if $vmstub_want >= 0x10000
        vmstub-shell vmstub-verb $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10
      end
    end
    if $argc == 12
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11
      set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
      if $vmstub_want >= 0x10000
        vmstub-shell vmstub-verb $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11
      end
    end
    if $argc == 13
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12
      set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
      if $vmstub_want >= 0x10000
        vmstub-shell vmstub-verb $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12
      end
    end
    if $argc == 14
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12 $arg13
      set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
      if $vmstub_want >= 0x10000
        vmstub-shell vmstub-verb $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12 $arg13
      end
    end
    if $argc == 15
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12 $arg13 $arg14
      set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
      if $vmstub_want >= 0x10000
        vmstub-shell vmstub-verb $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12 $arg13 $arg14
      end
    end
    if $argc == 16
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12 $arg13 $arg14 $arg15
      set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
      if $vmstub_want >= 0x10000
        vmstub-shell vmstub-verb $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12 $arg13 $arg14 $arg15
      end
    end
    if $argc > 16
      echo More than 15 arguments: type "monitor" before the verb.\n
      set $vmstub_want = 0
    end
    if $vmstub_want & 0x2
      eval "monitor vmstub-value 1 %#lx", (unsigned long) ($arg1)
    end
    if $vmstub_want & 0x4
      eval "monitor vmstub-value 2 %#lx", (unsigned long) ($arg2)
    end
    if $vmstub_want & 0x8
      eval "monitor vmstub-value 3 %#lx", (unsigned long) ($arg3)
    end
    if $vmstub_want & 0x10
      eval "monitor vmstub-value 4 %#lx", (unsigned long) ($arg4)
    end
    if $vmstub_want & 0x20
      eval "monitor vmstub-value 5 %#lx", (unsigned long) ($arg5)
    end
    if $vmstub_want & 0x40
      eval "monitor vmstub-value 6 %#lx", (unsigned long) ($arg6)
    end
    if $vmstub_want & 0x80
      eval "monitor vmstub-value 7 %#lx", (unsigned long) ($arg7)
    end
    if $vmstub_want & 0x100
      eval "monitor vmstub-value 8 %#lx", (unsigned long) ($arg8)
    end
  end
end

if $_isvoid($vmstub_loaded)
  alias sys = vmstub-verb sys
  alias log = vmstub-verb log
  alias lines = monitor lines
  alias sym = vmstub-verb sym
  alias kbt = vmstub-verb kbt
  alias foreach = vmstub-verb foreach
  alias fuser = vmstub-verb fuser
  alias ps = vmstub-verb ps
  alias files = vmstub-verb files
  alias mount = vmstub-verb mount
  alias sig = vmstub-verb sig
  alias runq = vmstub-verb runq
  alias waitq = vmstub-verb waitq
  alias ipcs = vmstub-verb ipcs
  alias mach = vmstub-verb mach
  alias struct = vmstub-verb struct
  alias union = vmstub-verb union
  alias percpu = vmstub-verb percpu
  alias klist = vmstub-verb klist
  alias tree = vmstub-verb tree
  alias rd = vmstub-verb rd
  alias why = vmstub-verb why
  alias hang = vmstub-verb hang
  alias explain = vmstub-verb explain
  alias locks = vmstub-verb locks
  alias stacks = vmstub-verb stacks
  alias vtop = vmstub-verb vtop
  alias pte = vmstub-verb pte
  alias ptov = vmstub-verb ptov
  alias btop = vmstub-verb btop
  alias ccat = vmstub-verb ccat
  alias ptob = vmstub-verb ptob
  alias kmem = vmstub-verb kmem
  alias oom = vmstub-verb oom
  alias vm = vmstub-verb vm
  alias swap = vmstub-verb swap
  alias irq = vmstub-verb irq
  alias timer = vmstub-verb timer
  alias dev = vmstub-verb dev
  alias net = vmstub-verb net
  alias bpf = vmstub-verb bpf
  # crash's name for it, which its users have in their files of commands
  alias set scroll = set pagination
  # gdb has its own search, eval, p, trace and whatis.
  alias ksearch = vmstub-verb search
  alias keval = monitor eval
  alias kp = monitor p
  alias ktrace = monitor trace
  alias kwhatis = monitor whatis
end
set $vmstub_loaded = 1

# gdb tells its target which thread is selected only when it reads memory, not when it sends a monitor command.
# Without this read, the line would name the last thread of an earlier "thread apply all".
define bt
  set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
  if $argc == 0
    monitor set -l
    backtrace
  end
  if $argc == 1
    monitor vmstub-bt $arg0
    set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
    if $vmstub_want >= 0x10000
      vmstub-shell bt $arg0
    else
      if $vmstub_want == 0
        backtrace $arg0
      end
    end
  end
  if $argc == 2
    monitor vmstub-bt $arg0 $arg1
    set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
    if $vmstub_want >= 0x10000
      vmstub-shell bt $arg0 $arg1
    else
      if $vmstub_want == 0
        backtrace $arg0 $arg1
      end
    end
  end
  if $argc == 3
    monitor vmstub-bt $arg0 $arg1 $arg2
    set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
    if $vmstub_want >= 0x10000
      vmstub-shell bt $arg0 $arg1 $arg2
    else
      if $vmstub_want == 0
        backtrace $arg0 $arg1 $arg2
      end
    end
  end
  if $argc == 4
    monitor vmstub-bt $arg0 $arg1 $arg2 $arg3
    set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
    if $vmstub_want >= 0x10000
      vmstub-shell bt $arg0 $arg1 $arg2 $arg3
    else
      if $vmstub_want == 0
        backtrace $arg0 $arg1 $arg2 $arg3
      end
    end
  end
  if $argc == 5
    monitor vmstub-bt $arg0 $arg1 $arg2 $arg3 $arg4
    set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
    if $vmstub_want >= 0x10000
      vmstub-shell bt $arg0 $arg1 $arg2 $arg3 $arg4
    else
      if $vmstub_want == 0
        backtrace $arg0 $arg1 $arg2 $arg3 $arg4
      end
    end
  end
  if $argc == 6
    monitor vmstub-bt $arg0 $arg1 $arg2 $arg3 $arg4 $arg5
    set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
    if $vmstub_want >= 0x10000
      vmstub-shell bt $arg0 $arg1 $arg2 $arg3 $arg4 $arg5
    else
      if $vmstub_want == 0
        backtrace $arg0 $arg1 $arg2 $arg3 $arg4 $arg5
      end
    end
  end
  if $argc == 7
    monitor vmstub-bt $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6
    set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
    if $vmstub_want >= 0x10000
      vmstub-shell bt $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6
    else
      if $vmstub_want == 0
        backtrace $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6
      end
    end
  end
  if $argc == 8
    monitor vmstub-bt $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7
    set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
    if $vmstub_want >= 0x10000
      vmstub-shell bt $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7
    else
      if $vmstub_want == 0
        backtrace $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7
      end
    end
  end
  if $argc > 8
    monitor help kbt
  end
end
document bt
Print a line that names the task, and gdb's backtrace of the selected thread.
The arguments are those of "backtrace": COUNT, -COUNT, full, -frame-arguments all, ..., or those of crash:
a PID or task, -a, -c CPU, -f, -l, ..., which show the kernel's view in crash's layout, as "kbt" does.
A number is a PID if there is such a task; "backtrace 42" and "bt -42" always mean frames.
end

define dis
  if $argc == 1
    vmstub-verb dis $arg0
  end
  if $argc == 2
    vmstub-verb dis $arg0 $arg1
  end
  if $argc == 3
    vmstub-verb dis $arg0 $arg1 $arg2
  end
  if $argc == 4
    vmstub-verb dis $arg0 $arg1 $arg2 $arg3
  end
  if $argc == 5
    vmstub-verb dis $arg0 $arg1 $arg2 $arg3 $arg4
  end
  if $argc == 6
    vmstub-verb dis $arg0 $arg1 $arg2 $arg3 $arg4 $arg5
  end
  if $argc == 7
    vmstub-verb dis $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6
  end
  if $argc == 8
    vmstub-verb dis $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7
  end
  if $argc == 9
    vmstub-verb dis $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8
  end
  if $argc == 0 || $argc > 9
    monitor help dis
  end
end

# After -s, -S and -d gdb must read the list of libraries again.
define mod
  if $argc == 0
    monitor mod
  end
  if $argc == 1
    vmstub-verb mod $arg0
  end
  if $argc == 2
    vmstub-verb mod $arg0 $arg1
  end
  if $argc == 3
    vmstub-verb mod $arg0 $arg1 $arg2
  end
  if $argc == 4
    vmstub-verb mod $arg0 $arg1 $arg2 $arg3
  end
  if $argc == 5
    vmstub-verb mod $arg0 $arg1 $arg2 $arg3 $arg4
  end
  if $argc == 6
    vmstub-verb mod $arg0 $arg1 $arg2 $arg3 $arg4 $arg5
  end
  if $argc == 7
    vmstub-verb mod $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6
  end
  if $argc == 8
    vmstub-verb mod $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7
  end
  if $argc > 8
    monitor help mod
  end
  if $argc > 0
    sharedlibrary
  end
end

# vmstub adds the task to its threads and shows gdb's number for the new thread in a word at an otherwise
# unmapped address; "thread find" makes gdb read the list of threads again.
# gdb has its own "task", for Ada programs, and asks before a script redefines it.
with confirm off -- define task
  set $vmstub_thread = *(unsigned char *) 0xffffffffffffe002
  if $argc == 0
    monitor task
  end
  if $argc == 1
    monitor task $arg0
  end
  if $argc == 2
    monitor task $arg0 $arg1
  end
  if $argc == 3
    monitor task $arg0 $arg1 $arg2
  end
  if $argc == 4
    monitor task $arg0 $arg1 $arg2 $arg3
  end
  if $argc > 4
    monitor help task
  end
  set $vmstub_thread = *(unsigned int *) 0xffffffffffffe000
  set $vmstub_library = $vmstub_thread & 0x40000000
  set $vmstub_thread = $vmstub_thread & ~0x40000000
  # gdb -i dap can take a new thread only in a stop, which vmstub then reports.
  if $vmstub_thread & 0x80000000
    set $vmstub_thread = $vmstub_thread & 0x7fffffff
    stepi
  end
  # 0 if the command only showed the task's structs.
  if $vmstub_thread
    pipe thread find no such thread | cat >/dev/null
    thread $vmstub_thread
  end
  # The task has another program than the one before: gdb reads the list of libraries again. Not before, when
  # the other program's thread is still selected.
  if $vmstub_library
    sharedlibrary
  end
end

define target hookpost-remote
  sys
end

# gdb asks for the KASLR offset only when it connects. When a later file, symbol-file or lx-symbols loads the
# kernel's symbols at their link addresses, this loads them again at the right ones: vmstub shows the
# address of linux_banner and the command to run next to the thread's number.
define vmstub-move-symbols
  if !$_isvoid($kaslr_offset)
    # None of these commands may fail without symbols.
    eval "pipe info symbol %#lx | grep -q '^linux_banner '", *(unsigned long *) 0xffffffffffffe008 - $kaslr_offset
    if $kaslr_offset && $_shell_exitcode == 0
      symbol-file
      eval "%s", (char *) 0xffffffffffffe010
      sharedlibrary
    end
  end
end
document vmstub-move-symbols
Load the kernel's symbols at the addresses where KASLR put them, unless they are there already.
end

define hookpost-file
  vmstub-move-symbols
end

# gdb uses the first file that has an unwind rule for an address. vmstub's rule that ends a trace at user mode must
# therefore come after a program that was loaded later; reading $vmstub_list tells vmstub that a hook takes care of it.
define hook-add-symbol-file
  if !$_isvoid($kaslr_offset)
    set $vmstub_list = *(unsigned int *) 0xffffffffffffe004
  end
end

define hookpost-add-symbol-file
  if !$_isvoid($kaslr_offset)
    sharedlibrary
  end
end

define hookpost-symbol-file
  vmstub-move-symbols
end

define vmstub
  monitor help
end

# The help of the verbs, which tests/lint/verbs.sh --write writes.
# documents
if $_gdb_major > 12
  eval "document bpf"
else
  eval "document vmstub-verb"
end
BPF programs and maps

  bpf [-P | -M | -p ID | -m ID]

  -P     all programs, with details
  -M     all maps, with details
  -p ID  the program with this ID
  -m ID  the map with this ID

  bpf -M
   ID      BPF_MAP      BPF_MAP_TYPE         MAP_FLAGS
    1  ff40e9129ffbd400 HASH                 00000000
       KEY_SIZE: 4  VALUE_SIZE: 8  MAX_ENTRIES: 77
       NAME: "w_map"
end
if $_gdb_major > 12
  eval "document btop"
else
  eval "document vmstub-verb"
end
byte address to page number

  btop ADDRESS...

  btop 512a000
  512a000: 512a
end
if $_gdb_major > 12
  eval "document ccat"
else
  eval "document vmstub-verb"
end
contents of a file, from the page cache

  ccat [-x | -r] PATH | INODE

PATH is as files prints it, INODE the address of a struct inode. Bytes that are no text
are shown in octal. Pages that are not in memory or not in the dump are named, and the
verb fails in the end. makedumpfile leaves out the page cache with -d 2, 4 or 8.
  -x  as rows of hexadecimal bytes
  -r  the bytes as they are, for a file; missing pages as zeros

  ccat /etc/hostname
  db7
  ccat -x ffff893301d8ce80
  0:  70 6c 61 69 6e 20 66 69 6c 65 0a                  plain file.
end
if $_gdb_major > 12
  eval "document dev"
else
  eval "document vmstub-verb"
end
character and block devices, PCI, I/O ports

  dev [-p | -i | -d]

Without options, list major numbers with their cdev or gendisk and operations.
  -p      PCI devices
  -i      I/O ports and memory
  -d      disks with requests in flight
  --json  tables as one JSON document

  dev -d
  MAJOR GENDISK            NAME       REQUEST_QUEUE      TOTAL  READ WRITE
    254 ff40e9128213e000   vda        ff40e912821b0790       0     0     0
end
document dis
disassemble

  dis [-r | -f] [-l | -s] [-b BYTES] [-x | -d] ADDRESS | SYMBOL [COUNT]
  dis -u ADDRESS [COUNT]

Print one instruction at ADDRESS, the whole function SYMBOL, or COUNT instructions.
In gdb, this replaces the abbreviation of its command disable.
  -r        from the start of the function to ADDRESS
  -f        from ADDRESS to the end of the function
  -l        show file and line where they change
  -s        show the function's source instead, if the file is on this machine
  -u        ADDRESS is in the selected task (always so for user addresses)
  -b BYTES  skip BYTES after each ud2; kernels since 2.6.20 have none there
  -x        ignored, for crash compatibility
  -d        ignored, for crash compatibility

  dis ffffffffc05a3b78
  0xffffffffc05a3b78 <l2w_vdev_xmit+248>:  mov    0xe8(%rax),%rdx
end
if $_gdb_major > 12
  eval "document keval"
else
  eval "document vmstub-verb"
end
evaluate an expression, show it in all radixes

  keval [-b] [-l] EXPRESSION

Operands are decimal or 0x hexadecimal numbers, or symbols; the suffixes k, m, g multiply.
Operators: + - * / % << >> & ^ | ~ ( ).
  -b  also list the bits that are set
  -l  64-bit numbers (always so here)

  keval 1 << 44
  hexadecimal: 100000000000  (16384GB)
end
if $_gdb_major > 12
  eval "document explain"
else
  eval "document vmstub-verb"
end
why the kernel crashed

  explain [PID | TASK]

Explain the fault: the access that failed, what its address is, the variable and member
in the source, and where the bad pointer came from, with the state of its slab object;
or who called panic(), and for what: the BUG() or WARN(), the CPU or task that a
watchdog found with the lock it waits for, or the machine check.
With a task, explain the fault on its stack.
Brackets say on what each statement rests. What the dump does not show is left out.

  explain
     AT: l2w_vdev_lookup+82 [l2w]
         /root/l2w/vdev.c: 50 in vdev_count_hit(), inlined
  FAULT: read of 4 bytes at 10: 16 bytes after NULL
         [registers and instruction; the log agrees]
   CODE: 0: a read in kernel mode; no page is there
         [error code in the log]
   INSN: mov    0x10(%rdx),%esi
         rdx = 0
   WHAT: stats->errors: stats is NULL, and errors is at offset 16 of struct l2w_stats
         [debug information]
   FROM: l2w_vdev_lookup+74: mov    0x30(%rax),%rdx
         which loaded vdev->stats
         from ffffffffc03bc0d0 (l2w_vdevs[1].stats), which still holds that value
         [instructions]
end
if $_gdb_major > 12
  eval "document files"
else
  eval "document vmstub-verb"
end
open files of a task

  files [-c] [PID | TASK]...
  files -d DENTRY

Paths start at the root of the mount namespace, not at the task's root directory.
  -c         each file's inode and address space, with its pages in the page cache
  -d DENTRY  describe a dentry
  --json     tables as one JSON document

  files 121
  PID: 121      TASK: ffff893301db4380  CPU: 2    COMMAND: "w_files"
  ROOT: /    CWD: /tmp
   FD       FILE            DENTRY           INODE       TYPE PATH
    3 ffff893301d7ef00 ffff893301abe240 ffff893301d8ce80 REG  /tmp/w_plain
end
if $_gdb_major > 12
  eval "document foreach"
else
  eval "document vmstub-verb"
end
run a command for many tasks

  foreach [user | kernel | gleader | active | STATE | PID | TASK | NAME | REGEX]...
          bt | kbt | ps | ... [OPTION]...

Run a command for each selected task. PID, TASK, NAME and REGEX select tasks (default: all);
a state (RU IN UN ST TR ZO DE ID PA WA NE) and the words user, kernel, gleader (first thread
of its process) and active narrow the selection. A '|' in REGEX must be quoted. To filter or
keep the output, type `pipe foreach ... | COMMAND` in gdb, or use a shell with vmstub --exec.
`foreach kbt -g` prints equal backtraces once, as `foreach stacks` does.
  --json  tables as one JSON document

  foreach UN kbt -l
end
if $_gdb_major > 12
  eval "document fuser"
else
  eval "document vmstub-verb"
end
tasks that use a file

  fuser PATH | INODE

USAGE says how: it is the root or working directory, open (fd), or mapped (mmap). PATH
is a name as files prints it (/tmp/x, pipe:[123]), or that of a unix socket; INODE is the
address of a struct inode, which finds the file under all its names.
  --json  tables as one JSON document

  fuser /tmp/w_plain
   PID         TASK        COMM             USAGE
    123  ffff888a86605a00  "w_files"        fd
end
if $_gdb_major > 12
  eval "document hang"
else
  eval "document vmstub-verb"
end
why nothing went on: blocked tasks, busy CPUs, work, timers, RCU, I/O

  hang [-a]

Show what the system waited for when it stopped:
  TASKS   in uninterruptible sleep, the time since each last ran, what it waits for, and
          the chain of those that hold it; those of a deadlock first
  CPUS    that ran a task: for how long, since when its clock stood still, and the soft
          lockup detector's thread, if it did not run in time
  WORK    pools of kernel workers with pending work, and what their workers do
  TIMERS  that are late by a second or more
  RCU     a grace period in progress, and the CPUs and tasks that delay it
  I/O     requests that a disk's driver has not completed
All times count up to the latest tick of any CPU.
  -a      list everything, not only the first ten of each kind
  --json  tables as one JSON document

  hang
  TASKS: 2 in uninterruptible sleep
    PID: 162  COMMAND: "l2q_ab"  11.488 s  waits for mutex ffffffffc041b080 <l2q_b>
        held by PID: 163  COMMAND: "l2q_ba", which waits for mutex ffffffffc041b0a0 <l2q_a>
        held by PID: 162  COMMAND: "l2q_ab": a deadlock
end
if $_gdb_major > 12
  eval "document ipcs"
else
  eval "document vmstub-verb"
end
System V shared memory, semaphores, queues

  ipcs [-s] [-m] [-M] [-q] [-n PID | TASK] [ID | ADDRESS]

Without -s, -m, -M and -q, list all of them.
  -s             semaphores
  -m             shared memory
  -M             shared memory with its pages and inode
  -q             message queues
  -n PID | TASK  in the IPC namespace of this task

  ipcs -s
  SEM_ARRAY        KEY      SEMID      UID   PERMS NSEMS
  ffff893301315c00 6c327702 0          0     666   3
end
if $_gdb_major > 12
  eval "document irq"
else
  eval "document vmstub-verb"
end
interrupts

  irq [-u] [NUMBER...] | irq -a | -s [-c CPUS] [NUMBER...] | irq -b | -d

Without options, print each interrupt's descriptor and handlers.
  -u       only those with a handler
  -a       CPU affinity
  -s       counts by CPU
  -c CPUS  with -s: only these CPUs
  -b       softirqs
  -d       the interrupt descriptor table
  --json   tables as one JSON document

  irq 9
   IRQ   IRQ_DESC/_DATA      IRQACTION      NAME
    9   ff40e912811a8200  ff40e91281371f00  "acpi"
end
if $_gdb_major > 12
  eval "document kbt"
else
  eval "document vmstub-verb"
end
kernel backtrace in crash's layout

  kbt [-ilsdfg] [-F[F]] [PID | TASK | -c CPUS | -a | -p]...
  kbt -S SP [-I IP] [PID | TASK | -c CPU]
  kbt -r | -t | -T | -e [PID | TASK | -c CPUS | -a | -p]...
  kbt -E [-c CPUS]
  kbt -v

Without arguments, show the selected thread.
  -a       the active task of every CPU
  -c CPUS  the active tasks of these CPUs: 0,2-3
  -p       the task that panicked
  -g       all threads of the task's process; with foreach: equal backtraces once
  -i       with inlined functions
  -l       with file and line
  -s       with offsets into functions
  -f       with the stack words of each frame
  -F       like -f, with symbols and [slab caches]; -FF: also addresses of slab objects
  -d       say how each frame was found
  -S SP    start at the return address stored at SP
  -I IP    with -S: start at IP, where SP is the stack pointer
  -r       the whole stack, raw
  -t       every text address on the stack above the stack pointer
  -T       every text address on the whole stack
  -e       register frames found on the stack
  -E       register frames on each CPU's interrupt and exception stacks
  -v       tasks whose stack overflowed

  kbt 1
  PID: 1        TASK: ff2583be411e20c0  CPU: 1    COMMAND: "init"
   #0 [ff54976340013d58] __schedule at ffffffff8c0b1c3d
end
if $_gdb_major > 12
  eval "document klist"
else
  eval "document vmstub-verb"
end
entries of a linked list

  klist [OFFSET | -o OFFSET] [-e END] [-s STRUCT[.MEMBER,...] | -S STRUCT[.MEMBER,...]]... [-l OFFSET]
        [-rBxd] [-h [-O OFFSET] | -H] START

This is crash's list; gdb has its own command of that name. It prints the address of each entry.
START is the first object; its pointer at OFFSET leads to the next one.
  -o OFFSET               offset of the pointer to the next entry: structure.member or a number
  -h                      START is an object with a list_head at OFFSET
  -H                      START is a bare list_head; the objects have theirs at OFFSET
  -O OFFSET               with -h: the offset in START, if it differs
  -r                      in reverse order, by prev
  -B                      ignored, for crash compatibility: loops are always detected
  -e END                  stop at this address
  -s STRUCT[.MEMBER,...]  show each entry as this struct, or these members
  -S STRUCT[.MEMBER,...]  same as -s
  -l OFFSET               with -s: the offset of the list's node in that struct
  -x                      integers in hexadecimal
  -d                      integers in decimal (default)

  klist task_struct.tasks -s task_struct.pid,comm -h init_task
  ffffffff9fa1aa40
    pid = 0,
    comm = "swapper/0\000\000\000\000\000\000",
end
if $_gdb_major > 12
  eval "document kmem"
else
  eval "document vmstub-verb"
end
memory management, and what an address belongs to

  kmem -i | -s [--sort COLUMN] [CACHE...] | -S [CACHE...] | -p [ADDRESS...] | -v | -z | -f | -g [FLAGS] | -n | -o | -V | ADDRESS...

For ADDRESS, print the symbol, per-CPU variable, slab object and its cache, task, vmalloc area
and page there, and who allocated the page, if the kernel recorded that (page_owner=on). A
physical address stands for its address in the direct map.
  -i             memory usage; SHARED counts mapped pages of files
  -s             slab caches; objects that CPUs hold in reserve are not ALLOCATED
  --sort COLUMN  with -s, the largest first, by size (of all slabs), allocated, total or slabs
  -S             like -s, with slabs on lists and their objects, allocated ones in brackets
  -p             the struct page of each address, or of all memory
  -v             vmalloc areas
  -z             zones and their counters
  -n             nodes and zones
  -o             per-CPU offsets
  -f             lists of free blocks of each zone, and whether their pages add up
  -g             names of the flags of pages, or of those set in FLAGS (hexadecimal)
  -V             all counters of zones, nodes and events
  --json         tables as one JSON document

  kmem -s task_struct
  CACHE             OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE  NAME
  ff4a5aa2c11bcf00     8328         88       117     39    32k  task_struct
end
if $_gdb_major > 12
  eval "document lines"
else
  eval "document vmstub-verb"
end
file and line of each entry in a trace of the kernel

  lines [-f FILE | TEXT...]

Print the lines of the log, or of FILE or TEXT copied from one, that name code as in
schedule+0x36/0x70, with inlined functions, file and line. In a call trace that is
the line of the call, behind RIP: the line of the instruction. An entry whose
function has another size in this kernel is from another build.
  -f FILE  the text in FILE; - is the standard input of --exec

  lines RIP: 0010:l2w_vdev_lookup+0x52/0x70 [l2w]
      vdev_count_hit at /root/l2w/vdev.c: 50 (inlined)
      l2w_vdev_lookup at /root/l2w/vdev.c: 66
end
if $_gdb_major > 12
  eval "document locks"
else
  eval "document vmstub-verb"
end
who waits for locks, who holds them, and deadlocks

  locks [-u] [ADDRESS | SYMBOL]

List the mutexes, rw_semaphores, semaphores, completions, rt_mutexes and percpu_rw_semaphores,
on PREEMPT_RT also the spinlocks and rwlocks, and the bits of words and pages, for which tasks
sleep, with owner and waiters in the order of the lock's list, and cycles of tasks that wait
for one another. Brackets say how a wait was found: on the task's stack, in the lock's list, by
the lock's owner, or in the task's own members. With an ADDRESS or SYMBOL, only that lock.
CPUs that wait for a spinlock come first. The kernel does not record who holds one.
With -u, the files that a task waits for in epoll_wait(), select() or poll() are listed.
  -u      also futexes, and files waited for by epoll, select and poll
  --json  tables as one JSON document

  locks
  mutex ffffffffc041b0c0 <l2q_b>
     HELD BY: PID: 163  TASK: ff47e89e43064180  COMMAND: "l2q_ba"
     WAITING: PID: 162  TASK: ff47e89e43050000  COMMAND: "l2q_ab"  last ran 5.303 s ago  [stack and the lock's list]
end
if $_gdb_major > 12
  eval "document log"
else
  eval "document vmstub-verb"
end
the kernel's log buffer

  log [-T] [-t] [-m] [-c] [-d] [-l]
  log -a

  -t  without timestamps
  -T  with the time of day
  -m  with the level as <N>
  -c  with the caller: T and a PID, or C and a CPU outside tasks
  -d  with the subsystem and device of the driver
  -l  with file and line of each entry of a trace (see lines)
  -a  instead, audit messages that no daemon has read

  log -T
  [Mon Nov 23 03:44:01 UTC 2026] Linux version 6.1.0
end
if $_gdb_major > 12
  eval "document mach"
else
  eval "document vmstub-verb"
end
the machine

  mach [-m | -c [-x | -d]]

Print memory size, clocks, the start of the kernel's memory areas, and each CPU's stacks.
  -m  the firmware's memory map
  -c  the struct cpuinfo_x86 of each CPU
  -x  with -c: integers in hexadecimal
  -d  with -c: integers in decimal (default)

  mach -m
        PHYSICAL ADDRESS RANGE         TYPE
  0000000000001000 - 000000000009fc00  E820_RAM
end
document mod
loaded modules and their symbols

  mod [-s NAME [FILE] | -S [DIR] | -d NAME | -t]

Without arguments, list the modules.
  -s      load NAME's symbols from FILE or, without it, search again; the build must match
  -S      search for the files of all modules, in DIR first
  -d      forget NAME's symbols
  -t      modules that taint the kernel, and how
  --json  tables as one JSON document

  mod -s l2w /root/l2w.ko
end
if $_gdb_major > 12
  eval "document mount"
else
  eval "document vmstub-verb"
end
mounted file systems

  mount [-f] [-i] [-n PID | TASK] [ADDRESS | DEVICE | DIR]

Show all, or those given by DEVICE, DIR or ADDRESS of a struct mount or super_block.
  -n PID | TASK  in the mount namespace of this task (default: of init)
  -f             with open files of all tasks
  -i             with dirty inodes
  --json         tables as one JSON document

  mount /proc
       MOUNT           SUPERBLK     TYPE   DEVNAME   DIRNAME
  ffff8933011c3e00 ffff893301346800 proc   proc      /proc
end
if $_gdb_major > 12
  eval "document net"
else
  eval "document vmstub-verb"
end
network devices, sockets, neighbours

  net [-n PID | TASK] | -a | -s | -S [PID | TASK]

Without options, list network devices with their addresses.
  -n PID | TASK  in the network namespace of this task
  -a             the ARP cache
  -s             sockets of a task with addresses and ports, or names of unix sockets
  -S             same as -s
  --json         tables as one JSON document

  net -s 137
  FD      SOCKET            SOCK       FAMILY:TYPE SOURCE-PORT DESTINATION-PORT
   3 ff4a5aa2c2a56f80 ff4a5aa2c2a3c000 INET:STREAM 127.0.0.1-5001 0.0.0.0-0
end
if $_gdb_major > 12
  eval "document oom"
else
  eval "document vmstub-verb"
end
where memory is, and who holds it

  oom [-a]

Name the largest holder of memory, decode the log's report of the OOM killer, and list what
memory is used for: rows that share no page, which with FREE and OTHER add up to TOTAL MEM;
OTHER is what no counter has, such as pages that a driver took and never freed. Below: free
blocks by zone, and the largest slab caches, callers of vmalloc(), processes by RSS and swap,
files in memory, and cgroups; and the stacks that allocated most pages, if the kernel recorded
them (page_owner=on). Brackets say on what a statement rests. The counters lack small
changes that CPUs have not added yet, as in /proc/meminfo.
  -a      up to 1000 rows of each table, not the 10 largest
  --json  tables as one JSON document

  oom
  VERDICT: slab cache l2o_leak holds 230 MiB, 82% of memory
           [the number of the cache's slabs]
      OOM: PID 149 ("sh") asked for 4 kB (order 0) with GFP_KERNEL, when the kernel was up for 21 s
           [the log]
end
if $_gdb_major > 12
  eval "document kp"
else
  eval "document vmstub-verb"
end
the value of a variable, without gdb

  kp [-x | -d] [* | &]VARIABLE[.MEMBER | ->MEMBER]...[:CPUS]

Print a variable or a member of it, what a pointer points to (*), or an address (&).
Without CPUS, a per-CPU variable is that of the selected CPU; ":a" is all CPUs, ":0,2-3"
some. In gdb, its own p can do more; this one is kp there.
  -x  integers in hexadecimal
  -d  integers in decimal (default)

  kp init_task.se.vruntime
  init_task.se.vruntime = 7218324
end
if $_gdb_major > 12
  eval "document percpu"
else
  eval "document vmstub-verb"
end
a per-CPU variable on each CPU

  percpu [-x | -d] SYMBOL[:CPUS]

CPUS is a list such as 0,2-3 (default: all CPUs).
  -x  integers in hexadecimal
  -d  integers in decimal (default)

  percpu __preempt_count:2
end
if $_gdb_major > 12
  eval "document ps"
else
  eval "document vmstub-verb"
end
tasks

  ps [-k | -u | -G | -A] [-y POLICY,...] [-s] [--sort COLUMN] [PID | TASK | NAME | REGEX]...
  ps -p | -c | -g | -t | -a | -r | -S | -l [-C CPUS] | -m [-C CPUS] [PID | TASK | NAME]...

'>' marks running tasks. VSZ and RSS are in kB. \123 means a task named 123.
oom -a lists each process once, with what it has in swap.
  -k             kernel threads
  -u             user tasks
  -G             first threads of processes
  -A             running tasks
  -y POLICY,...  scheduling policies: NORMAL, FIFO, RR, BATCH, IDLE, DEADLINE, EXT, or numbers
  -s             the stack pointer of sleeping tasks instead of the task's address
  -p             each task's ancestors
  -c             each task's children
  -g             threads by process
  -t             start time and CPU time, in nanoseconds
  -a             arguments and environment, from user memory
  -r             resource limits
  -S             number of tasks in each state
  -l             time of the last run, latest first
  -m             time since the last run (days hours:minutes:seconds)
  --sort COLUMN  the largest first, by rss (also: size), vsz, mem, pid, ppid or cpu
  -C CPUS        with -l or -m: separately for these CPUs: 0,2-3, or a for all
  --json         tables as one JSON document

  ps 1
      PID    PPID  CPU       TASK        ST  %MEM      VSZ      RSS  COMM
        1       0   0  ffff95d6811d2d00  IN   0.3     2260     1692  init
end
if $_gdb_major > 12
  eval "document pte"
else
  eval "document vmstub-verb"
end
decode a page table entry

  pte ENTRY...

  pte d8e067
   PTE  PHYSICAL  FLAGS
  d8e067   d8e000  (PRESENT|RW|USER|ACCESSED|DIRTY)
end
if $_gdb_major > 12
  eval "document ptob"
else
  eval "document vmstub-verb"
end
page number to byte address

  ptob PAGE...

  ptob 512a
  512a: 512a000
end
if $_gdb_major > 12
  eval "document ptov"
else
  eval "document vmstub-verb"
end
physical to virtual address

  ptov ADDRESS | OFFSET:CPUS ...

Print the address in the direct map. With :CPUS (a: all), print the address of a per-CPU
offset on these CPUs.

  ptov 1000000
  VIRTUAL           PHYSICAL
  ff4a5aa2c1000000  1000000
end
if $_gdb_major > 12
  eval "document rd"
else
  eval "document vmstub-verb"
end
read memory

  rd [-8 | -16 | -32 | -64] [-adDsSupxNR] [-o OFFSET] [-e END] [-r -] ADDRESS | SYMBOL [COUNT]

Print COUNT 64-bit numbers in hexadecimal, and as text.
  -8         8-bit numbers
  -16        16-bit numbers
  -32        32-bit numbers
  -64        64-bit numbers (default)
  -a         only text; without COUNT, up to the first unprintable byte
  -d         signed decimal
  -D         unsigned decimal
  -s         symbols for addresses that have one
  -S         like -s, and slab caches; -SS: with the address
  -p         ADDRESS is physical
  -u         ADDRESS is in the selected task (always so for user addresses)
  -x         without the text column
  -N         network byte order
  -R         read up to ADDRESS, not from it
  -o OFFSET  add OFFSET to ADDRESS
  -e END     read up to END, instead of COUNT
  -r -       COUNT raw bytes, for a pipe

  rd linux_banner 2
  ffffffff9f11ffe0:  65762078756e694c 2e36206e6f697372   Linux version 6.
end
if $_gdb_major > 12
  eval "document runq"
else
  eval "document vmstub-verb"
end
running and queued tasks of each CPU

  runq [-t | -T | -m | -g] [-c CPUS]

Print tasks of the RT and fair classes with their priority, in the order of the queue, and
deadline and sched_ext tasks if there are any.
  -t       each CPU's scheduler clock, and when its task started to run
  -T       how far each CPU's clock lags behind the latest one
  -m       how long each CPU's task has been running (days hours:minutes:seconds)
  -g       tasks by group
  -c CPUS  only these CPUs: 0,2-3
  --json   tables as one JSON document

  runq -c 2
  CPU 2 RUNQUEUE: ffff893312f33440
    CURRENT: PID: 116    TASK: ffff893301d94380  COMMAND: "w_busy"
    RT PRIO_ARRAY: ffff893312f33680
       [no tasks queued]
    CFS RB_ROOT: ffff893312f334f0
       [no tasks queued]
end
if $_gdb_major > 12
  eval "document ksearch"
else
  eval "document vmstub-verb"
end
find values or text in memory

  ksearch [-k | -K | -V | -u | -p | -t | -T] [-s START] [-e END | -l LENGTH] [-m MASK] [-x COUNT]
  [-c | -w | -h] VALUE | SYMBOL | "TEXT" ...

Without options, search all kernel memory for aligned 64-bit values.
  -k         kernel memory (default): direct map, vmalloc areas with modules, image
  -K         like -k, without vmalloc areas
  -V         only vmalloc areas
  -u         user memory of the selected task
  -p         physical memory
  -t         kernel stacks of all tasks
  -T         kernel stacks of running tasks
  -s START   from START
  -e END     up to END
  -l LENGTH  LENGTH bytes from START
  -m MASK    ignore the bits in MASK
  -x COUNT   also show COUNT values before and after
  -c         text at any address
  -w         32-bit values
  -h         16-bit values

  ksearch -p -c "Linux version"
end
if $_gdb_major > 12
  eval "document sig"
else
  eval "document vmstub-verb"
end
signals of a task

  sig [-g] [PID | TASK]...
  sig -l | -s SIGSET

Print handlers, blocked and pending signals, and the signal queue.
  -g         for all threads of the process
  -l         list signal numbers and names
  -s SIGSET  decode a signal set, such as BLOCKED

  sig -s 800000200
  SIGUSR1 SIGRTMIN+4
end
if $_gdb_major > 12
  eval "document stacks"
else
  eval "document vmstub-verb"
end
backtraces of all tasks, equal ones once

  stacks [-al] [PID | TASK | COMMAND]...

Group tasks by their kernel backtrace, the largest group first. Without arguments, all tasks;
`foreach UN stacks` groups those in uninterruptible sleep.
  -a      list all PIDs
  -l      with file and line
  --json  tables as one JSON document

  foreach UN stacks
  2 tasks: 2 UN
  PID: 155 "l2q_m1", 156 "l2q_m2"
   #0 __schedule+733 at ffffffff92410e3d
   #1 schedule+90 at ffffffff9241154a
end
if $_gdb_major > 12
  eval "document struct"
else
  eval "document vmstub-verb"
end
definition of a struct, or an object in memory

  struct TYPE[.MEMBER,...] [-orupxd] [-l OFFSET] [ADDRESS | SYMBOL][:CPUS] [COUNT | -c COUNT]

Without an address, print the definition and SIZE; with one, the values there. MEMBER may
be a path: se.run_node, comm[0]. Types of modules come from their files. With :CPUS the
symbol is a per-CPU variable; a means all CPUs, an empty list the selected one.
  -o         show offsets; with an address, the address of each member
  -l OFFSET  the address is that of the member at OFFSET: structure.member or a number
  -c COUNT   COUNT objects of an array; if negative, those up to and including this one
  -p         also show what pointer members point to
  -r         raw memory
  -u         the address is in the user memory of the selected task
  -x         integers in hexadecimal
  -d         integers in decimal (default)

  struct task_struct.pid,comm init_task
    pid = 0,
    comm = "swapper/0\000\000\000\000\000\000",
end
if $_gdb_major > 12
  eval "document swap"
else
  eval "document vmstub-verb"
end
swap areas

  swap

  --json  tables as one JSON document

  swap
  SWAP_INFO_STRUCT    TYPE       SIZE       USED     PCT  PRI  FILENAME
  ff4a5aa2c18cc800  PARTITION    32764k       268k      0%   -2  /dev/vdd
end
if $_gdb_major > 12
  eval "document sym"
else
  eval "document vmstub-verb"
end
translate between symbols and addresses

  sym [-p] [-n] ADDRESS | SYMBOL[+OFFSET[/SIZE]] ...
  sym -l | -M | -m MODULE | -q TEXT

Print address, type letter, symbol and offset, [module], and file: line.
  -l         all symbols of the kernel and of modules
  -M         all symbols of modules
  -m MODULE  all symbols of MODULE
  -q TEXT    all symbols whose names contain TEXT
  -p         also the symbol before
  -n         also the symbol after

  sym ffffffffc05a3b78
  ffffffffc05a3b78 (t) l2w_vdev_xmit+248 [l2w] /root/l2w/vdev.c: 216
end
if $_gdb_major > 12
  eval "document sys"
else
  eval "document vmstub-verb"
end
the system: kernel, dump, uptime, panic

  sys [config | -c [NUMBER | NAME] | -t | -i | -r [STRUCT] | -s]

config prints the kernel's own copy of its configuration, if it has one.
  -c             the system call table, or the calls whose name contains NAME
  -t             the taint mask and its letters
  -i             the machine's DMI strings
  -r             kernel struct members that vmstub reads, and which of them this kernel has
  -s, --symbols  files that symbols, types and lines come from; what to install
  --json         tables as one JSON document

  sys -t
  TAINTED_MASK: 3000  OE
end
document task
make a task a thread in gdb, or show its structs

  task [PID | TASK | -c CPU]
  task -R MEMBER,... [-x] [PID | TASK | -c CPU]
  task -x | -d [PID | TASK | -c CPU]

The task becomes a thread, for which bt, info locals, $task and user memory work.
With vmstub.gdb loaded, the command also selects the thread; otherwise `info threads`
shows its number. Without arguments, the selected task is used.
gdb gets the symbols of its program and libraries, too, so that bt continues into them:
the files are found by path below --sysroot DIR, or by build-id; without a file, it has
exported names and unwinds as far as memory has the tables. gdb has one space of
symbols, so these replace those of the task before; without vmstub.gdb, type
sharedlibrary to load them.
  -c CPU         the task running on CPU
  -R MEMBER,...  show these members of its task_struct or thread_info
  -x             show both structs, or with -R the members, in hexadecimal
  -d             show both structs, or with -R the members, in decimal

  task 1
  thread 5: pid 1, IN, init
  task -R pid,comm 1
  PID: 1        TASK: ffff8aa90123b080  CPU: 1    COMMAND: "init"
    pid = 1,
end
if $_gdb_major > 12
  eval "document timer"
else
  eval "document vmstub-verb"
end
pending timers

  timer [-r] [-C CPUS]

Without -r, print each CPU's timer wheels, in jiffies.
  -r       high-resolution timers, in nanoseconds, by clock
  -C CPUS  only these CPUs
  --json   tables as one JSON document

  timer -C 2
  TIMER_BASES[2][BASE_STD]: ff40e9129f520980
       EXPIRES          TTE        TIMER_LIST          FUNCTION
    4294967958        72348  ffffffffa019f0e0  ffffffff9e6b79d0  <delayed_work_timer_fn>
end
if $_gdb_major > 12
  eval "document ktrace"
else
  eval "document vmstub-verb"
end
events that ftrace recorded

  ktrace [-i INSTANCE] [-e EVENT]... [-c CPUS] [-p PID]...
trace -l [-i INSTANCE]
trace dump [-i INSTANCE] -o -

Show the events and functions in the ring buffers of ftrace, of all instances and CPUs, by time, as
the file `trace` of tracefs has them. With several instances, each line starts with the instance's name.
Lines with # say what is missing. A task that ftrace has no name of is shown with the name that it
had when the kernel stopped.
`vmstub --exec 'trace dump -o -' vmcore >trace.dat` writes a file for trace-cmd and KernelShark; it has one
clock, so instances with another than the first are left out.
  -l           only list the instances and what their buffers have
  -i INSTANCE  only this instance; "top" is that of the whole system
  -e EVENT     only this event; NAME or SYSTEM:NAME, with wildcards; repeatable
  -c CPUS      only these CPUs: 1,3-5
  -p PID       only events of this thread; repeatable
  -o -         where `trace dump` writes: to standard output
  --json       tables as one JSON document

  ktrace -e 'irq:*' -c 1
            w_busy-131     [001] ..s..    36.805789: softirq_entry: vec=9 [action=RCU]
end
if $_gdb_major > 12
  eval "document tree"
else
  eval "document vmstub-verb"
end
entries of a red-black tree, xarray, radix or maple tree

  tree [-t TYPE] [-r OFFSET] [-o OFFSET] [-s STRUCT[.MEMBER,...] | -S STRUCT[.MEMBER,...]]...
       [-lpxd] START

START is the rb_root, xarray, radix_tree_root or maple_tree. Entries are printed in order.
  -t TYPE                 rbtree (default), xarray, radix or maple
  -r OFFSET               START is an object that has the root at OFFSET
  -o OFFSET               the offset of the rb_node in the objects
  -s STRUCT[.MEMBER,...]  show each entry as this struct, or these members
  -S STRUCT[.MEMBER,...]  same as -s
  -l                      in order (always so here)
  -p                      show the index, or range of indices, of each entry
  -x                      integers in hexadecimal
  -d                      integers in decimal (default)

  tree -t maple -r mm_struct.mm_mt -s vm_area_struct.vm_start ff2583be42a11e00
end
if $_gdb_major > 12
  eval "document union"
else
  eval "document vmstub-verb"
end
definition of a union, or an object in memory

  union TYPE[.MEMBER,...] [-orupxd] [-l OFFSET] [ADDRESS | SYMBOL][:CPUS] [COUNT | -c COUNT]

Like struct.
  -o         show offsets; with an address, the address of each member
  -l OFFSET  the address is that of the member at OFFSET: structure.member or a number
  -c COUNT   COUNT objects of an array; if negative, those up to and including this one
  -p         also show what pointer members point to
  -r         raw memory
  -u         the address is in the user memory of the selected task
  -x         integers in hexadecimal
  -d         integers in decimal (default)
end
if $_gdb_major > 12
  eval "document vm"
else
  eval "document vmstub-verb"
end
a process's virtual memory

  vm [-p | -m | -v] [-x | -d] [PID | TASK]...

Print its memory areas: address of the vm_area_struct, range, flags and file.
  -p      also each page's physical address, or its place in a swap area or file
  -m      the mm_struct
  -v      each vm_area_struct
  -x      integers in hexadecimal
  -d      integers in decimal (default)
  --json  tables as one JSON document

  vm 132
        VMA           START       END     FLAGS FILE
  ff4a5aa2dfed2980     400000     401000 8000071 /bin/workers
end
if $_gdb_major > 12
  eval "document vtop"
else
  eval "document vmstub-verb"
end
virtual to physical address

  vtop [-c PID | TASK] [-u | -k] ADDRESS...

Print each level of the page tables, the flags of the last entry, and the page.
Of a page that is swapped out, print where it is, and how zram or zswap stores it.
  -c PID | TASK  user addresses of this task (default: the selected one)
  -u             only user addresses
  -k             only kernel addresses

  vtop ff80d501c0000000
  VIRTUAL           PHYSICAL
  ff80d501c0000000  1f402000

     PGD: 10a10ff0 => 1000067
  ...
end
if $_gdb_major > 12
  eval "document waitq"
else
  eval "document vmstub-verb"
end
waiters on a wait queue or lock

  waitq ADDRESS | SYMBOL | STRUCT.MEMBER ADDRESS

List the tasks that wait on a wait queue, completion, mutex, rw_semaphore, semaphore or
rt_mutex, and on a spinlock or rwlock of PREEMPT_RT. The type is that of SYMBOL or MEMBER; an
ADDRESS alone is assumed to be a wait_queue_head. Waiters that are not tasks (epoll and others) are shown with the function that wakes them.

  waitq kauditd_wait
  PID: 34       TASK: ffff8933012e8000  CPU: 3    COMMAND: "kauditd"
end
if $_gdb_major > 12
  eval "document kwhatis"
else
  eval "document vmstub-verb"
end
the type behind a name

  kwhatis [-o] [struct | union | enum] TYPE[.MEMBER] | SYMBOL
  kwhatis [-r SIZE[-SIZE]] [-m MEMBER]

Print the definition of a type, or the declaration of a variable or function. BTF has only
functions and per-CPU variables; for others vmstub reads vmlinux's DWARF, which takes a second.
  -o              with offsets
  -r SIZE[-SIZE]  structs and unions of that size
  -m MEMBER       structs and unions with a member of that type or name

  kwhatis pid_t
  typedef int pid_t;
  SIZE: 4
end
if $_gdb_major > 12
  eval "document why"
else
  eval "document vmstub-verb"
end
why memory can or cannot be read

  why [-p] ADDRESS...

Print how an address is mapped, and whether its page is in the dump: stored, all zeros,
excluded (by which filter, and what it held), lost, no RAM, not mapped or swapped out.
  -p  ADDRESS is physical

  why linux_banner
  ffffffff9f71ffe0: mapped by 4 entries, the last is 80000000072001e1 at 7c167d8, page size 2048 KiB
    physical 731ffe0: stored in the dump
end
document vmstub
List the commands of vmstub.

bpf      -- BPF programs and maps
btop     -- byte address to page number
ccat     -- contents of a file, from the page cache
dev      -- character and block devices, PCI, I/O ports
dis      -- disassemble
keval    -- evaluate an expression, show it in all radixes
explain  -- why the kernel crashed
files    -- open files of a task
foreach  -- run a command for many tasks
fuser    -- tasks that use a file
hang     -- why nothing went on: blocked tasks, busy CPUs, work, timers, RCU, I/O
ipcs     -- System V shared memory, semaphores, queues
irq      -- interrupts
kbt      -- kernel backtrace in crash's layout
klist    -- entries of a linked list
kmem     -- memory management, and what an address belongs to
lines    -- file and line of each entry in a trace of the kernel
locks    -- who waits for locks, who holds them, and deadlocks
log      -- the kernel's log buffer
mach     -- the machine
mod      -- loaded modules and their symbols
mount    -- mounted file systems
net      -- network devices, sockets, neighbours
oom      -- where memory is, and who holds it
kp       -- the value of a variable, without gdb
percpu   -- a per-CPU variable on each CPU
ps       -- tasks
pte      -- decode a page table entry
ptob     -- page number to byte address
ptov     -- physical to virtual address
rd       -- read memory
runq     -- running and queued tasks of each CPU
ksearch  -- find values or text in memory
sig      -- signals of a task
stacks   -- backtraces of all tasks, equal ones once
struct   -- definition of a struct, or an object in memory
swap     -- swap areas
sym      -- translate between symbols and addresses
sys      -- the system: kernel, dump, uptime, panic
task     -- make a task a thread in gdb, or show its structs
timer    -- pending timers
ktrace   -- events that ftrace recorded
tree     -- entries of a red-black tree, xarray, radix or maple tree
union    -- definition of a union, or an object in memory
vm       -- a process's virtual memory
vtop     -- virtual to physical address
waitq    -- waiters on a wait queue or lock
kwhatis  -- the type behind a name
why      -- why memory can or cannot be read

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

"help COMMAND" shows the options, and so does "monitor help VERB", which gdb before 13 needs.
end
# end of documents
document vmstub-verb
Run a verb of vmstub, with values of gdb as its arguments: rd $rsp 4, sym $pc, struct mutex $5, vtop &jiffies
"monitor help" lists the verbs, "monitor help VERB" their options.
end
