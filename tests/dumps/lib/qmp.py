"""Sends commands to QEMU's monitor: qmp.py SOCKET 'COMMAND [KEY=VALUE]...' ..."""

import json
import socket
import sys


def arguments(words):
    values = dict(word.split("=", 1) for word in words)
    return {key: {"true": True, "false": False}.get(value, value) for key, value in values.items()}


def execute(stream, line):
    name, *words = line.split()
    stream.write(json.dumps({"execute": name, "arguments": arguments(words)}) + "\n")
    stream.flush()
    for reply in map(json.loads, stream):
        if "error" in reply:
            sys.exit(f"qmp: {line}: {reply['error']['desc']}")
        if "return" in reply:
            return
    sys.exit(f"qmp: {line}: QEMU hung up")


def main():
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(sys.argv[1])
        with link.makefile("rw") as stream:
            stream.readline()  # the greeting
            for line in ["qmp_capabilities", *sys.argv[2:]]:
                execute(stream, line)


main()
