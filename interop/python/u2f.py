"""U2F (CTAP1)."""

from fido2.cose import ES256
from fido2.ctap1 import APDU, ApduError, Ctap1
from fido2.utils import sha256
from key import HASH, RP_ID, equal

APPLICATION = sha256(RP_ID.encode())


def answers(status, call, *args, **kwargs):
    try:
        result = call(*args, **kwargs)
    except ApduError as e:
        equal(hex(e.code), hex(status), "status word")
        return
    raise AssertionError(f"got {result!r}, want status word {status:#x}")


def check_u2f(key):
    ctap1 = Ctap1(key.device)
    equal(ctap1.get_version(), "U2F_V2", "version")
    made = ctap1.register(HASH, APPLICATION)
    made.verify(APPLICATION, HASH)
    answers(APDU.USE_NOT_SATISFIED, ctap1.authenticate, HASH, APPLICATION, made.key_handle, True)
    used = ctap1.authenticate(HASH, APPLICATION, made.key_handle)
    used.verify(APPLICATION, HASH, made.public_key)
    equal(used.user_presence, 1, "user presence")
    again = ctap1.authenticate(HASH, APPLICATION, made.key_handle)
    equal(again.counter > used.counter, True, "counter goes up")
    answers(APDU.WRONG_DATA, ctap1.authenticate, HASH, bytes(32), made.key_handle)
    answers(APDU.WRONG_DATA, ctap1.authenticate, HASH, APPLICATION, bytes(64))


def check_u2f_key_over_ctap2(key):
    """What U2F made, getAssertion finds (CTAP 2.3 §10)."""
    made = Ctap1(key.device).register(HASH, APPLICATION)
    (found,) = key.get(credential=made.key_handle)
    equal(found.credential["id"], made.key_handle, "credential")
    found.verify(HASH, ES256.from_ctap1(made.public_key))


def check_u2f_over_ctap2_key(key):
    """And what makeCredential made for ES256, U2F uses."""
    made = key.make(discoverable=False).auth_data.credential_data
    used = Ctap1(key.device).authenticate(HASH, APPLICATION, made.credential_id)
    point = b"\x04" + made.public_key[-2] + made.public_key[-3]
    used.verify(APPLICATION, HASH, point)


def check_u2f_untouched(key):
    ctap1 = Ctap1(key.device)
    answers(APDU.USE_NOT_SATISFIED, ctap1.register, HASH, APPLICATION)
