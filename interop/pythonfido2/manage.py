"""Credentials and blobs that the device keeps."""

from hashlib import sha256

from credential import PERMISSION, key_bytes
from fido2.ctap2 import CredentialManagement, LargeBlobs
from request import tell

RESULT = CredentialManagement.RESULT


def management(q):
    permission = PERMISSION.CREDENTIAL_MGMT
    if q.flag("readonly"):
        permission = PERMISSION.PERSISTENT_CREDENTIAL_MGMT
    return CredentialManagement(q.ctap, q.client_pin.protocol, q.token(permission))


def metadata(q):
    found = management(q).get_metadata()
    tell("existing", found[RESULT.EXISTING_CRED_COUNT])
    tell("remaining", found[RESULT.MAX_REMAINING_COUNT])


def rps(q):
    found = management(q).enumerate_rps()
    tell("rps", len(found))
    for i, rp in enumerate(found):
        tell(f"rp.{i}", rp[RESULT.RP]["id"])
        tell(f"hash.{i}", rp[RESULT.RP_ID_HASH])


def credentials(q):
    found = management(q).enumerate_creds(sha256(q.get("rp").encode()).digest())
    tell("credentials", len(found))
    for i, c in enumerate(found):
        tell(f"id.{i}", c[RESULT.CREDENTIAL_ID]["id"])
        tell(f"user.{i}", c[RESULT.USER]["id"].decode())
        tell(f"name.{i}", c[RESULT.USER].get("name"))
        tell(f"key.{i}", key_bytes(c[RESULT.PUBLIC_KEY]))
        tell(f"protect.{i}", c[RESULT.CRED_PROTECT])
        if RESULT.LARGE_BLOB_KEY in c:
            tell(f"blobkey.{i}", c[RESULT.LARGE_BLOB_KEY])


def descriptor(q):
    return {"type": "public-key", "id": q.bytes("id")}


def rename(q):
    name = q.get("name")
    user = {"id": q.get("user").encode(), "name": name, "displayName": name}
    management(q).update_user_info(descriptor(q), user)


def blobs(q):
    if q.get("pin") is None:
        return LargeBlobs(q.ctap)
    token = q.token(PERMISSION.LARGE_BLOB_WRITE)
    return LargeBlobs(q.ctap, q.client_pin.protocol, token)


def get(q):
    text = blobs(q).get_blob(q.bytes("key"))
    if text is not None:
        tell("text", text.decode())


COMMANDS = {
    "cred-metadata": metadata,
    "cred-rps": rps,
    "cred-list": credentials,
    "cred-delete": lambda q: management(q).delete_cred(descriptor(q)),
    "cred-rename": rename,
    "blob-set": lambda q: blobs(q).put_blob(q.bytes("key"), q.get("text").encode()),
    "blob-get": get,
    "blob-remove": lambda q: blobs(q).delete_blob(q.bytes("key")),
}
