"""The observer's native host: carries frames between the browser and the runner's collector, unread.

Both sides speak the same framing (a 32-bit length in native byte order, then JSON), so this is a pipe with one
frame of its own: the first, which shows the collector the token. It ends with its browser. Python 3.9 is enough.
``<this file>.json`` holds ``{"port": …, "token": …}``.
"""

import json
import os
import socket
import struct
import threading


def copy(read, write, done):
    """Copy bytes until there are no more, then call ``done``."""
    try:
        while True:
            data = read(65536)
            if not data:
                break
            write(data)
    except OSError:
        pass  # the other side has ended: so does this host
    done()


def write_all(data):
    """Write bytes to the browser."""
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


def main():
    """Connect, show the token, and carry until either side ends."""
    with open(__file__ + ".json", encoding="utf-8") as file:
        config = json.load(file)
    link = socket.create_connection(("127.0.0.1", config["port"]), timeout=10)
    link.settimeout(None)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    hello = json.dumps({"kind": "host", "role": "observer", "token": config["token"], "pid": os.getpid()}).encode()
    link.sendall(struct.pack("=I", len(hello)) + hello)
    threading.Thread(target=copy, args=(link.recv, write_all, lambda: os._exit(0)), daemon=True).start()
    copy(lambda size: os.read(0, size), link.sendall, lambda: os._exit(0))


main()
