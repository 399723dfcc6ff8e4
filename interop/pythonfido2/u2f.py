"""U2F, in python-fido2's own words for it. A touch that is wanted is status 6985."""

from hashlib import sha256

from fido2.ctap1 import Ctap1
from request import CLIENT_DATA_HASH, tell


def application(q):
    return sha256(q.get("rp").encode()).digest()


def register(q):
    made = Ctap1(q.device).register(CLIENT_DATA_HASH, application(q))
    made.verify(application(q), CLIENT_DATA_HASH)
    tell("id", made.key_handle)
    tell("key", made.public_key[1:])


def authenticate(q):
    signed = Ctap1(q.device).authenticate(
        CLIENT_DATA_HASH, application(q), q.bytes("id"), check_only=q.flag("check")
    )
    signed.verify(application(q), CLIENT_DATA_HASH, b"\x04" + q.bytes("key"))
    tell("presence", signed.user_presence)
    tell("count", signed.counter)


COMMANDS = {
    "u2f-version": lambda q: tell("version", Ctap1(q.device).get_version()),
    "u2f-register": register,
    "u2f-authenticate": authenticate,
}
