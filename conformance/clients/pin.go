package clients

import (
	"bytes"
	"encoding/binary"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/internal/pinuv"
	"github.com/passkeylab/passkeylab/ctap"
)

// pinState is what the device knows of its PIN, its keys and its token.
type pinState struct {
	pin         string
	retries     int64
	uvRetries   int64
	keys        pinuv.KeyPair
	token       []byte
	permissions int64 // of the token; 0 before there is one
	rpID        string
	protocol    int64
	secrets     []secretUse
}

// secretUse is what the device decrypted.
type secretUse struct {
	subCommand int64
	pinHash    []byte
	newPIN     []byte
	iv         []byte
	wrong      string
}

// pinScript is what a case changes about clientPIN.
type pinScript struct {
	// sub changes the answer to a subcommand, or refuses it.
	sub map[int64]func(n int, answer cbor.Map) (cbor.Map, ctap.Status)
	// token is what is encrypted instead of the token.
	token func([]byte) []byte
	// sealed changes it once it is encrypted.
	sealed func([]byte) []byte
	// key changes the key agreement key.
	key func(cbor.Map) cbor.Map
}

const plainRetries = 8

// givePIN lets the device have a PIN, and speak these protocols.
func (d *Device) givePIN(pin string, protocols ...any) {
	d.pin.pin, d.pin.retries = pin, plainRetries
	d.script.with(infoProtocols, cbor.Array(protocols))
	d.script.withOption("clientPin", pin != "")
	d.script.withOption("pinUvAuthToken", true)
	d.script.withOption("makeCredUvNotRqd", true)
}

// giveUV lets the device verify its user by itself and give tokens for it.
func (d *Device) giveUV(protocols ...any) {
	d.pin.uvRetries = 3
	d.script.with(infoProtocols, cbor.Array(protocols))
	d.script.withOption("uv", true)
	d.script.withOption("pinUvAuthToken", true)
	d.script.withOption("makeCredUvNotRqd", true)
}

// clientPIN is authenticatorClientPIN (§6.5).
func (d *Device) clientPIN(m *message) (ctap.Status, cbor.Map) {
	sub, _ := intAt(m.params, pinSubCommand)
	n := 1
	for i := range d.log {
		if s, _ := intAt(d.log[i].params, pinSubCommand); d.log[i].command == ctap.CommandClientPIN && s == sub {
			n++
		}
	}
	change := d.script.pin.sub[sub]
	if change != nil {
		if _, status := change(n, nil); status != ctap.OK {
			return status, nil
		}
	}
	status, answer := d.pinSubCommand(m, sub)
	if change != nil && status == ctap.OK {
		answer, _ = change(n, answer)
	}
	return status, answer
}

func (d *Device) pinSubCommand(m *message, sub int64) (ctap.Status, cbor.Map) {
	switch sub {
	case subGetPINRetries:
		return ctap.OK, cbor.Map{{Key: pinAnswerRetries, Value: d.pin.retries}, {Key: pinAnswerPowerCycle, Value: false}}
	case subGetUVRetries:
		return ctap.OK, cbor.Map{{Key: pinAnswerUVRetries, Value: d.pin.uvRetries}}
	case subGetKeyAgreement:
		return ctap.OK, cbor.Map{{Key: pinAnswerKey, Value: d.agreementKey()}}
	}
	secret, err := d.secret(m.params, pinProtocol, pinKeyAgreement)
	if err != nil {
		d.use(secretUse{subCommand: sub, wrong: err.Error()})
		return ctap.InvalidParameter, nil
	}
	switch sub {
	case subSetPIN, subChangePIN:
		return d.storePIN(m, sub, secret), nil
	case subGetPINToken, subGetTokenByPIN:
		if status := d.tryPIN(m, sub, secret); status != ctap.OK {
			return status, nil
		}
		return ctap.OK, d.giveToken(m, sub, secret)
	case subGetTokenByUV:
		return ctap.OK, d.giveToken(m, sub, secret)
	}
	return ctap.InvalidSubcommand, nil
}

func (d *Device) use(u secretUse) { d.pin.secrets = append(d.pin.secrets, u) }

// agreementKey is the public key for key agreement, as the script wants it.
func (d *Device) agreementKey() cbor.Map {
	x, y := d.pin.keys.Point()
	key := cbor.Map{{Key: 1, Value: 2}, {Key: 3, Value: algKeyAgreement}, {Key: -1, Value: 1}, {Key: -2, Value: x}, {Key: -3, Value: y}}
	if d.script.pin.key != nil {
		key = d.script.pin.key(key)
	}
	return key
}

