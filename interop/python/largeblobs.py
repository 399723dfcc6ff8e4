"""authenticatorLargeBlobs: the array, in fragments."""

import os

from fido2.ctap import CtapError
from fido2.ctap2 import LargeBlobs
from key import RP_ID, Permission, equal, refused

ERR = CtapError.ERR


def blobs(key):
    token = key.token(Permission.LARGE_BLOB_WRITE)
    return LargeBlobs(key.ctap, key.protocol, token)


def check_large_blobs(key):
    key.set_pin()
    equal(list(LargeBlobs(key.ctap).read_blob_array()), [], "the array of a new device")
    make = key.token(Permission.MAKE_CREDENTIAL, RP_ID)
    made = key.make(token=make, extensions={"largeBlobKey": True})
    equal(len(made.large_blob_key), 32, "bytes of a largeBlobKey")
    blob = os.urandom(3 * blobs(key).max_fragment_length)  # does not compress
    blobs(key).put_blob(made.large_blob_key, blob)
    equal(LargeBlobs(key.ctap).get_blob(made.large_blob_key), blob, "blob")
    equal(LargeBlobs(key.ctap).get_blob(bytes(32)), None, "blob of another key")
    (found,) = key.get(
        token=key.token(Permission.GET_ASSERTION, RP_ID), extensions={"largeBlobKey": True}
    )
    equal(found.large_blob_key, made.large_blob_key, "largeBlobKey at sign-in")
    refused(
        ERR.LARGE_BLOB_STORAGE_FULL,
        blobs(key).put_blob, made.large_blob_key, os.urandom(4096),
    )  # fmt: skip
    equal(LargeBlobs(key.ctap).get_blob(made.large_blob_key), blob, "blob after that")
    blobs(key).delete_blob(made.large_blob_key)
    equal(list(LargeBlobs(key.ctap).read_blob_array()), [], "the array in the end")


def check_large_blobs_unauthorised(key):
    key.set_pin()
    entries = [{1: os.urandom(32), 2: os.urandom(12), 3: 16}]
    refused(ERR.PUAT_REQUIRED, LargeBlobs(key.ctap).write_blob_array, entries)
    other = key.token(Permission.MAKE_CREDENTIAL, RP_ID)
    refused(
        ERR.PIN_AUTH_INVALID,
        LargeBlobs(key.ctap, key.protocol, other).write_blob_array, entries,
    )  # fmt: skip
    refused(ERR.INVALID_PARAMETER, key.ctap.large_blobs, 5000, get=10)
    refused(ERR.INVALID_LENGTH, key.ctap.large_blobs, 0, get=1200)
