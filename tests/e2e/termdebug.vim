" SPDX-License-Identifier: GPL-3.0-or-later
" A user of Vim's Termdebug: what its windows show goes to files.
" In the environment: VMGDB, OUT (a folder), DUMP.
set nocompatible
packadd termdebug
let g:termdebug_config = {'command': $VMGDB}

func Shown(pattern)
  return join(map(range(1, bufnr('$')), 'join(getbufline(v:val, 1, "$"), "\n")'), "\n") =~ a:pattern
endfunc

func Look(timer)
  if !exists('s:sent') && Shown('PANIC)')
    let s:sent = 1
    call TermDebugSendCommand('continue')
    call TermDebugSendCommand('echo <done>\n')
  elseif exists('s:sent') && Shown('<done>')
    call timer_stop(a:timer)
    call writefile(map(range(1, winnr('$')), 'bufname(winbufnr(v:val)) . ":" . line(".", win_getid(v:val))'), $OUT . '/windows')
    call writefile(split(join(map(range(1, bufnr('$')), 'join(getbufline(v:val, 1, "$"), "\n")'), "\n"), "\n"), $OUT . '/text')
    qall!
  endif
endfunc

execute 'Termdebug -nx ' . $DUMP
call timer_start(200, 'Look', {'repeat': -1})
