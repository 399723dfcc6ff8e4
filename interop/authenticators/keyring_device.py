"""A device of ctap-keyring-device on standard input and output: each frame is a
CTAP2 request after its length in four bytes, and is answered by one. A frame of no
bytes asks for a new device. Its credentials are kept in memory."""

import hashlib
import struct
import sys
import uuid

import keyring
from fido2.hid import CTAPHID
from keyring.backend import KeyringBackend


class Memory(KeyringBackend):
    priority = 1
    kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


keyring.set_keyring(Memory())

from ctap_keyring_device import ctap_credential_maker  # noqa: E402
from ctap_keyring_device.ctap_keyring_device import CtapKeyringDevice  # noqa: E402


def uuid5(namespace, name):
    """uuid.uuid5 takes bytes, such as a user ID, from Python 3.12 on alone."""
    name = name if isinstance(name, bytes) else name.encode()
    return uuid.UUID(bytes=hashlib.sha1(namespace.bytes + name).digest()[:16], version=5)


ctap_credential_maker.uuid5 = uuid5

device = CtapKeyringDevice()
while head := sys.stdin.buffer.read(4):
    request = sys.stdin.buffer.read(struct.unpack(">I", head)[0])
    response = b""
    if request:
        response = bytes(device.call(CTAPHID.CBOR, request))
    else:
        Memory.kept.clear()
        device = CtapKeyringDevice()
    sys.stdout.buffer.write(struct.pack(">I", len(response)) + response)
    sys.stdout.buffer.flush()
