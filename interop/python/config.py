"""authenticatorConfig."""

from ceremonies import Site
from fido2.ctap import CtapError
from fido2.ctap2 import Config
from fido2.webauthn import AttestationConveyancePreference
from key import PIN, RP_ID, Permission, equal, refused

ERR = CtapError.ERR


def configure(key):
    return Config(key.ctap, key.protocol, key.token(Permission.AUTHENTICATOR_CFG))


def check_always_uv(key):
    key.set_pin()
    configure(key).toggle_always_uv()
    info = key.refresh()
    equal(info.options["alwaysUv"], True, "option alwaysUv")
    equal(info.options["makeCredUvNotRqd"], False, "option makeCredUvNotRqd")
    refused(ERR.PUAT_REQUIRED, key.make, discoverable=False)
    configure(key).toggle_always_uv()
    equal(key.refresh().options["alwaysUv"], False, "option alwaysUv")
    key.make(discoverable=False)


def check_set_min_pin_length(key):
    key.set_pin()
    configure(key).set_min_pin_length(8)
    equal(key.refresh().min_pin_length, 8, "minPINLength")
    refused(ERR.PIN_POLICY_VIOLATION, key.client_pin.change_pin, PIN, "1234567")
    refused(ERR.PIN_POLICY_VIOLATION, configure(key).set_min_pin_length, 7)
    configure(key).set_min_pin_length(len(PIN) + 1)
    equal(key.refresh().force_pin_change, True, "forcePINChange: the PIN is too short now")


def check_force_pin_change(key):
    key.set_pin()
    configure(key).set_min_pin_length(force_change_pin=True)
    equal(key.refresh().force_pin_change, True, "forcePINChange")
    refused(ERR.PIN_POLICY_VIOLATION, key.client_pin.get_pin_token, PIN, 1, RP_ID)
    refused(ERR.PIN_POLICY_VIOLATION, key.client_pin.change_pin, PIN, PIN)
    key.client_pin.change_pin(PIN, PIN + "!")
    equal(key.refresh().force_pin_change, False, "forcePINChange")
    key.client_pin.get_pin_token(PIN + "!", 1, RP_ID)


def check_pin_complexity_policy(key):
    key.set_pin()
    configure(key).set_min_pin_length(pin_complexity_policy=True)
    equal(key.refresh().pin_complexity_policy, True, "pinComplexityPolicy")
    refused(ERR.PIN_POLICY_VIOLATION, key.client_pin.change_pin, PIN, "11111111")


def check_config_unauthorised(key):
    key.set_pin()
    refused(ERR.PUAT_REQUIRED, Config(key.ctap).toggle_always_uv)
    other = key.token(Permission.MAKE_CREDENTIAL, RP_ID)
    refused(ERR.PIN_AUTH_INVALID, Config(key.ctap, key.protocol, other).toggle_always_uv)


def check_enterprise_attestation(key):
    key.set_pin()
    equal(key.ctap.info.options["ep"], False, "option ep")
    configure(key).enable_enterprise_attestation()
    equal(key.refresh().options["ep"], True, "option ep")
    made = key.make(token=key.token(Permission.MAKE_CREDENTIAL, RP_ID), enterprise_attestation=1)
    equal(made.ep_att, True, "epAtt")
    token = key.token(Permission.MAKE_CREDENTIAL, "example.org")
    made = key.make(rp_id="example.org", token=token, enterprise_attestation=1)
    equal(bool(made.ep_att), False, "epAtt for an RP ID that is not listed")
    site = Site(key)
    site.server.attestation = AttestationConveyancePreference.ENTERPRISE
    site.register("ada", True)
    equal(site.attested, ["packed"], "attestation statements")
