package client_test

import (
	"bytes"
	"crypto/rand"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// pinKey is what a device knows of PINs and tokens: the authenticator's side of
// clientPIN, with everything to be set by a test.
type pinKey struct {
	pin     string // "" is none
	retries uint64
	misses  int // in a row

	uvRetries uint64
	uvFails   int         // gestures that fail before one that works
	uvStatus  ctap.Status // instead of a token, if it is not OK

	stale  bool              // tokens only after a change of the PIN
	likes  func(string) bool // policy for new PINs; nil: all
	before func(*ctap.ClientPINRequest) error
	answer func(*ctap.ClientPINRequest) any // instead of the right one, if not nil

	info    *ctap.GetInfoResponse // of the device
	keys    *pinuv.KeyPair
	token   []byte
	granted ctap.Permissions
	rpID    string
	begun   int // tokens given out
}

// pinned returns a modern security key without built-in verification, with this
// PIN set, or none.
func pinned(pin string) *device {
	d := securityKey()
	delete(d.info.Options, ctap.OptionUV)
	d.info.Options[ctap.OptionPinUvAuthToken] = true
	d.info.PinUvAuthProtocols = []uint64{2, 1}
	return d.withPIN(pin)
}

// sensing returns a security key that gives tokens for fingerprints, and for
// this PIN.
func sensing(pin string) *device {
	d := pinned(pin)
	d.info.Options[ctap.OptionUV] = true
	return d
}

func (d *device) withPIN(pin string) *device {
	d.info.Options[ctap.OptionClientPIN] = pin != ""
	d.pin = &pinKey{pin: pin, retries: 8, uvRetries: 3, info: &d.info}
	d.pin.regenerate()
	return d
}

func (k *pinKey) regenerate() {
	keys, err := pinuv.NewKeyPair(rand.Reader)
	if err != nil {
		panic(err)
	}
	k.keys = keys
}

func (k *pinKey) do(req *ctap.ClientPINRequest) (any, error) {
	if k.before != nil {
		if err := k.before(req); err != nil {
			return nil, err
		}
	}
	if k.answer != nil {
		if answer := k.answer(req); answer != nil {
			return answer, nil
		}
	}
	switch req.SubCommand {
	case ctap.GetPINRetries:
		blocked := k.misses >= 3
		return &ctap.ClientPINResponse{PINRetries: &k.retries, PowerCycleState: &blocked}, nil
	case ctap.GetUVRetries:
		return &ctap.ClientPINResponse{UVRetries: &k.uvRetries}, nil
	case ctap.GetKeyAgreement:
		return &ctap.ClientPINResponse{KeyAgreement: k.keys.Public()}, nil
	}
	p, ok := pinuv.Supported(*req.PinUvAuthProtocol)
	if !ok {
		return nil, ctap.InvalidParameter
	}
	secret, err := k.keys.Decapsulate(p, req.KeyAgreement)
	if err != nil {
		return nil, ctap.InvalidParameter
	}
	switch req.SubCommand {
	case ctap.SetPIN, ctap.ChangePIN:
		return k.store(req, secret)
	case ctap.GetPinUvAuthTokenUsingUvWithPermissions:
		return k.byUV(req, secret)
	}
	return k.byPIN(req, secret)
}

func (k *pinKey) store(req *ctap.ClientPINRequest, secret pinuv.Secret) (any, error) {
	if !secret.Verify(append(bytes.Clone(req.NewPINEnc), req.PINHashEnc...), req.PinUvAuthParam) {
		return nil, ctap.PINAuthInvalid
	}
	if (req.SubCommand == ctap.SetPIN) != (k.pin == "") {
		return nil, ctap.PINAuthInvalid
	}
	if k.pin != "" {
		if err := k.compare(req, secret); err != nil {
			return nil, err
		}
	}
	padded, err := secret.Decrypt(req.NewPINEnc)
	if err != nil {
		return nil, ctap.PINAuthInvalid
	}
	chosen := string(bytes.TrimRight(padded, "\x00"))
	if k.likes != nil && !k.likes(chosen) {
		return nil, ctap.PINPolicyViolation
	}
	k.pin, k.stale = chosen, false
	k.info.Options = map[string]bool{ctap.OptionRK: true, ctap.OptionClientPIN: true, ctap.OptionPinUvAuthToken: true}
	k.info.ForcePINChange = nil
	return &ctap.Empty{}, nil
}

// compare counts attempts, and makes a new key after each wrong one.
func (k *pinKey) compare(req *ctap.ClientPINRequest, secret pinuv.Secret) error {
	switch {
	case k.retries == 0:
		return ctap.PINBlocked
	case k.misses >= 3:
		return ctap.PINAuthBlocked
	}
	hash, err := secret.Decrypt(req.PINHashEnc)
	if err == nil && bytes.Equal(hash, pinuv.HashPIN(k.pin)) {
		k.misses = 0
		return nil
	}
	k.retries--
	k.misses++
	k.regenerate()
	switch {
	case k.retries == 0:
		return ctap.PINBlocked
	case k.misses >= 3:
		return ctap.PINAuthBlocked
	}
	return ctap.PINInvalid
}

func (k *pinKey) byPIN(req *ctap.ClientPINRequest, secret pinuv.Secret) (any, error) {
	if k.pin == "" {
		return nil, ctap.PINNotSet
	}
	if err := k.compare(req, secret); err != nil {
		return nil, err
	}
	if k.stale {
		return nil, ctap.PINPolicyViolation
	}
	return k.grant(req, secret)
}

func (k *pinKey) byUV(req *ctap.ClientPINRequest, secret pinuv.Secret) (any, error) {
	switch {
	case k.uvStatus != ctap.OK:
		return nil, k.uvStatus
	case k.uvRetries == 0:
		return nil, ctap.UVBlocked
	case k.uvFails > 0:
		k.uvFails--
		k.uvRetries--
		return nil, ctap.UVInvalid
	}
	return k.grant(req, secret)
}

func (k *pinKey) grant(req *ctap.ClientPINRequest, secret pinuv.Secret) (any, error) {
	k.granted, k.rpID = ctap.PermissionMakeCredential|ctap.PermissionGetAssertion, ""
	if req.Permissions != nil {
		k.granted, k.rpID = *req.Permissions, *req.RPID
	}
	k.begun++
	k.token = bytes.Repeat([]byte{byte(k.begun)}, 32)
	encrypted, err := secret.Encrypt(rand.Reader, k.token)
	return &ctap.ClientPINResponse{PinUvAuthToken: encrypted}, err
}

// verify checks the token of a request, if it has one.
func (k *pinKey) verify(message, param []byte, protocol *uint64, rpID string, needed ctap.Permissions) (bool, error) {
	switch {
	case param == nil:
		return false, nil
	case k == nil || protocol == nil:
		return false, ctap.InvalidParameter
	case !pinuv.Protocol(*protocol).Verify(k.token, message, param),
		k.granted&needed == 0, rpID != "" && k.rpID != "" && k.rpID != rpID:
		return false, ctap.PINAuthInvalid
	}
	return true, nil
}

// consume leaves of a token what survives a ceremony.
func (k *pinKey) consume() {
	if k != nil {
		k.granted &= ctap.PermissionLargeBlobWrite
	}
}
