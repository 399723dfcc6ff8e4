"""authenticatorClientPIN: the PIN, its retries, tokens and what they permit."""

from fido2.ctap import CtapError
from key import PIN, RP_ID, Permission, equal, refused

ERR = CtapError.ERR


def check_set_pin(key):
    equal(key.ctap.info.options["clientPin"], False, "option clientPin")
    refused(ERR.PIN_NOT_SET, key.client_pin.get_pin_token, PIN, Permission.MAKE_CREDENTIAL, RP_ID)
    key.set_pin()
    equal(key.ctap.info.options["clientPin"], True, "option clientPin")
    equal(key.client_pin.get_pin_retries(), (8, None), "retries")
    equal(len(key.token(Permission.MAKE_CREDENTIAL, RP_ID)), 32, "bytes of a token")
    refused(ERR.PIN_AUTH_INVALID, key.client_pin.set_pin, "another")


def check_pin_policy(key):
    """The library itself refuses fewer than four characters, so this has them."""
    key.client_pin.set_pin("ñandú-ñandú")
    key.client_pin.change_pin("ñandú-ñandú", "x" * 63)
    refused(ERR.PIN_POLICY_VIOLATION, key.client_pin.change_pin, "x" * 63, "y" * 64)


def check_change_pin(key):
    key.set_pin()
    refused(ERR.PIN_INVALID, key.client_pin.change_pin, "not the PIN", "13579")
    key.client_pin.change_pin(PIN, "13579")
    refused(ERR.PIN_INVALID, key.token, Permission.MAKE_CREDENTIAL, RP_ID)
    key.client_pin.get_pin_token("13579", Permission.MAKE_CREDENTIAL, RP_ID)


def check_wrong_pin(key):
    """Two wrong PINs cost retries; the third blocks until the power is cycled."""
    key.set_pin()

    def wrong(status, pin="not the PIN"):
        refused(status, key.client_pin.get_pin_token, pin, Permission.MAKE_CREDENTIAL, RP_ID)

    wrong(ERR.PIN_INVALID)
    equal(key.client_pin.get_pin_retries()[0], 7, "retries")
    key.token(Permission.MAKE_CREDENTIAL, RP_ID)
    equal(key.client_pin.get_pin_retries()[0], 8, "retries after the right PIN")
    wrong(ERR.PIN_INVALID)
    wrong(ERR.PIN_INVALID)
    wrong(ERR.PIN_AUTH_BLOCKED)
    equal(key.client_pin.get_pin_retries(), (5, True), "retries and power cycle state")
    wrong(ERR.PIN_AUTH_BLOCKED, PIN)


def check_uv_retries(key):
    """The user's finger is not known at first: every attempt costs a retry."""
    before = key.client_pin.get_uv_retries()
    refused(ERR.UV_INVALID, key.client_pin.get_uv_token, Permission.GET_ASSERTION, RP_ID)
    equal(key.client_pin.get_uv_retries() < before, True, "fewer retries")
    key.client_pin.get_uv_token(Permission.GET_ASSERTION, RP_ID)
    equal(key.client_pin.get_uv_retries(), before, "retries after the right finger")


def check_permissions(key):
    """A token serves what it was made for, and nothing else."""
    key.set_pin()
    make = key.token(Permission.MAKE_CREDENTIAL, RP_ID)
    refused(ERR.PIN_AUTH_INVALID, key.make, rp_id="example.org", token=make)
    made = key.make(token=make)
    equal(made.auth_data.is_user_verified(), True, "user verified")
    refused(ERR.PIN_AUTH_INVALID, key.get, token=make)
    get = key.token(Permission.GET_ASSERTION, RP_ID)
    refused(ERR.PIN_AUTH_INVALID, key.make, token=get)
    refused(ERR.PIN_AUTH_INVALID, key.get, token=make)  # a newer one took its place
    (found,) = key.get(token=get)
    equal(found.auth_data.is_user_verified(), True, "user verified")
    refused(ERR.INVALID_PARAMETER, key.token, Permission(0), RP_ID)
    refused(ERR.UNAUTHORIZED_PERMISSION, key.token, Permission.BIO_ENROLL)
    refused(ERR.MISSING_PARAMETER, key.token, Permission.MAKE_CREDENTIAL)


def check_legacy_token(key):
    """getPinToken of CTAP 2.0: makes and gets, bound to the first RP ID it is used for."""
    key.set_pin()
    token = key.client_pin.get_pin_token(PIN)
    key.make(token=token)
    token = key.client_pin.get_pin_token(PIN)
    key.get(token=token)
    refused(ERR.PIN_AUTH_INVALID, key.get, rp_id="example.org", token=token)
