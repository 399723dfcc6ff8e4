"""Reports of CTAPHID over a unix socket: the only part of the way between
python-fido2 and the device that is not python-fido2's own."""

import socket
import struct

from fido2.hid import CtapHidDevice
from fido2.hid.base import CtapHidConnection, HidDescriptor

REPORT = 64


class SocketConnection(CtapHidConnection):
    """A report lies in the stream after its length in two bytes, big-endian."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(path)

    def write_packet(self, data):
        self._socket.sendall(struct.pack(">H", len(data)) + data)

    def read_packet(self):
        (length,) = struct.unpack(">H", self._take(2))
        return self._take(length)

    def close(self):
        self._socket.close()

    def _take(self, length):
        data = b""
        while len(data) < length:
            more = self._socket.recv(length - len(data))
            if not more:
                raise OSError("the device has closed the connection")
            data += more
        return data


def open_device(path):
    descriptor = HidDescriptor(path, 0, 0, REPORT, REPORT, None, None)
    return CtapHidDevice(descriptor, SocketConnection(path))
