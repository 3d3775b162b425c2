"""A native application that plays a part: it does what the runner tells it and reports what it sees.

It can answer, exit, crash, stay silent, write what is no message, and send too much. Python 3.9 is enough.
``<this file>.json`` holds ``{"port": …, "token": …, "name": …}``.
"""

import json
import os
import select
import signal
import socket
import struct
import sys
import threading
import time

LOCK = threading.RLock()  # the handler of SIGTERM may come while the main thread holds it


class Application:
    """One process at the other end of one ``connectNative``."""

    def __init__(self, config):
        self.counter = 0
        self.input_ended = False
        self.name = config["name"]
        self.link = socket.create_connection(("127.0.0.1", config["port"]), timeout=10)
        self.link.settimeout(None)
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # The browser says on the command line which extension has started it.
        hello = {"token": config["token"], "pid": os.getpid(), "name": config["name"], "caller": sys.argv[1:]}
        self.tell(kind="host", role="application", **hello)
        self.part = self.hear()

    def tell(self, **envelope):
        """Send one envelope to the collector."""
        data = json.dumps(envelope).encode()
        with LOCK:
            self.link.sendall(struct.pack("=I", len(data)) + data)

    def hear(self):
        """The next command of the collector; ends the process when there is none."""
        head = read_exactly(self.link.recv, 4)
        if head is None:
            os._exit(0)
        return json.loads(read_exactly(self.link.recv, struct.unpack("=I", head)[0]))

    def record(self, phase, operation, **more):
        """Report one event."""
        with LOCK:
            self.counter += 1
            n = self.counter
        event = dict(more, n=n, phase=phase, operation=operation, t=time.time() * 1000)
        self.tell(kind="events", events=[event])

    def write(self, data):
        """Write bytes to the browser."""
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(1, view) :]
        except BrokenPipeError:
            self.record(
                "throw",
                "write",
                value={"$": "error", "name": "BrokenPipeError", "message": "the browser has closed the pipe"},
            )

    def post(self, value):
        """Send one message to the extension."""
        data = json.dumps(value).encode()
        self.record("call", "postMessage", value=[value])
        self.write(struct.pack("=I", len(data)) + data)

    def read(self, body):
        """A message's value; of a body that is no JSON, its bytes."""
        try:
            return json.loads(body)
        except ValueError:
            return {"$": "unreadable", "bytes": body.hex()}

    def listen(self):
        """Record what the extension sends, until it closes the pipe."""
        if self.part.get("on_message") == "ignore":
            return
        read = lambda size: os.read(0, size)  # noqa: E731
        while True:
            head = read_exactly(read, 4)
            body = None if head is None else read_exactly(read, struct.unpack("=I", head)[0])
            if body is None:
                break
            value = self.read(body)
            shown = value if len(body) < 8192 else {"$": "text", "length": len(body), "hash": "", "start": ""}
            self.record("fire", "onMessage", value=shown)
            if self.part.get("on_message") == "echo":
                self.post(value)
        self.input_ended = True
        self.record("fire", "end-of-input")
        if self.part.get("on_eof") == "exit":
            os._exit(0)

    def obey(self):
        """Do what the runner says, one command at a time."""
        while True:
            command = self.hear()
            for op in command.get("ops", []):
                getattr(self, "op_" + op["op"].replace("-", "_"))(op)
            deaf = self.part.get("on_message") == "ignore"
            pending = not deaf and bool(select.select([0], [], [], 0)[0]) and not self.input_ended
            self.tell(kind="answer", re=command["id"], counter=self.counter, pending=pending)

    def op_post(self, op):
        self.post(op["args"][0])

    def op_app_exit(self, op):
        self.record("call", "exit", value=[op.get("code", 0)])
        os._exit(op.get("code", 0))

    def op_app_crash(self, op):
        self.record("call", "crash")
        os.kill(os.getpid(), signal.SIGKILL)

    def op_app_close(self, op):
        self.record("call", "close")
        os.close(1)

    def op_app_log(self, op):
        self.record("note", "stderr", value={"browsers": shares_stderr()})
        sys.stderr.write(self.name + ": " + op["text"] + "\n")
        sys.stderr.flush()

    def op_app_write(self, op):
        self.record("call", "write", value=[op["what"], op.get("size", 0)])
        if op["what"] == "garbage":
            self.write(struct.pack("=I", 7) + b"garbage")
        else:
            body = b'"' + b"x" * (op["size"] - 2) + b'"'
            self.write(struct.pack("=I", len(body)) + body)


def shares_stderr():
    """Whether the standard error is that of the process which has started this one; None where that cannot be seen."""
    try:
        own, other = os.fstat(2), os.stat("/proc/%d/fd/2" % os.getppid())
    except OSError:
        return None
    return (own.st_dev, own.st_ino) == (other.st_dev, other.st_ino)


def read_exactly(read, size):
    """``size`` bytes, or None where the stream ends before."""
    parts = []
    while size:
        try:
            part = read(min(size, 65536))
        except OSError:
            return None
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def on_terminate(application):
    """Report SIGTERM, then do what it says."""

    def handle(number, frame):
        application.record("fire", "SIGTERM")
        os._exit(143)

    return handle


def main():
    """Play the part."""
    with open(__file__ + ".json", encoding="utf-8") as file:
        application = Application(json.load(file))
    signal.signal(signal.SIGTERM, on_terminate(application))
    application.record("note", "started", value=sys.argv[1:])
    threading.Thread(target=application.obey, daemon=True).start()
    application.listen()
    threading.Event().wait()


main()
