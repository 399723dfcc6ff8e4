"""Ceremonies."""

from threading import Event

from fido2.attestation import Attestation
from fido2.cose import ES256, CoseKey, EdDSA
from fido2.ctap2 import ClientPin
from request import CLIENT_DATA_HASH, tell

PERMISSION = ClientPin.PERMISSION
ALGORITHMS = {"es256": ES256.ALGORITHM, "eddsa": EdDSA.ALGORITHM}


def patience(q):
    """What ends the ceremony as soon as the device waits for a touch, if asked to."""
    event = Event()
    if not q.flag("cancel"):
        return {}

    def heard(status):
        tell("keepalive", int(status))
        if status == 2:
            event.set()

    return {"event": event, "on_keepalive": heard}


def key_bytes(key):
    """A public key as libfido2 has it: the coordinates alone."""
    return key[-2] + key.get(-3, b"")


def key_from(q):
    raw = q.bytes("key")
    if q.get("alg") == "eddsa":
        return EdDSA({1: 1, 3: EdDSA.ALGORITHM, -1: 6, -2: raw})
    return ES256({1: 2, 3: ES256.ALGORITHM, -1: 1, -2: raw[:32], -3: raw[32:]})


def creation_extensions(q):
    wanted = {}
    if q.get("protect"):
        wanted["credProtect"] = int(q.get("protect"))
    if q.flag("hmac"):
        wanted["hmac-secret"] = True
    if q.flag("blobkey"):
        wanted["largeBlobKey"] = True
    if q.get("blob"):
        wanted["credBlob"] = q.get("blob").encode()
    if q.flag("minpin"):
        wanted["minPinLength"] = True
    if q.get("mcsalt"):
        wanted["hmac-secret"] = True
        wanted["hmac-secret-mc"], q.secret = salts(q, "mcsalt")
    return wanted or None


def salts(q, name):
    """Salts for the device alone, and what its answer opens with."""
    protocol = q.client_pin.protocol
    agreement, secret = q.client_pin._get_shared_secret()
    encrypted = protocol.encrypt(secret, q.bytes(name))
    asked = {1: agreement, 2: encrypted, 3: protocol.authenticate(secret, encrypted)}
    if protocol.VERSION != 1:
        asked[4] = protocol.VERSION
    return asked, lambda answer: protocol.decrypt(secret, answer)


def register(q):
    rp, user = q.get("rp"), q.get("user").encode()
    exclude = q.bytes("exclude")
    made = q.ctap.make_credential(
        CLIENT_DATA_HASH,
        {"id": rp, "name": rp},
        {"id": user, "name": q.get("user"), "displayName": q.get("user")},
        [{"type": "public-key", "alg": ALGORITHMS[q.get("alg", "es256")]}],
        exclude and [{"type": "public-key", "id": exclude}],
        creation_extensions(q),
        q.options("rk", "uv"),
        enterprise_attestation=q.get("enterprise") and int(q.get("enterprise")),
        **q.authorise(PERMISSION.MAKE_CREDENTIAL, rp),
        **patience(q),
    )
    Attestation.for_type(made.fmt)().verify(
        made.att_stmt, made.auth_data, CLIENT_DATA_HASH
    )
    tell_credential(q, made)


def tell_credential(q, made):
    data = made.auth_data.credential_data
    extensions = made.auth_data.extensions or {}
    tell("format", made.fmt)
    tell("id", data.credential_id)
    tell("key", key_bytes(data.public_key))
    tell("aaguid", bytes(data.aaguid))
    tell("flags", f"{made.auth_data.flags:02x}")
    tell("count", made.auth_data.counter)
    tell("protect", extensions.get("credProtect", 0))
    if made.ep_att is not None:
        tell("enterprise", made.ep_att)
    if made.large_blob_key is not None:
        tell("blobkey", made.large_blob_key)
    if "minPinLength" in extensions:
        tell("minpin", extensions["minPinLength"])
    if "hmac-secret-mc" in extensions:
        tell("secret", q.secret(extensions["hmac-secret-mc"]))


def assert_(q):
    rp, allowed, wanted, opens = q.get("rp"), q.bytes("id"), {}, None
    if q.get("salt"):
        wanted["hmac-secret"], opens = salts(q, "salt")
    if q.flag("blobkey"):
        wanted["largeBlobKey"] = True
    if q.get("blob"):
        wanted["credBlob"] = True
    answers = q.ctap.get_assertions(
        rp,
        CLIENT_DATA_HASH,
        allowed and [{"type": "public-key", "id": allowed}],
        wanted or None,
        q.options("up", "uv"),
        **q.authorise(PERMISSION.GET_ASSERTION, rp),
        **patience(q),
    )
    tell("assertions", len(answers))
    for i, answer in enumerate(answers):
        tell_assertion(i, answer, opens)
    if q.get("key"):
        answers[0].verify(CLIENT_DATA_HASH, key_from(q))


def tell_assertion(i, answer, opens):
    user, extensions = answer.user or {}, answer.auth_data.extensions or {}
    tell(f"id.{i}", answer.credential["id"])
    if "id" in user:
        tell(f"user.{i}", user["id"].decode())
    if "name" in user:
        tell(f"name.{i}", user["name"])
    tell(f"flags.{i}", f"{answer.auth_data.flags:02x}")
    tell(f"count.{i}", answer.auth_data.counter)
    if "hmac-secret" in extensions:
        tell(f"secret.{i}", opens(extensions["hmac-secret"]))
    if answer.large_blob_key is not None:
        tell(f"blobkey.{i}", answer.large_blob_key)
    if "credBlob" in extensions:
        tell(f"blob.{i}", extensions["credBlob"].decode())


COMMANDS = {"register": register, "assert": assert_}
