# SPDX-License-Identifier: GPL-3.0-or-later
"""Between gdb and vmstub: latestop.py SECONDS COMMAND... Holds back the first reply that says which thread stopped, as if
vmstub had to work for that long."""
import os
import subprocess
import sys
import threading
import time

child = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def forward():
    while data := os.read(0, 65536):
        os.write(child.stdin.fileno(), data)
    child.stdin.close()


threading.Thread(target=forward, daemon=True).start()
late = False
while data := os.read(child.stdout.fileno(), 65536):
    at = data.find(b"$T05")
    if at >= 0 and not late:
        os.write(1, data[:at])
        data = data[at:]
        time.sleep(float(sys.argv[1]))
        late = True
    os.write(1, data)
