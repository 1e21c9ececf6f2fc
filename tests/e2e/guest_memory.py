# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes QEMU save its guest's memory: guest_memory.py WORK-DIR running|crashed. For guest_memory.sh."""
import json
import socket
import sys
import time


class Monitor:
    def __init__(self, path):
        self.link = socket.socket(socket.AF_UNIX)
        self.link.connect(path)
        self.stream = self.link.makefile("rw")
        self.stream.readline()  # the greeting
        self("qmp_capabilities")

    def __call__(self, name, **arguments):
        self.stream.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self.stream.flush()
        for reply in map(json.loads, self.stream):
            if "error" in reply:
                sys.exit(f"{name}: {reply['error']['desc']}")
            if "return" in reply:
                return reply["return"]
        sys.exit(f"{name}: QEMU hung up")

    def migrate(self, path):
        self("migrate", uri=f"exec:cat >'{path}'")
        while (status := self("query-migrate")).get("status") != "completed":
            if status.get("status") in ("failed", "cancelled"):
                sys.exit(f"migrate: {status}")
            time.sleep(0.1)


def main(folder, state):
    monitor = Monitor(f"{folder}/qmp")
    if state == "running":
        # slowly, so that the guest changes pages that were sent before; QEMU stops it in the end
        monitor("migrate-set-parameters", **{"max-bandwidth": 60 << 20, "downtime-limit": 1000})
        monitor.migrate(f"{folder}/stream.live")
        monitor("cont")
        monitor("inject-nmi")
    else:
        monitor("stop")
        monitor("migrate-set-parameters", **{"max-bandwidth": 1 << 34})
        monitor("dump-guest-memory", paging=False, protocol=f"file:{folder}/elf")
        monitor("pmemsave", val=0, size=128 << 20, filename=f"{folder}/low")
        monitor.migrate(f"{folder}/stream")
        monitor("quit")


main(*sys.argv[1:])
