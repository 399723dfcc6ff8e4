"""A device at a unix socket, as python-fido2 sees a key on the USB."""

import socket
import struct

from fido2.client import DefaultClientDataCollector, Fido2Client, UserInteraction
from fido2.ctap import CtapError
from fido2.ctap2 import ClientPin, Ctap2
from fido2.ctap2.extensions import _DEFAULT_EXTENSIONS, HmacSecretExtension
from fido2.hid import CtapHidDevice
from fido2.hid.base import CtapHidConnection, HidDescriptor

REPORT = 64  # bytes of a CTAPHID report
RP_ID = "example.com"
PIN = "2468-pin"
ES256 = [{"type": "public-key", "alg": -7}]
HASH = bytes(range(32))  # stands for a hash of client data

Permission = ClientPin.PERMISSION


class SocketConnection(CtapHidConnection):
    """Reports in a stream, each after its length in two bytes, big-endian.

    The reports of a message leave together, when its answer is asked for: between
    two of them no more than half a second may pass, also on a busy machine.
    """

    def __init__(self, path: str):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(path)
        self.written = b""

    def write_packet(self, data):
        self.written += struct.pack(">H", len(data)) + data

    def read_packet(self):
        self.socket.sendall(self.written)
        self.written = b""
        (length,) = struct.unpack(">H", self._read(2))
        return self._read(length)

    def close(self):
        self.socket.close()

    def _read(self, length):
        data = b""
        while len(data) < length:
            more = self.socket.recv(length - len(data))
            if not more:
                raise ConnectionError("the device hung up")
            data += more
        return data


class Owner(UserInteraction):
    """Knows the PIN; notes what it was asked for."""

    def __init__(self):
        self.touches = 0

    def prompt_up(self):
        self.touches += 1

    def request_pin(self, permissions, rp_id):
        return PIN


class Key:
    """A device and the PIN/UV auth protocol to use with it."""

    def __init__(self, path: str, protocol: int):
        descriptor = HidDescriptor(path, 0, 0, REPORT, REPORT, "passkeylab", None)
        self.device = CtapHidDevice(descriptor, SocketConnection(path))
        self.ctap = Ctap2(self.device)
        # The library takes the first of these that the device has too.
        ClientPin.PROTOCOLS = [p for p in ClientPin.PROTOCOLS if p.VERSION == protocol]
        self.client_pin = ClientPin(self.ctap)
        self.protocol = self.client_pin.protocol
        self.owner = Owner()

    def refresh(self):
        """Has the library ask for getInfo again: it keeps the first answer."""
        self.ctap._info = self.ctap.get_info()
        return self.ctap.info

    def client(self, rp_id=RP_ID) -> Fido2Client:
        others = [e for e in _DEFAULT_EXTENSIONS if not isinstance(e, HmacSecretExtension)]
        return Fido2Client(
            self.device,
            DefaultClientDataCollector(f"https://{rp_id}"),
            self.owner,
            [HmacSecretExtension(allow_hmac_secret=True), *others],
        )

    def set_pin(self):
        self.client_pin.set_pin(PIN)
        self.refresh()

    def token(self, permissions, rp_id=None) -> bytes:
        """A token by PIN."""
        return self.client_pin.get_pin_token(PIN, permissions, rp_id)

    def token_by_uv(self, permissions) -> bytes:
        """A token for the site, by the fingerprint."""
        return self.client_pin.get_uv_token(permissions, RP_ID)

    def authenticated(self, token, message=HASH):
        """The two parameters by which a ceremony shows that it has a token."""
        if token is None:
            return {}
        return {
            "pin_uv_param": self.protocol.authenticate(token, message),
            "pin_uv_protocol": self.protocol.VERSION,
        }

    def make(self, name="ada", rp_id=RP_ID, discoverable=True, token=None, **kwargs):
        """makeCredential without a client in between."""
        return self.ctap.make_credential(
            HASH,
            {"id": rp_id, "name": rp_id},
            {"id": name.encode(), "name": name, "displayName": name.title()},
            ES256,
            options={"rk": True} if discoverable else None,
            **self.authenticated(token),
            **kwargs,
        )

    def get(self, rp_id=RP_ID, credential=None, token=None, **kwargs):
        """getAssertion without a client in between; all assertions there are."""
        allow = [descriptor(credential)] if credential else None
        return self.ctap.get_assertions(
            rp_id, HASH, allow, **self.authenticated(token), **kwargs
        )


def descriptor(credential_id):
    return {"type": "public-key", "id": credential_id}


def credential_id(made) -> bytes:
    return made.auth_data.credential_data.credential_id


def equal(got, want, what):
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, want {want!r}")


def refused(status, call, *args, **kwargs):
    """Holds a call to fail with a status of CTAP."""
    try:
        result = call(*args, **kwargs)
    except CtapError as e:
        equal(e.code, status, "status")
        return
    raise AssertionError(f"got {result!r}, want status {status}")
