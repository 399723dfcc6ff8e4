"""Drives python-fido2 for `passkeylab conform client`: carries one request out.

docs/aiming-at-your-client.md tells what the words mean. Fido2Client is asked, as an
application would.
"""

import base64
import json
import sys
import threading
from importlib.metadata import version

from fido2.client import ClientError, DefaultClientDataCollector, Fido2Client, UserInteraction
from fido2.ctap2.extensions import _DEFAULT_EXTENSIONS
from fido2.hid import CtapHidDevice
from fido2.hid.base import HidDescriptor
from fido2.utils import websafe_decode
from fido2.webauthn import (
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialRequestOptions,
)
from key import REPORT, SocketConnection

FEATURES = [
    "webauthn", "hid", "u2f", "pin", "any-pin", "uv", "accounts", "cancel", "enterprise",
    "prf", "prf-create", "credProtect", "credProps", "credBlob", "minPinLength", "largeBlob",
]  # fmt: skip


class Typist(UserInteraction):
    """Types what stands on the command line, once: who is asked again goes away."""

    def __init__(self, pin):
        self.pin = pin

    def prompt_up(self):
        pass

    def request_pin(self, permissions, rp_id):
        pin, self.pin = self.pin, None
        return pin

    def request_uv(self, permissions, rp_id):
        return True


class Impatient(SocketConnection):
    """Gives up a device that says nothing for some seconds."""

    def __init__(self, path):
        super().__init__(path)
        self.socket.settimeout(5)


def b64(text):
    return base64.urlsafe_b64encode(bytes.fromhex(text)).rstrip(b"=").decode()


def descriptors(ids):
    listed = []
    for word in filter(None, ids.split(",")):
        kind, _, id_ = word.rpartition(":")
        listed.append({"type": kind or "public-key", "id": b64(id_)})
    return listed


def parameters(algorithms):
    listed = []
    for word in filter(None, algorithms.split(",")):
        kind, _, number = word.rpartition(":")
        listed.append({"type": kind or "public-key", "alg": int(number)})
    return listed


def inputs(text):
    """Extension inputs as the library has them: bytes where JSON has base64url."""
    given = json.loads(text) or {}
    if "credBlob" in given:
        given["credBlob"] = websafe_decode(given["credBlob"])
    return given


def shared(given, list_name):
    options = {
        "challenge": b64(given["challenge"]),
        "timeout": 60000,
        list_name: descriptors(given.get("list", "")),
        "extensions": inputs(given.get("extensions", "null")),
    }
    if given.get("hints"):
        options["hints"] = given["hints"].split(",")
    return options


def creation(given):
    selection = {
        "residentKey": given.get("residentKey"),
        "userVerification": given.get("userVerification"),
        "authenticatorAttachment": given.get("attachment"),
    }
    options = {
        **shared(given, "excludeCredentials"),
        "rp": {"id": given.get("rp"), "name": given.get("rpName", "")},
        "user": {
            "id": b64(given["user"]),
            "name": given.get("userName", ""),
            "displayName": given.get("displayName", ""),
        },
        "pubKeyCredParams": parameters(given.get("algorithms", "")),
        "authenticatorSelection": {k: v for k, v in selection.items() if v},
    }
    if given.get("attestation"):
        options["attestation"] = given["attestation"]
    return PublicKeyCredentialCreationOptions.from_dict(options)


def request(given):
    return PublicKeyCredentialRequestOptions.from_dict(
        {
            **shared(given, "allowCredentials"),
            "rpId": given.get("rp"),
            "userVerification": given.get("userVerification"),
        }
    )


def tell(**values):
    for name, value in values.items():
        if value is not None:
            print(f"{name}={value.hex() if isinstance(value, bytes) else value}")


def outputs(response):
    return json.dumps(dict(response).get("clientExtensionResults") or {}, default=lambda v: b64(bytes(v).hex()))


def carry_out(command, path, given, cancelled):
    device = CtapHidDevice(HidDescriptor(path, 0, 0, REPORT, REPORT, "judge", None), Impatient(path))
    client = Fido2Client(
        device, DefaultClientDataCollector(given["origin"]), Typist(given.get("pin")), _DEFAULT_EXTENSIONS
    )
    if command == "create":
        made = client.make_credential(creation(given), event=cancelled)
        object_ = made.response.attestation_object
        tell(
            clientData=bytes(made.response.client_data),
            credentialId=bytes(made.raw_id),
            authData=bytes(object_.auth_data),
            format=object_.fmt,
            extensions=outputs(made),
        )
        return
    got = client.get_assertion(request(given), event=cancelled).get_response(0)
    tell(
        clientData=bytes(got.response.client_data),
        credentialId=bytes(got.raw_id),
        authData=bytes(got.response.authenticator_data),
        signature=bytes(got.response.signature),
        userHandle=got.response.user_handle,
        extensions=outputs(got),
    )


def name_of(error, command):
    """The name that a page would see, where the library has its own."""
    if not isinstance(error, ClientError):
        return type(error).__name__
    if error.code == ClientError.ERR.DEVICE_INELIGIBLE and command == "create":
        return "InvalidStateError"
    return "NotAllowedError"


def main():
    command, *words = sys.argv[1:]
    if command == "features":
        tell(name=f"python-fido2 {version('fido2')}")
        for feature in FEATURES:
            tell(feature=feature)
        return
    path, *pairs = words
    given = dict(pair.split("=", 1) for pair in pairs)
    cancelled = threading.Event()
    threading.Thread(
        target=lambda: sys.stdin.readline() == "cancel\n" and cancelled.set(), daemon=True
    ).start()
    try:
        carry_out(command, path, given, cancelled)
    except Exception as e:
        cause = f" {e.cause!r}" if getattr(e, "cause", None) else ""
        tell(error=name_of(e, command), detail=f"{e!r}{cause}".replace("\n", " "))


if __name__ == "__main__":
    main()
