"""What concerns the whole device: itself, its PIN, its configuration."""

from fido2.ctap2 import ClientPin, Config
from request import tell


def info(q):
    i = q.ctap.info
    for name, values in (
        ("version", i.versions),
        ("extension", i.extensions),
        ("protocol", i.pin_uv_protocols),
    ):
        for n, value in enumerate(values):
            tell(f"{name}.{n}", value)
    tell("aaguid", bytes(i.aaguid))
    tell("maxmsgsize", i.max_msg_size)
    tell("minpin", i.min_pin_length)
    tell("newpin", i.force_pin_change)
    for name, value in i.options.items():
        tell(f"option.{name}", value)


def identifier(q):
    """What only who may read the credentials is told, fresh each time."""
    token = q.token(ClientPin.PERMISSION.PERSISTENT_CREDENTIAL_MGMT)
    tell("identifier", q.ctap.info.get_identifier(token))
    tell("state", q.ctap.get_info().get_cred_store_state(token))


def pin_retries(q):
    retries, power_cycle = q.client_pin.get_pin_retries()
    tell("retries", retries)
    tell("powercycle", bool(power_cycle))


def config(q):
    token = None
    if q.get("pin") is not None or q.flag("uvtoken"):
        token = q.token(ClientPin.PERMISSION.AUTHENTICATOR_CFG)
    return Config(q.ctap, token and q.client_pin.protocol, token)


def config_min_pin(q):
    length, rp = q.get("length"), q.get("rp")
    config(q).set_min_pin_length(length and int(length), rp and [rp])


COMMANDS = {
    "info": info,
    "identifier": identifier,
    "reset": lambda q: q.ctap.reset(),
    "selection": lambda q: q.ctap.selection(),
    "ping": lambda q: tell("same", q.device.ping(bytes(7609)) == bytes(7609)),
    "lock": lambda q: q.device.lock(int(q.get("seconds"))),
    "wink": lambda q: q.device.wink(),
    "pin-set": lambda q: q.client_pin.set_pin(q.get("new")),
    "pin-change": lambda q: q.client_pin.change_pin(q.get("old"), q.get("new")),
    "pin-retries": pin_retries,
    "uv-retries": lambda q: tell("retries", q.client_pin.get_uv_retries()),
    "config-always-uv": lambda q: config(q).toggle_always_uv(),
    "config-enterprise": lambda q: config(q).enable_enterprise_attestation(),
    "config-force-pin": lambda q: config(q).set_min_pin_length(force_change_pin=True),
    "config-min-pin": config_min_pin,
}