// secret is what is shared with the platform whose key a map has.
func (d *Device) secret(params cbor.Map, protocolAt, keyAt int) (pinuv.Secret, error) {
	protocol, ok := intAt(params, protocolAt)
	if !ok {
		protocol = 1
	}
	key := mapAt(params, keyAt)
	return d.pin.keys.Agree(int(protocol), d.random, bytesAt(key, -2), bytesAt(key, -3))
}

func (d *Device) tryPIN(m *message, sub int64, secret pinuv.Secret) ctap.Status {
	sealed := bytesAt(m.params, pinHashEnc)
	hash, err := secret.Decrypt(sealed)
	u := secretUse{subCommand: sub, pinHash: hash, iv: ivOf(secret, sealed)}
	if err != nil {
		u.wrong = err.Error()
	}
	d.use(u)
	if err != nil || !bytes.Equal(hash, pinuv.HashPIN(d.pin.pin)) {
		d.pin.retries--
		d.pin.keys, _ = pinuv.NewKeyPair(d.random) // of a stream that never fails
		return ctap.PINInvalid
	}
	d.pin.retries = plainRetries
	if change, _ := d.script.info.Get(infoForcePINChange); change == true {
		return ctap.PINPolicyViolation // until there is another PIN (§6.4)
	}
	return ctap.OK
}

func ivOf(secret pinuv.Secret, sealed []byte) []byte {
	if secret.Protocol == 1 || len(sealed) < 16 {
		return nil
	}
	return bytes.Clone(sealed[:16])
}

func (d *Device) storePIN(m *message, sub int64, secret pinuv.Secret) ctap.Status {
	sealed, hashed := bytesAt(m.params, pinNewEnc), bytesAt(m.params, pinHashEnc)
	plain, err := secret.Decrypt(sealed)
	u := secretUse{subCommand: sub, newPIN: plain, iv: ivOf(secret, sealed)}
	switch {
	case err != nil:
		u.wrong = err.Error()
	case !bytes.Equal(secret.Authenticate(append(bytes.Clone(sealed), hashed...)), bytesAt(m.params, pinAuthParam)):
		u.wrong = "pinUvAuthParam is not over what was sent"
	}
	d.use(u)
	if u.wrong != "" {
		return ctap.PINAuthInvalid
	}
	d.pin.pin, d.pin.retries = string(bytes.TrimRight(plain, "\x00")), plainRetries
	d.script.withOption("clientPin", true)
	d.script.info = d.script.info.Without(infoForcePINChange)
	return ctap.OK
}

// giveToken encrypts the token and notes what it is for.
func (d *Device) giveToken(m *message, sub int64, secret pinuv.Secret) cbor.Map {
	d.pin.permissions, d.pin.rpID = permissionMake|permissionGet, ""
	if sub != subGetPINToken {
		d.pin.permissions, _ = intAt(m.params, pinPermissions)
		d.pin.rpID, _ = textIn(m.params, pinRPID)
	}
	d.pin.protocol = int64(secret.Protocol)
	token := d.pin.token
	if d.script.pin.token != nil {
		token = d.script.pin.token(token)
	}
	sealed := secret.Encrypt(token)
	if d.script.pin.sealed != nil {
		sealed = d.script.pin.sealed(sealed)
	}
	return cbor.Map{{Key: pinAnswerToken, Value: sealed}}
}

// checkParam holds pinUvAuthParam to the token.
func (d *Device) checkParam(m *message, paramAt, protocolAt int, message []byte, permission int64) (bool, ctap.Status) {
	protocol, _ := intAt(m.params, protocolAt)
	want := pinuv.Authenticate(int(protocol), d.pin.token, message)
	if d.pin.permissions&permission == 0 || protocol != d.pin.protocol || !bytes.Equal(want, bytesAt(m.params, paramAt)) {
		return false, ctap.PINAuthInvalid
	}
	return true, ctap.OK
}

// blobMessage is what pinUvAuthParam of a large-blob fragment is over (§6.10.2).
func blobMessage(offset int64, fragment []byte) []byte {
	out := append(bytes.Repeat([]byte{0xFF}, 32), 0x0C, 0)
	out = binary.LittleEndian.AppendUint32(out, uint32(offset))
	return append(out, hashOf(string(fragment))...)
}
