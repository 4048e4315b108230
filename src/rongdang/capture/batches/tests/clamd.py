"""A small clamd of our own: INSTREAM and VERSION over TCP or a local socket, as its manual says."""

import contextlib
import datetime as dt
import socketserver
import struct
import threading

VIRUS = b"X5O!P%@AP[4-rongdang-planted-virus"


class Answering(socketserver.BaseRequestHandler):
    def handle(self):
        command = self._until_zero()
        if command == b"zVERSION":
            self.request.sendall(f"ClamAV 1.4.6/27000/{self.server.made}\0".encode())
        elif command == b"zINSTREAM":
            self.server.examined.append(self._stream())
            self.request.sendall(self.server.verdict(self.server.examined[-1]) + b"\0")

    def _until_zero(self):
        said = b""
        while (one := self.request.recv(1)) and one != b"\0":
            said += one
        return said

    def _stream(self):
        data = b""
        while size := struct.unpack(">I", self._exactly(4))[0]:
            data += self._exactly(size)
        return data

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            data += self.request.recv(size - len(data))
        return data


def by_signature(data):
    return b"stream: Planted.Test FOUND" if VIRUS in data else b"stream: OK"


class Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


class Local(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextlib.contextmanager
def clamd(path=None, *, days_old=0, verdict=by_signature):
    """The server; `.address` is what a setting would say."""
    server = Local(str(path), Answering) if path else Tcp(("127.0.0.1", 0), Answering)
    server.address = f"unix://{path}" if path else f"tcp://127.0.0.1:{server.server_address[1]}"
    made = dt.datetime.now() - dt.timedelta(days=days_old)
    server.made, server.verdict, server.examined = (
        made.strftime("%a %b %d %H:%M:%S %Y"),
        verdict,
        [],
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
