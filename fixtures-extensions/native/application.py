"""A native application that plays a part: it does what the runner tells it and reports what it sees.

It can answer, exit, crash, stay silent, write what is no message, send too much, and start child processes, which are this
file again. Python 3.9 is enough. ``<this file>.json`` holds ``{"port": …, "token": …, "name": …}``.
"""

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

CHILD = "--child"  # before what a child is told: its name, its application's caller and process group
LOCK = threading.RLock()  # the handler of SIGTERM may come while the main thread holds it


class Process:
    """One process that reports to the runner, and ends with it."""

    def __init__(self, config, caller, **more):
        self.counter = 0
        self.name = config["name"]
        self.link = socket.create_connection(("127.0.0.1", config["port"]), timeout=10)
        self.link.settimeout(None)
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        hello = {"token": config["token"], "pid": os.getpid(), "name": config["name"], "caller": caller}
        self.tell(kind="host", role="application", **hello, **more)

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

    def pending(self):
        """Whether there is input that was not read yet."""
        return False

    def obey(self):
        """Do what the runner says, one command at a time."""
        while True:
            command = self.hear()
            for op in command.get("ops", []):
                getattr(self, "op_" + op["op"].replace("-", "_"))(op)
            self.tell(kind="answer", re=command["id"], counter=self.counter, pending=self.pending())


class Child(Process):
    """A child of an application: it has no input and no output, and says that it is alive when it is asked."""

    def op_app_answer(self, op):
        self.record("note", "alive")


class Application(Process):
    """One process at the other end of one ``connectNative``."""

    def __init__(self, config):
        self.input_ended = False
        self.children = []
        # The browser says on the command line which extension has started it.
        super().__init__(config, sys.argv[1:])
        self.part = self.hear()

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

    def pending(self):
        deaf = self.part.get("on_message") == "ignore"
        return not deaf and bool(select.select([0], [], [], 0)[0]) and not self.input_ended

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

    def op_app_child(self, op):
        told = json.dumps({"child": op["child"], "caller": sys.argv[1:], "group": os.getpgrp()})
        command = [sys.executable, "-IS", __file__, CHILD, told]
        none = subprocess.DEVNULL  # a child with the application's output would keep it open
        apart = op.get("breaks_away", False)
        started = subprocess.Popen(command, stdin=none, stdout=none, stderr=none, start_new_session=apart)
        self.children.append(started)

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


def on_terminate(process):
    """Report SIGTERM, then do what it says."""

    def handle(number, frame):
        process.record("fire", "SIGTERM")
        os._exit(143)

    return handle


def be_child(config, told):
    """Be a child process of an application, until the runner closes the connection."""
    child = Child(config, told["caller"], child=told["child"])
    signal.signal(signal.SIGTERM, on_terminate(child))
    child.record("note", "started", value={"broken_away": os.getpgrp() != told["group"]})
    child.obey()


def main():
    """Play the part."""
    with open(__file__ + ".json", encoding="utf-8") as file:
        config = json.load(file)
    if sys.argv[1:2] == [CHILD]:
        be_child(config, json.loads(sys.argv[2]))
    application = Application(config)
    signal.signal(signal.SIGTERM, on_terminate(application))
    application.record("note", "started", value=sys.argv[1:])
    threading.Thread(target=application.obey, daemon=True).start()
    application.listen()
    threading.Event().wait()


main()
