package authenticators

import (
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/internal/pinuv"
	"github.com/passkeylab/passkeylab/ctap"
)

// thePIN is the one that cases set; otherPIN is not it.
const (
	thePIN   = "2580-judge"
	otherPIN = "1470-wrong"
)

// clientPIN is a request of that command.
func clientPINRequest(sub ctap.SubCommand, pairs ...any) request {
	r := request{command: ctap.CommandClientPIN, params: cbor.Map{{Key: pinSubCommand, Value: int64(sub)}}}
	for i := 0; i < len(pairs); i += 2 {
		r.params = append(r.params, cbor.Pair{Key: pairs[i], Value: pairs[i+1]})
	}
	return r
}

// agreement is what judge and device agreed on, and the judge's half of it.
type agreement struct {
	pinuv.Secret
	public cbor.Map // COSE_Key
}

func coseKey(x, y []byte) cbor.Map {
	return cbor.Map{
		{Key: coseKty, Value: ktyEC2}, {Key: coseAlg, Value: -25}, {Key: coseCrv, Value: 1},
		{Key: coseX, Value: x}, {Key: coseY, Value: y},
	}
}

// agree gets the device's key agreement key and agrees with it.
func (k *key) agree(protocol int) agreement {
	x, y := k.keyAgreement(protocol)
	secret, ownX, ownY, err := pinuv.Agree(protocol, k.Random, x, y)
	if err != nil {
		k.Fatalf("%v", err)
	}
	return agreement{secret, coseKey(ownX, ownY)}
}

// keyAgreement asks for the device's key agreement key.
func (k *key) keyAgreement(protocol int) (x, y []byte) {
	a := k.send(clientPINRequest(ctap.GetKeyAgreement, pinProtocol, protocol))
	k.expectOK(a)
	m := k.mapOf(a, pinAnswerKeyAgreement)
	return bytesIn(m, coseX), bytesIn(m, coseY)
}

// setPINRequest sets a PIN that is padded to 64 bytes already.
func (k *key) setPINRequest(s agreement, padded []byte) request {
	sealed := s.Encrypt(padded)
	return clientPINRequest(ctap.SetPIN, pinProtocol, s.Protocol, pinKeyAgreement, s.public,
		pinParam, s.Authenticate(sealed), pinNewPinEnc, sealed)
}

func (k *key) changePINRequest(s agreement, before string, padded []byte) request {
	sealed, hash := s.Encrypt(padded), s.Encrypt(pinuv.HashPIN(before))
	return clientPINRequest(ctap.ChangePIN, pinProtocol, s.Protocol, pinKeyAgreement, s.public,
		pinParam, s.Authenticate(append(append([]byte{}, sealed...), hash...)), pinNewPinEnc, sealed, pinPinHashEnc, hash)
}

// setPIN sets a PIN on a device without one.
func (k *key) setPIN(pin string) {
	s := k.agree(k.protocol())
	k.expect(k.send(k.setPINRequest(s, pinuv.PadPIN(pin, pinuv.PaddedPIN))), ctap.OK)
	k.known = nil
}

// changePIN changes the PIN that is set.
func (k *key) changePIN(from, to string) {
	k.expect(k.send(k.changePINRequest(k.agree(k.protocol()), from, pinuv.PadPIN(to, pinuv.PaddedPIN))), ctap.OK)
}

// ensurePIN sets the PIN unless one is set: by this case, for no other has been
// here.
func (k *key) ensurePIN() {
	if !k.info().option(ctap.OptionClientPIN) {
		k.setPIN(thePIN)
	}
}

// tokenByPIN asks for a token by PIN. permissions 0 asks as CTAP 2.0 does.
func (k *key) tokenByPIN(s agreement, pin string, permissions ctap.Permissions, rpID string) request {
	r := clientPINRequest(ctap.GetPINToken, pinProtocol, s.Protocol, pinKeyAgreement, s.public,
		pinPinHashEnc, s.Encrypt(pinuv.HashPIN(pin)))
	if permissions == 0 {
		return r
	}
	return withPermissions(r.with(pinSubCommand, int64(ctap.GetPinUvAuthTokenUsingPinWithPermissions)), permissions, rpID)
}

// tokenByUV asks for a token by built-in user verification.
func (k *key) tokenByUV(s agreement, permissions ctap.Permissions, rpID string) request {
	return withPermissions(clientPINRequest(ctap.GetPinUvAuthTokenUsingUvWithPermissions,
		pinProtocol, s.Protocol, pinKeyAgreement, s.public), permissions, rpID)
}

func withPermissions(r request, permissions ctap.Permissions, rpID string) request {
	r = r.with(pinPermissions, int64(permissions))
	if rpID != "" {
		r = r.with(pinRPID, rpID)
	}
	return r
}

// token is a pinUvAuthToken.
type token struct {
	protocol int
	value    []byte
}

// over is the pinUvAuthParam over a message.
func (t token) over(message []byte) []byte { return pinuv.Authenticate(t.protocol, t.value, message) }

// sign adds the pinUvAuthParam to a ceremony.
func (t token) sign(r request) request {
	if r.command == ctap.CommandMakeCredential {
		hash, _ := r.params.Get(mcClientDataHash)
		b, _ := hash.([]byte)
		return r.with(mcParam, t.over(b)).with(mcProtocol, t.protocol)
	}
	return r.with(gaParam, t.over(hashOf(r))).with(gaProtocol, t.protocol)
}

// token gets a token with permissions: by PIN where there is one, which is set if
// it is not, else by built-in user verification.
func (k *key) token(protocol int, permissions ctap.Permissions, rpID string) token {
	i := k.info()
	byPIN := i.listed(ctap.OptionClientPIN)
	if permissions&(ctap.PermissionMakeCredential|ctap.PermissionGetAssertion) != 0 && !i.pinServesCeremonies() {
		byPIN = false
	}
	if byPIN {
		k.ensurePIN()
		s := k.agree(protocol)
		if !i.option(ctap.OptionPinUvAuthToken) {
			permissions, rpID = 0, ""
		}
		return k.opened(s, k.send(k.tokenByPIN(s, thePIN, permissions, rpID)))
	}
	if !i.option(ctap.OptionUV) || !i.option(ctap.OptionPinUvAuthToken) {
		k.Unsupportedf("needs a way to a pinUvAuthToken with the permissions 0x%02x", uint64(permissions))
	}
	s := k.agree(protocol)
	return k.opened(s, k.send(k.tokenByUV(s, permissions, rpID)))
}

// opened decrypts the token of an answer.
func (k *key) opened(s agreement, a answer) token {
	k.expectOK(a)
	value, err := s.Decrypt(k.bytesOf(a, pinAnswerToken))
	if err != nil {
		k.Fatalf("the pinUvAuthToken cannot be decrypted: %v", err)
	}
	return token{s.Protocol, value}
}

// getPINRetries has a protocol, as clients send it and CTAP 2.0 demands.
func (k *key) getPINRetries() request {
	return clientPINRequest(ctap.GetPINRetries).with(pinProtocol, k.protocol())
}

// pinRetries asks how many wrong PINs are left. Some devices refuse that while there
// is no PIN, and some do not.
func (k *key) pinRetries() uint64 {
	a := k.send(k.getPINRetries())
	k.expectOK(a)
	return k.uintOf(a, pinAnswerRetries)
}
