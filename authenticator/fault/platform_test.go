package fault_test

import (
	"bytes"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/internal/seed"
)

// What a platform does with a PIN. Nothing that a device says fails a test: what
// cannot go on says why.

const pin = "271828"

// agree fetches the device's key and agrees on a secret.
func (w *world) agree(p pinuv.Protocol) (*ctap.KeyAgreement, pinuv.Secret, error) {
	status, body := w.send(&ctap.ClientPINRequest{SubCommand: ctap.GetKeyAgreement, PinUvAuthProtocol: ptr(uint64(p))})
	if status != "CTAP1_ERR_SUCCESS" {
		return nil, pinuv.Secret{}, fmt.Errorf("getKeyAgreement: %s", status)
	}
	var peer ctap.KeyAgreement
	if err := cbor.Unmarshal(members(body)[1], &peer); err != nil {
		return nil, pinuv.Secret{}, err
	}
	return pinuv.Encapsulate(seed.Stream(1, "platform"), p, &peer)
}

func encrypt(shared pinuv.Secret, plain []byte) []byte {
	out, err := shared.Encrypt(seed.Stream(2, "platform"), plain)
	if err != nil {
		return nil
	}
	return out
}

func padded(pin string, size int) []byte { return append([]byte(pin), make([]byte, size-len(pin))...) }

// setPIN sets a PIN in a field of so many bytes, 64 for the usual.
func (w *world) setPIN(pin string, size int) string {
	key, shared, err := w.agree(pinuv.Two)
	if err != nil {
		return err.Error()
	}
	enc := encrypt(shared, padded(pin, size))
	status, _ := w.send(&ctap.ClientPINRequest{
		SubCommand: ctap.SetPIN, PinUvAuthProtocol: ptr(uint64(pinuv.Two)), KeyAgreement: key, NewPINEnc: enc, PinUvAuthParam: shared.Authenticate(enc),
	})
	return status
}

func (w *world) changePIN(from, to string, spoil ...func(*ctap.ClientPINRequest)) string {
	key, shared, err := w.agree(pinuv.Two)
	if err != nil {
		return err.Error()
	}
	enc, hash := encrypt(shared, padded(to, 64)), encrypt(shared, pinuv.HashPIN(from))
	req := &ctap.ClientPINRequest{
		SubCommand: ctap.ChangePIN, PinUvAuthProtocol: ptr(uint64(pinuv.Two)), KeyAgreement: key,
		NewPINEnc: enc, PINHashEnc: hash, PinUvAuthParam: shared.Authenticate(bytes.Join([][]byte{enc, hash}, nil)),
	}
	for _, s := range spoil {
		s(req)
	}
	status, _ := w.send(req)
	return status
}

// token asks for one by PIN.
func (w *world) token(pin string, permissions ctap.Permissions, rpID string) (token []byte, status string) {
	key, shared, err := w.agree(pinuv.Two)
	if err != nil {
		return nil, err.Error()
	}
	req := &ctap.ClientPINRequest{
		SubCommand: ctap.GetPinUvAuthTokenUsingPinWithPermissions, PinUvAuthProtocol: ptr(uint64(pinuv.Two)), KeyAgreement: key,
		PINHashEnc: encrypt(shared, pinuv.HashPIN(pin)), Permissions: &permissions,
	}
	if rpID != "" {
		req.RPID = &rpID
	}
	status, body := w.send(req)
	if status == "CTAP1_ERR_SUCCESS" {
		if token, err = shared.Decrypt(bytesOf(members(body)[2])); err != nil {
			return nil, err.Error()
		}
	}
	return token, status
}

// granted is a token that the device should give.
func (w *world) granted(permissions ctap.Permissions, rpID string) []byte {
	token, _ := w.token(pin, permissions, rpID)
	return token
}

func by(token []byte) func(*ctap.MakeCredentialRequest) {
	return func(r *ctap.MakeCredentialRequest) {
		r.Options = &ctap.Options{RK: ptr(true)}
		r.PinUvAuthParam, r.PinUvAuthProtocol = pinuv.Two.Authenticate(token, r.ClientDataHash), ptr(uint64(pinuv.Two))
	}
}

func asserting(token []byte) func(*ctap.GetAssertionRequest) {
	return func(r *ctap.GetAssertionRequest) {
		r.Options = nil
		r.PinUvAuthParam, r.PinUvAuthProtocol = pinuv.Two.Authenticate(token, r.ClientDataHash), ptr(uint64(pinuv.Two))
	}
}

// managing is a request of credentialManagement with a token.
func managing(token []byte, sub ctap.SubCommand, params *ctap.CredentialManagementParams) *ctap.CredentialManagementRequest {
	req := &ctap.CredentialManagementRequest{SubCommand: sub, PinUvAuthProtocol: ptr(uint64(pinuv.Two))}
	if params != nil {
		var err error
		if req.SubCommandParams, err = ctap.NewParams(*params); err != nil {
			panic(err) // of the test itself
		}
	}
	req.PinUvAuthParam = pinuv.Two.Authenticate(token, pinuv.CredentialManagementMessage(sub, req.SubCommandParams.Bytes()))
	return req
}

func configuring(token []byte, sub ctap.SubCommand, params any) *ctap.ConfigRequest {
	req := &ctap.ConfigRequest{SubCommand: sub}
	if params != nil {
		raw, err := canon.Marshal(params)
		if err != nil {
			panic(err) // of the test itself
		}
		req.SubCommandParams = raw
	}
	if token != nil {
		req.PinUvAuthProtocol = ptr(uint64(pinuv.Two))
		req.PinUvAuthParam = pinuv.Two.Authenticate(token, pinuv.ConfigMessage(sub, req.SubCommandParams))
	}
	return req
}

func writing(token, fragment []byte, offset int, length *uint64) *ctap.LargeBlobsRequest {
	req := &ctap.LargeBlobsRequest{Set: fragment, Offset: ptr(uint64(offset)), Length: length}
	if token != nil {
		req.PinUvAuthProtocol = ptr(uint64(pinuv.Two))
		req.PinUvAuthParam = pinuv.Two.Authenticate(token, pinuv.LargeBlobMessage(uint64(offset), fragment))
	}
	return req
}
