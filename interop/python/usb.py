"""python-fido2's own client with a key that it finds on the USB.

Takes the PIN, and says "ok" once a passkey has been made, used and refused where it
should be. Any other end is a failure.
"""

import sys

from fido2.client import ClientError, DefaultClientDataCollector, Fido2Client, UserInteraction
from fido2.ctap2.extensions import HmacSecretExtension
from fido2.hid import CtapHidDevice
from fido2.server import Fido2Server
from fido2.webauthn import PublicKeyCredentialRpEntity, PublicKeyCredentialUserEntity


class Owner(UserInteraction):
    """Knows the PIN."""

    def prompt_up(self):
        pass

    def request_pin(self, permissions, rp_id):
        return sys.argv[1]

    def request_uv(self, permissions, rp_id):
        return True


def main():
    keys = list(CtapHidDevice.list_devices())
    assert len(keys) == 1, keys
    client = Fido2Client(
        keys[0],
        client_data_collector=DefaultClientDataCollector("https://example.com"),
        user_interaction=Owner(),
        extensions=[HmacSecretExtension(allow_hmac_secret=True)],
    )
    server = Fido2Server(PublicKeyCredentialRpEntity(id="example.com", name="Example"), attestation="direct")
    alice = PublicKeyCredentialUserEntity(id=b"alice", name="alice")
    wanted = {"resident_key_requirement": "required", "user_verification": "required"}
    options, state = server.register_begin(alice, **wanted)
    made = server.register_complete(state, client.make_credential(options.public_key))
    assert made.credential_data is not None

    options, state = server.authenticate_begin(user_verification="required")
    answer = client.get_assertion(options.public_key).get_response(0)
    server.authenticate_complete(state, [made.credential_data], answer)

    options, state = server.register_begin(alice, credentials=[made.credential_data], **wanted)
    try:
        client.make_credential(options.public_key)
    except ClientError as excluded:
        assert excluded.code == ClientError.ERR.DEVICE_INELIGIBLE, excluded
    else:
        raise AssertionError("made although it is excluded")
    print("ok")


main()
