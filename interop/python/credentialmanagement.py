"""authenticatorCredentialManagement: to count, list, rename and delete passkeys."""

from fido2.ctap import CtapError
from fido2.ctap2 import CredentialManagement
from fido2.utils import sha256
from key import RP_ID, Permission, credential_id, descriptor, equal, refused

ERR = CtapError.ERR
RESULT = CredentialManagement.RESULT


def management(key, permission=Permission.CREDENTIAL_MGMT, rp_id=None):
    return CredentialManagement(key.ctap, key.protocol, key.token(permission, rp_id))


def fill(key):
    """Three passkeys at two sites."""
    key.set_pin()
    sites = [("ada", RP_ID), ("bob", RP_ID), ("ada", "example.org")]
    return [
        credential_id(key.make(name, rp, token=key.token(Permission.MAKE_CREDENTIAL, rp)))
        for name, rp in sites
    ]


def counts(metadata):
    return metadata[RESULT.EXISTING_CRED_COUNT], metadata[RESULT.MAX_REMAINING_COUNT]


def listing(m, rp_id):
    return {
        c[RESULT.CREDENTIAL_ID]["id"]: c for c in m.enumerate_creds(sha256(rp_id.encode()))
    }


def check_credential_management(key):
    made = fill(key)
    m = management(key)
    equal(counts(m.get_metadata()), (3, 22), "passkeys and room")
    rps = {r[RESULT.RP]["id"]: r[RESULT.RP_ID_HASH] for r in m.enumerate_rps()}
    equal(rps, {rp: sha256(rp.encode()) for rp in (RP_ID, "example.org")}, "RPs")
    refused(ERR.NOT_ALLOWED, m.enumerate_rps_next)
    found = listing(m, RP_ID)
    equal(set(found), set(made[:2]), "passkeys of one site")
    refused(ERR.NOT_ALLOWED, m.enumerate_creds_next)
    first = found[made[0]]
    equal(
        first[RESULT.USER], {"id": b"ada", "name": "ada", "displayName": "Ada"}, "user"
    )
    equal(first[RESULT.PUBLIC_KEY][3], -7, "algorithm")
    equal(first[RESULT.CRED_PROTECT], 1, "credProtect")


def check_credential_update(key):
    made = fill(key)
    m = management(key)
    user = {"id": b"ada", "name": "ada@example.com", "displayName": "Ada L"}
    m.update_user_info(descriptor(made[0]), user)
    equal(listing(m, RP_ID)[made[0]][RESULT.USER], user, "user")
    refused(
        ERR.INVALID_PARAMETER,
        m.update_user_info, descriptor(made[0]), {**user, "id": b"eve"},
    )  # fmt: skip
    refused(ERR.NO_CREDENTIALS, m.update_user_info, descriptor(bytes(64)), user)


def check_credential_delete(key):
    made = fill(key)
    m = management(key)
    m.delete_cred(descriptor(made[0]))
    equal(set(listing(m, RP_ID)), {made[1]}, "what is left at the site")
    refused(ERR.NO_CREDENTIALS, m.delete_cred, descriptor(made[0]))
    for left in made[1:]:
        m.delete_cred(descriptor(left))
    equal(counts(m.get_metadata()), (0, 25), "passkeys and room")
    equal(m.enumerate_rps(), [], "RPs")
    equal(m.enumerate_creds(sha256(RP_ID.encode())), [], "passkeys")


def check_credential_permissions(key):
    """One site's token manages that site; a read-only one only reads, and lasts."""
    made = fill(key)
    m = management(key, rp_id=RP_ID)
    equal(set(listing(m, RP_ID)), set(made[:2]), "passkeys of its site")
    refused(ERR.PIN_AUTH_INVALID, m.get_metadata)
    refused(ERR.PIN_AUTH_INVALID, m.delete_cred, descriptor(made[2]))
    reading = management(key, Permission.PERSISTENT_CREDENTIAL_MGMT)
    key.token(Permission.MAKE_CREDENTIAL, RP_ID)
    equal(counts(reading.get_metadata())[0], 3, "passkeys")
    equal(set(listing(reading, "example.org")), {made[2]}, "passkeys of the other site")
    refused(ERR.PIN_AUTH_INVALID, reading.delete_cred, descriptor(made[2]))
    info, token = key.refresh(), reading.pin_uv.token
    identifier, state = info.get_identifier(token), info.get_cred_store_state(token)
    equal([len(identifier), len(state)], [16, 16], "bytes of the two secrets of getInfo")
    management(key).delete_cred(descriptor(made[2]))
    info = key.refresh()
    equal(info.get_identifier(token), identifier, "identifier after a deletion")
    equal(info.get_cred_store_state(token) != state, True, "state after a deletion")
