;; SPDX-License-Identifier: GPL-3.0-or-later
;; A user of Emacs' gdb mode: starts it, connects, looks at the stack. What the buffers then hold goes to files.
;; In the environment: GDB_COMMAND, CONNECT (what is typed first), NON_STOP (the setting), OUT (a folder).
;; A new home has no compiled libraries: Emacs would compile all that it loads beside the session, for a minute of CPU.
(setq native-comp-deferred-compilation nil
      native-comp-jit-compilation nil
      native-comp-enable-subr-trampolines nil)
(require 'gdb-mi)
(setq confirm-kill-processes nil
      gdb-non-stop-setting (equal (getenv "NON_STOP") "t"))
;; Emacs sets non-stop mode when gdb has the feature async, which some versions have before they have a target.
(when gdb-non-stop-setting
  (defun gdb-check-target-async () (gdb-input "-gdb-set non-stop 1" 'ignore)))

(defun gud-text () (with-current-buffer gud-comint-buffer (buffer-string)))

(defun wait-for (pattern)
  (let ((end (+ (float-time) (string-to-number (getenv "LIMIT")))))
    (while (and (not (string-match pattern (gud-text))) (< (float-time) end))
      (accept-process-output nil 0.1)
      (redisplay))))

(defun type-in (text)
  (with-current-buffer gud-comint-buffer
    (goto-char (point-max))
    (insert text)
    (comint-send-input)))

(defun save-buffer-text (name buffer)
  (let ((text (with-current-buffer buffer (buffer-string))))
    (with-temp-file (expand-file-name name (getenv "OUT")) (insert text))))

(defun session ()
  (gdb (getenv "GDB_COMMAND"))
  (wait-for "(gdb) ")
  (wait-for "Reading symbols")
  (type-in (getenv "CONNECT"))
  (wait-for "vdev_count_hit (")
  (type-in "set $selected = $_thread")
  (type-in "bt 3")
  (wait-for "#2 ")
  (type-in "info threads")
  (wait-for "PANIC)")
  (type-in "continue")
  (wait-for "stopped\\|received signal")
  ;; vmstub can only guess which thread is selected: gdb tells it which ones it asks for, as `info threads` does.
  (type-in "eval \"thread %d\", $selected")
  (type-in "echo <done>\\n")
  (wait-for "<done>\n")
  (gdb-display-threads-buffer)
  (gdb-display-stack-buffer)
  (with-current-buffer gud-comint-buffer (accept-process-output nil 1))
  (let ((end (+ (float-time) (string-to-number (getenv "LIMIT")))))
    (while (and (< (float-time) end)
                (not (with-current-buffer (gdb-get-buffer 'gdb-stack-buffer) (string-match "l2w" (buffer-string)))))
      (accept-process-output nil 0.1)))
  (save-buffer-text "gud" gud-comint-buffer)
  (save-buffer-text "threads" (gdb-get-buffer 'gdb-threads-buffer))
  (save-buffer-text "stack" (gdb-get-buffer 'gdb-stack-buffer))
  (kill-emacs))

(run-with-timer 0.5 nil 'session)
