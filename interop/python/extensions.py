"""Extensions, through the client where it has them."""

import os

from ceremonies import UV, Site
from config import configure
from fido2.client import ClientError
from fido2.ctap import CtapError
from fido2.ctap2.extensions import CredProtectExtension
from key import RP_ID, Permission, credential_id, equal, refused

ERR = CtapError.ERR


def check_cred_protect(key):
    """Level 3 is found after UV alone, level 2 also by its ID."""
    site = Site(key)
    for level, policy in enumerate(CredProtectExtension.POLICY, 1):
        made, _ = site.register("ada", True, credentialProtectionPolicy=policy.value)
        equal(made.extensions["credProtect"], level, "level in authenticator data")
        wanted = made.credential_data.credential_id
        silently = {"options": {"up": False}}
        if level == 3:
            refused(ERR.NO_CREDENTIALS, key.get, credential=wanted, **silently)
        else:
            key.get(credential=wanted, **silently)
        if level > 1:
            refused(ERR.NO_CREDENTIALS, key.get, **silently)
        equal(site.sign_in(uv=UV.REQUIRED)[0], wanted, "found after UV")


def check_hmac_secret(key):
    site = Site(key)
    made, results = site.register("ada", False, UV.DISCOURAGED, hmacCreateSecret=True)
    equal(results.hmac_create_secret, True, "hmacCreateSecret")
    salts = {"salt1": os.urandom(32), "salt2": os.urandom(32)}

    def secrets(uv, **chosen):
        _, response = site.sign_in([made.credential_data], uv, hmacGetSecret=chosen)
        return response.client_extension_results.hmac_get_secret

    both = secrets(UV.REQUIRED, **salts)
    equal(len(both.output1), 32, "bytes of a secret")
    equal(both.output1 != both.output2, True, "secrets of different salts differ")
    equal(secrets(UV.REQUIRED, **salts), both, "the same again")
    equal(secrets(UV.REQUIRED, salt1=salts["salt2"]).output1, both.output2, "one salt alone")
    without = secrets(UV.DISCOURAGED, **salts)
    equal(without.output1 != both.output1, True, "other secrets without UV")
    equal(secrets(UV.DISCOURAGED, **salts), without, "the same again without UV")


def check_prf(key):
    """hmac-secret-mc: secrets of a registration are those of a sign-in."""
    site = Site(key)
    eval_ = {"first": b"one", "second": b"two"}
    made, results = site.register("ada", True, UV.REQUIRED, prf={"eval": eval_})
    prf = results.prf
    equal(prf.enabled, True, "prf.enabled")
    equal(len(prf.results.first), 32, "bytes of a secret")
    _, response = site.sign_in([made.credential_data], UV.REQUIRED, prf={"eval": eval_})
    equal(response.client_extension_results.prf.results, prf.results, "prf.results")


def check_cred_blob(key):
    site = Site(key)
    blob = os.urandom(key.ctap.info.max_cred_blob_length)
    made, _ = site.register("ada", True, credBlob=blob)
    equal(made.extensions["credBlob"], True, "credBlob stored")
    _, response = site.sign_in(getCredBlob=True)
    equal(response.response.authenticator_data.extensions["credBlob"], blob, "credBlob")
    made = key.make(token=key.token_by_uv(Permission.MAKE_CREDENTIAL), extensions={"credBlob": blob + b"!"})
    equal(made.auth_data.extensions["credBlob"], False, "one byte too many")


def check_min_pin_length(key):
    """For relying parties that were named to the device alone."""
    site = Site(key)
    key.set_pin()
    made, _ = site.register("ada", True, minPinLength=True)
    equal((made.extensions or {}).get("minPinLength"), None, "for any relying party")
    configure(key).set_min_pin_length(6, [RP_ID])
    made, _ = site.register("ada", True, minPinLength=True)
    equal(made.extensions["minPinLength"], 6, "minPinLength")


def check_cred_props(key):
    site = Site(key)
    _, results = site.register("ada", True, credProps=True)
    equal(results.cred_props.rk, True, "credProps.rk")


def check_third_party_payment(key):
    made = key.make(discoverable=False, extensions={"thirdPartyPayment": True})
    (found,) = key.get(
        credential=credential_id(made), extensions={"thirdPartyPayment": True}
    )
    equal(found.auth_data.extensions["thirdPartyPayment"], True, "thirdPartyPayment")


def check_large_blob(key):
    """largeBlob of WebAuthn, which the client makes of largeBlobKey and largeBlobs."""
    site = Site(key)
    made, results = site.register("ada", True, largeBlob={"support": "required"})
    equal(results.large_blob.supported, True, "largeBlob.supported")
    known, blob = [made.credential_data], os.urandom(2000)
    _, response = site.sign_in(known, largeBlob={"write": blob})
    equal(response.client_extension_results.large_blob.written, True, "largeBlob.written")
    _, response = site.sign_in(known, largeBlob={"read": True})
    equal(response.client_extension_results.large_blob.blob, blob, "largeBlob.blob")
    try:
        site.sign_in(known, largeBlob={"write": os.urandom(5000)})
    except (CtapError, ClientError) as e:
        equal(getattr(e, "cause", e).code, ERR.LARGE_BLOB_STORAGE_FULL, "status")
        return
    raise AssertionError("more was written than the device has room for")
