"""Registration and sign-in through python-fido2's client, verified by its server."""

from fido2.attestation import Attestation
from fido2.client import ClientError
from fido2.cose import ES256
from fido2.ctap import CtapError
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestationConveyancePreference,
    AuthenticatorData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from key import RP_ID, Permission, credential_id, descriptor, equal, refused

UV = UserVerificationRequirement
ERR = CtapError.ERR


class Site:
    """python-fido2's relying party, and the accounts it has."""

    def __init__(self, key):
        self.client = key.client()
        self.attested = []
        self.accounts = []
        self.server = Fido2Server(
            PublicKeyCredentialRpEntity(name="Example", id=RP_ID),
            attestation=AttestationConveyancePreference.DIRECT,
            verify_attestation=self.verify_attestation,
        )

    def verify_attestation(self, statement, client_data_hash):
        Attestation.for_type(statement.fmt)().verify(
            statement.att_stmt, statement.auth_data, client_data_hash
        )
        self.attested.append(statement.fmt)

    def register(self, name, discoverable, uv=UV.PREFERRED, exclude=None, **extensions):
        options, state = self.server.register_begin(
            PublicKeyCredentialUserEntity(name=name, id=name.encode(), display_name=name),
            exclude,
            resident_key_requirement=ResidentKeyRequirement.REQUIRED
            if discoverable
            else ResidentKeyRequirement.DISCOURAGED,
            user_verification=uv,
            extensions=extensions or None,
        )
        response = self.client.make_credential(options.public_key)
        data = self.server.register_complete(state, response)
        self.accounts.append(data.credential_data)
        return data, response.client_extension_results

    def sign_in(self, credentials=None, uv=UV.PREFERRED, index=0, **extensions):
        options, state = self.server.authenticate_begin(
            credentials, user_verification=uv, extensions=extensions or None
        )
        chosen = self.client.get_assertion(options.public_key)
        response = chosen.get_response(index)
        used = self.server.authenticate_complete(
            state, credentials or self.accounts, response
        )
        return used.credential_id, response


def flags_of(data):
    return AuthenticatorData.FLAG(data.flags)


def ceremony(key, discoverable):
    site = Site(key)
    made, _ = site.register("ada", discoverable)
    equal(site.attested, ["packed"], "attestation statements")
    equal(made.is_user_verified(), True, "user verified at registration")
    equal(made.credential_data.public_key[3], ES256.ALGORITHM, "algorithm")
    known = None if discoverable else [made.credential_data]
    used, response = site.sign_in(known, UV.REQUIRED)
    equal(used, made.credential_data.credential_id, "credential")
    data = response.response.authenticator_data
    equal(data.is_user_verified(), True, "user verified at sign-in")
    equal(data.counter > made.counter, True, "counter goes up")
    if discoverable:
        equal(response.response.user_handle, b"ada", "user handle")


def check_discoverable(key):
    ceremony(key, discoverable=True)


def check_non_discoverable(key):
    ceremony(key, discoverable=False)


def check_discoverable_by_pin(key):
    key.set_pin()
    ceremony(key, discoverable=True)


def check_non_discoverable_by_pin(key):
    key.set_pin()
    ceremony(key, discoverable=False)


def check_presence_alone(key):
    site = Site(key)
    made, _ = site.register("ada", False, UV.DISCOURAGED)
    equal(made.is_user_verified(), False, "user verified at registration")
    _, response = site.sign_in([made.credential_data], UV.DISCOURAGED)
    equal(response.response.authenticator_data.is_user_present(), True, "user present")
    equal(response.response.authenticator_data.is_user_verified(), False, "user verified")


def check_excluded(key):
    site = Site(key)
    site.register("ada", True)
    try:
        site.register("ada", True, exclude=site.accounts)
    except ClientError as e:
        equal(e.code, ClientError.ERR.DEVICE_INELIGIBLE, "error of the client")
        equal(e.cause.code, ERR.CREDENTIAL_EXCLUDED, "status")
        return
    raise AssertionError("an excluded credential was no obstacle")


def check_long_allow_list(key):
    """The client tries the list in parts, silently, and names the one it found."""
    site = Site(key)
    made = [site.register(f"user {i}", False)[0].credential_data for i in range(10)]
    used, _ = site.sign_in(made[::-1])
    equal(used in [m.credential_id for m in made], True, "one of the list")
    last, _ = site.sign_in([made[-1]])
    equal(last, made[-1].credential_id, "the last one")


def check_many_accounts(key):
    """getNextAssertion, newest first."""
    def token():
        return key.token_by_uv(Permission.MAKE_CREDENTIAL)

    made = {n: credential_id(key.make(n, token=token())) for n in ("ada", "bob", "cyd")}
    found = key.get()
    equal([a.user["id"] for a in found], [b"cyd", b"bob", b"ada"], "user handles")
    equal([a.credential["id"] for a in found], list(made.values())[::-1], "IDs")
    equal(found[0].number_of_credentials, 3, "numberOfCredentials")
    equal([set(a.user) for a in found], [{"id"}] * 3, "of the users without UV")
    refused(ERR.NOT_ALLOWED, key.ctap.get_next_assertion)
    found = key.get(token=key.token_by_uv(Permission.GET_ASSERTION))
    equal([a.user["name"] for a in found], ["cyd", "bob", "ada"], "names with UV")


def check_silent(key):
    """up=false: whether a credential is known, without a touch."""
    made = key.make(discoverable=False)
    (found,) = key.get(credential=credential_id(made), options={"up": False})
    equal(found.auth_data.is_user_present(), False, "user present")
    refused(
        ERR.NO_CREDENTIALS, key.ctap.get_assertion, RP_ID, bytes(32),
        [descriptor(bytes(64))], options={"up": False},
    )  # fmt: skip
