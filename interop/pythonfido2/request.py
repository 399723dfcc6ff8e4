"""What a command was asked, and how it answers."""

from functools import cached_property
from hashlib import sha256

from fido2.ctap2 import ClientPin, Ctap2

CLIENT_DATA_HASH = sha256(b"what the client has to say").digest()


def tell(name, value):
    if isinstance(value, bool):
        value = int(value)
    if isinstance(value, bytes):
        value = value.hex()
    print(f"{name}={value}")


class Request:
    """A device, and arguments of the form NAME=VALUE."""

    def __init__(self, device, arguments):
        self.device = device
        self._arguments = dict(a.split("=", 1) for a in arguments)

    def get(self, name, default=None):
        return self._arguments.get(name, default)

    def bytes(self, name):
        value = self.get(name)
        return None if value is None else bytes.fromhex(value)

    def flag(self, name):
        return self.get(name) == "1"

    def options(self, *names):
        """Those that were given."""
        return {n: self.flag(n) for n in names if self.get(n) is not None} or None

    @cached_property
    def ctap(self):
        return Ctap2(self.device)

    @cached_property
    def client_pin(self):
        """The protocol is the device's choice, unless one is asked for."""
        for protocol in ClientPin.PROTOCOLS:
            if str(protocol.VERSION) == self.get("protocol"):
                return ClientPin(self.ctap, protocol())
        return ClientPin(self.ctap)

    def token(self, permission, rp=None):
        """A token got by PIN, or by user verification where there is no PIN."""
        if self.flag("legacy"):
            return self.client_pin.get_pin_token(self.get("pin"))
        if self.get("pin") is not None:
            return self.client_pin.get_pin_token(self.get("pin"), permission, rp)
        return self.client_pin.get_uv_token(permission, rp)

    def authorise(self, permission, rp):
        """The two parameters of a ceremony, none where no token is wanted."""
        if self.get("pin") is None and not self.flag("uvtoken"):
            return {}
        protocol = self.client_pin.protocol
        signed = protocol.authenticate(self.token(permission, rp), CLIENT_DATA_HASH)
        return {"pin_uv_param": signed, "pin_uv_protocol": protocol.VERSION}
