"""Saves a running QEMU to a file, and stops it there: migrate.py SOCKET FILE"""

import json
import socket
import sys
import time


def execute(stream, name, **arguments):
    stream.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
    stream.flush()
    for reply in map(json.loads, stream):
        if "error" in reply:
            sys.exit(f"migrate: {name}: {reply['error']['desc']}")
        if "return" in reply:
            return reply["return"]
    sys.exit(f"migrate: {name}: QEMU hung up")


def main():
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(sys.argv[1])
        with link.makefile("rw") as stream:
            stream.readline()  # the greeting
            execute(stream, "qmp_capabilities")
            execute(stream, "migrate-set-parameters", **{"max-bandwidth": 1 << 34})
            execute(stream, "migrate", uri=f"exec:cat >'{sys.argv[2]}'")
            while (status := execute(stream, "query-migrate").get("status")) != "completed":
                if status in ("failed", "cancelled"):
                    sys.exit(f"migrate: {status}")
                time.sleep(0.05)


main()
