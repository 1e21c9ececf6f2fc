# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the Debug Adapter Protocol, for gdb's `-i dap`."""
import json
import os
import queue
import subprocess
import threading

from patience import limit


class Dap:
    def __init__(self, command, cwd, env=None):
        self.process = subprocess.Popen([*map(str, command)], cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
        self.messages, self.events, self.responses, self.seq = queue.Queue(), [], {}, 0
        self.output = ""  # what the client shows on its console
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def _read(self):
        """One message after another, which the protocol frames as HTTP does; None: the end."""
        try:
            while line := self.process.stdout.readline():
                if not line.lower().startswith(b"content-length:"):
                    continue
                length = int(line.split(b":")[1])
                while self.process.stdout.readline().strip():
                    pass
                self.messages.put(json.loads(self.process.stdout.read(length)))
        except ValueError:
            pass  # closed
        self.messages.put(None)

    def send(self, command, **arguments):
        self.seq += 1
        text = json.dumps({"seq": self.seq, "type": "request", "command": command, "arguments": arguments}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(text), text))
        self.process.stdin.flush()
        return self.seq

    def _take(self):
        message = self.messages.get(timeout=limit(20))
        if message is None:
            raise AssertionError("the adapter ended")
        if message["type"] == "event":
            self.events.append(message)
            if message["event"] == "output" and message["body"].get("category") != "telemetry":
                self.output += message["body"]["output"]
        elif message["type"] == "response":
            self.responses[message["request_seq"]] = message

    def reply(self, seq):
        """The response to a request, as it came."""
        while seq not in self.responses:
            self._take()
        return self.responses.pop(seq)

    def event(self, name):
        """The next event of that name; earlier ones count, if no call has returned them."""
        while True:
            for i, event in enumerate(self.events):
                if event["event"] == name:
                    return self.events.pop(i)
            self._take()

    def wait_for_output(self, text):
        while text not in self.output:
            self._take()

    def ask(self, command, **arguments):
        """The body of a successful response."""
        reply = self.reply(self.send(command, **arguments))
        if not reply["success"]:
            raise AssertionError(f"{command}: {reply.get('message')}")
        return reply.get("body", {})

    def repl(self, text, frame=None):
        """What a line typed into the debug console prints."""
        reply = self.ask("evaluate", expression=text, context="repl", **({"frameId": frame} if frame is not None else {}))
        return reply["result"]
