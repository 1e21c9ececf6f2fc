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

if $_isvoid($vmstub_loaded)
  alias sys = monitor sys
  alias log = monitor log
  alias lines = monitor lines
  alias sym = monitor sym
  alias kbt = monitor kbt
  alias foreach = monitor foreach
  alias ps = monitor ps
  alias files = monitor files
  alias mount = monitor mount
  alias sig = monitor sig
  alias runq = monitor runq
  alias waitq = monitor waitq
  alias ipcs = monitor ipcs
  alias mach = monitor mach
  alias struct = monitor struct
  alias union = monitor union
  alias percpu = monitor percpu
  alias klist = monitor klist
  alias tree = monitor tree
  alias rd = monitor rd
  alias why = monitor why
  alias explain = monitor explain
  alias locks = monitor locks
  alias vtop = monitor vtop
  alias pte = monitor pte
  alias ptov = monitor ptov
  alias btop = monitor btop
  alias ptob = monitor ptob
  alias kmem = monitor kmem
  alias vm = monitor vm
  alias swap = monitor swap
  alias irq = monitor irq
  alias timer = monitor timer
  alias dev = monitor dev
  alias net = monitor net
  alias bpf = monitor bpf
  # gdb has its own search, eval and whatis.
  alias ksearch = monitor search
  alias keval = monitor eval
  alias kwhatis = monitor whatis
end
set $vmstub_loaded = 1

# gdb tells its target which thread is selected only when it reads memory, not when it sends a monitor command.
# Without this read, the line would name the last thread of an earlier "thread apply all".
define bt
  set $vmstub_thread = *(unsigned int *) 0xffffffffffffe000
  monitor set -l
  if $argc == 0
    backtrace
  end
  if $argc == 1
    backtrace $arg0
  end
  if $argc == 2
    backtrace $arg0 $arg1
  end
  if $argc == 3
    backtrace $arg0 $arg1 $arg2
  end
end
document bt
Print a line that names the task, and gdb's backtrace of the selected thread.
The arguments are those of "backtrace": COUNT, -COUNT, full, -frame-arguments all, ...
"kbt" prints the kernel's view in crash's layout.
end

define dis
  if $argc == 1
    monitor dis $arg0
  end
  if $argc == 2
    monitor dis $arg0 $arg1
  end
  if $argc == 3
    monitor dis $arg0 $arg1 $arg2
  end
  if $argc == 4
    monitor dis $arg0 $arg1 $arg2 $arg3
  end
  if $argc == 0 || $argc > 4
    monitor help dis
  end
end
document dis
Disassemble: dis [-r | -f] [-l | -s] ADDRESS | SYMBOL [COUNT]
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
  set $vmstub_thread = *(unsigned int *) 0xffffffffffffe000
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
