"""The device itself: getInfo, CTAPHID, selection, reset, a touch that is refused."""

import os
import threading

from fido2.ctap import STATUS, CtapError
from fido2.hid import CAPABILITY
from key import ES256, HASH, PIN, RP_ID, equal, refused

ERR = CtapError.ERR


def check_getinfo(key):
    info = key.ctap.info
    equal(
        info.versions,
        ["U2F_V2", "FIDO_2_0", "FIDO_2_1_PRE", "FIDO_2_1", "FIDO_2_3"],
        "versions",
    )
    equal(bytes(info.aaguid)[:11], b"passkeylab:", "aaguid")
    equal(info.pin_uv_protocols, [2, 1], "pinUvAuthProtocols")
    for option, want in {
        "rk": True, "up": True, "uv": True, "clientPin": False, "pinUvAuthToken": True,
        "credMgmt": True, "perCredMgmtRO": True, "authnrCfg": True, "largeBlobs": True,
        "setMinPINLength": True, "alwaysUv": False, "makeCredUvNotRqd": True,
    }.items():  # fmt: skip
        equal(info.options.get(option), want, f"option {option}")
    equal(info.max_msg_size, 1200, "maxMsgSize")
    equal(info.max_large_blob, 4096, "maxSerializedLargeBlobArray")
    equal(info.max_cred_blob_length, 32, "maxCredBlobLength")
    equal(info.max_creds_in_list, 8, "maxCredentialCountInList")
    equal(info.min_pin_length, 4, "minPINLength")
    equal(info.transports, ["usb", "nfc"], "transports")
    equal(info.remaining_disc_creds, 25, "remainingDiscoverableCredentials")
    equal([a["alg"] for a in info.algorithms], [-7, -8, -35], "algorithms")
    equal(info.attestation_formats, ["packed"], "attestationFormats")
    equal(info.force_pin_change, False, "forcePINChange")
    equal(info.uv_modality, 2, "uvModality")


def check_ctaphid(key):
    equal(key.device.version, 2, "CTAPHID version")
    equal(key.device.capabilities & CAPABILITY.CBOR, CAPABILITY.CBOR, "capability CBOR")
    equal(key.device.capabilities & CAPABILITY.NMSG, 0, "capability NMSG")
    for length in (0, 1, 57, 58, 116, 117, 1024):
        message = os.urandom(length)
        equal(key.device.ping(message), message, f"ping of {length} bytes")


def check_selection(key):
    seen = []
    key.ctap.selection(on_keepalive=seen.append)
    equal(set(seen) <= {STATUS.UPNEEDED, STATUS.PROCESSING}, True, f"keepalives {seen}")


def check_touch_refused(key):
    refused(ERR.OPERATION_DENIED, key.ctap.selection)
    refused(ERR.OPERATION_DENIED, key.make, discoverable=False)
    refused(ERR.OPERATION_DENIED, key.ctap.reset)


def check_touch_awaited(key):
    """Who asks hears that a touch is needed, and can take the question back."""
    cancel, seen = threading.Event(), []

    def needed(status):
        seen.append(status)
        if status == STATUS.UPNEEDED:
            cancel.set()

    impatience = threading.Timer(5, cancel.set)
    impatience.start()
    refused(ERR.KEEPALIVE_CANCEL, key.ctap.selection, event=cancel, on_keepalive=needed)
    impatience.cancel()
    equal(STATUS.UPNEEDED in seen, True, f"told that a touch is needed, got {seen}")


def check_reset(key):
    key.set_pin()
    key.make(token=key.token(1, RP_ID))
    key.ctap.reset()
    info = key.refresh()
    equal(info.options["clientPin"], False, "option clientPin")
    refused(ERR.NO_CREDENTIALS, key.get)
    refused(ERR.PIN_NOT_SET, key.client_pin.get_pin_token, PIN, 1, RP_ID)


def check_reset_too_late(key):
    refused(ERR.NOT_ALLOWED, key.ctap.reset)


def check_unsupported_algorithm(key):
    refused(
        ERR.UNSUPPORTED_ALGORITHM,
        key.ctap.make_credential,
        HASH,
        {"id": RP_ID, "name": RP_ID},
        {"id": b"ada", "name": "ada"},
        [{**ES256[0], "alg": -65535}],
    )
