# SPDX-License-Identifier: GPL-3.0-or-later
# vmstub.gdb - crash's commands in gdb, for a target served by vmstub.
#
#   gdb -x vmstub.gdb vmlinux
#   (gdb) target remote | vmstub vmcore
#
# Plain gdb commands only, because gdb may be built without Python. Each command is the monitor verb of the same
# name, plus what only gdb can do (its own frames, its symbol tables). "monitor help" lists the
# verbs, "monitor help VERB" their options.

# Images and vmlinux are files on this machine: open them directly, not through the remote protocol.
set sysroot /

# A verb whose arguments may be gdb's: $rsp, $5, &jiffies. vmstub answers by a mask of the arguments that gdb must
# evaluate, at most eight. The first read announces that, and tells vmstub which thread is selected.
define vmstub-verb
  set $vmstub_want = 1
  while $vmstub_want
    set $vmstub_want = *(unsigned char *) 0xffffffffffffe001
    if $argc == 1
      monitor $arg0
    end
    if $argc == 2
      monitor $arg0 $arg1
    end
    if $argc == 3
      monitor $arg0 $arg1 $arg2
    end
    if $argc == 4
      monitor $arg0 $arg1 $arg2 $arg3
    end
    if $argc == 5
      monitor $arg0 $arg1 $arg2 $arg3 $arg4
    end
    if $argc == 6
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5
    end
    if $argc == 7
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6
    end
    if $argc == 8
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7
    end
    if $argc == 9
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8
    end
    if $argc == 10
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9
    end
    if $argc == 11
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10
    end
    if $argc == 12
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11
    end
    if $argc == 13
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12
    end
    if $argc == 14
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12 $arg13
    end
    if $argc == 15
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12 $arg13 $arg14
    end
    if $argc == 16
      monitor $arg0 $arg1 $arg2 $arg3 $arg4 $arg5 $arg6 $arg7 $arg8 $arg9 $arg10 $arg11 $arg12 $arg13 $arg14 $arg15
    end
    if $argc > 16
      monitor help $arg0
      set $vmstub_want = 0
    else
      set $vmstub_want = *(unsigned int *) 0xffffffffffffe000
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
document vmstub-verb
Run a verb of vmstub, with values of gdb as its arguments: rd $rsp 4, sym $pc, struct mutex $5, vtop &jiffies
"monitor help" lists the verbs, "monitor help VERB" their options.
end

if $_isvoid($vmstub_loaded)
  alias sys = monitor sys
  alias log = monitor log
  alias lines = monitor lines
  alias sym = vmstub-verb sym
  alias kbt = vmstub-verb kbt
  alias foreach = monitor foreach
  alias ps = monitor ps
  alias files = vmstub-verb files
  alias mount = monitor mount
  alias sig = vmstub-verb sig
  alias runq = monitor runq
  alias waitq = vmstub-verb waitq
  alias ipcs = monitor ipcs
  alias mach = monitor mach
  alias struct = vmstub-verb struct
  alias union = vmstub-verb union
  alias percpu = vmstub-verb percpu
  alias klist = vmstub-verb klist
  alias tree = vmstub-verb tree
  alias rd = vmstub-verb rd
  alias why = vmstub-verb why
  alias hang = monitor hang
  alias explain = monitor explain
  alias locks = vmstub-verb locks
  alias stacks = monitor stacks
  alias vtop = vmstub-verb vtop
  alias pte = vmstub-verb pte
  alias ptov = vmstub-verb ptov
  alias btop = vmstub-verb btop
  alias ccat = vmstub-verb ccat
  alias ptob = vmstub-verb ptob
  alias kmem = vmstub-verb kmem
  alias oom = monitor oom
  alias vm = vmstub-verb vm
  alias swap = monitor swap
  alias irq = monitor irq
  alias timer = monitor timer
  alias dev = monitor dev
  alias net = monitor net
  alias bpf = monitor bpf
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
  set $vmstub_thread = *(unsigned int *) 0xffffffffffffe000
  if $argc == 0
    monitor set -l
    backtrace
  end
  if $argc == 1
    monitor vmstub-bt $arg0
    if *(unsigned int *) 0xffffffffffffe000 == 0
      backtrace $arg0
    end
  end
  if $argc == 2
    monitor vmstub-bt $arg0 $arg1
    if *(unsigned int *) 0xffffffffffffe000 == 0
      backtrace $arg0 $arg1
    end
  end
  if $argc == 3
    monitor vmstub-bt $arg0 $arg1 $arg2
    if *(unsigned int *) 0xffffffffffffe000 == 0
      backtrace $arg0 $arg1 $arg2
    end
  end
  if $argc == 4
    monitor vmstub-bt $arg0 $arg1 $arg2 $arg3
    if *(unsigned int *) 0xffffffffffffe000 == 0
      backtrace $arg0 $arg1 $arg2 $arg3
    end
  end
  if $argc == 5
    monitor vmstub-bt $arg0 $arg1 $arg2 $arg3 $arg4
    if *(unsigned int *) 0xffffffffffffe000 == 0
      backtrace $arg0 $arg1 $arg2 $arg3 $arg4
    end
  end
  if $argc > 5
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
  if $argc == 0 || $argc > 4
    monitor help dis
  end
end
document dis
Disassemble: dis [-r | -f] [-l | -s] ADDRESS | SYMBOL [COUNT], or user code: dis -u ADDRESS [COUNT]
This replaces gdb's abbreviation "dis" of "disable"; "disable" itself still works.
end

# After -s, -S and -d gdb must read the list of libraries again.
define mod
  if $argc == 0
    monitor mod
  end
  if $argc == 1
    monitor mod $arg0
  end
  if $argc == 2
    monitor mod $arg0 $arg1
  end
  if $argc == 3
    monitor mod $arg0 $arg1 $arg2
  end
  if $argc > 3
    monitor help mod
  end
  if $argc > 0
    sharedlibrary
  end
end
document mod
Modules: mod [-s NAME [FILE] | -S [DIR] | -d NAME | -t]
Without arguments, list the modules. -s loads a module's symbols from FILE, or from the file found by build-id;
-S searches for the files of all modules; -d forgets a module's symbols; -t lists modules that taint the kernel.
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
  # The task has another program than the one before: gdb reads the list of libraries again.
  if $vmstub_thread & 0x40000000
    set $vmstub_thread = $vmstub_thread & ~0x40000000
    sharedlibrary
  end
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
end
document task
Make a task a thread and select it: task [PID | TASK | -c CPU]
bt, info locals, $task and user memory are then those of that task, as after "set PID" in crash.
Show members of its structs instead: task -R MEMBER,... [-x] [PID | TASK | -c CPU]
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
