"""Blows up the balloon in a guest: balloon.py SOCKET BYTES, which are what the guest is left with."""

import json
import socket
import sys


def main():
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(sys.argv[1])
        with link.makefile("rw") as stream:
            stream.readline()  # the greeting
            for command in ({"execute": "qmp_capabilities"}, {"execute": "balloon", "arguments": {"value": int(sys.argv[2])}}):
                stream.write(json.dumps(command) + "\n")
                stream.flush()
                for reply in map(json.loads, stream):
                    if "error" in reply:
                        sys.exit(f"balloon: {reply['error']['desc']}")
                    if "return" in reply:
                        break


main()
