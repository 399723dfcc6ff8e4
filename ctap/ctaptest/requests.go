package ctaptest

import (
	"bytes"
	"crypto/elliptic"
	"maps"

	"github.com/passkeylab/passkeylab/ctap"
)

// Requests returns a request of every command and every subcommand by its name in
// the specification: "makeCredential", "clientPIN-setPIN". They are the caller's.
func Requests() map[string]ctap.Request {
	all := map[string]ctap.Request{
		"makeCredential": makeCredential(), "getAssertion": getAssertion(),
		"getNextAssertion": &ctap.GetNextAssertionRequest{}, "getInfo": &ctap.GetInfoRequest{},
		"selection": &ctap.SelectionRequest{}, "reset": &ctap.ResetRequest{},
		"largeBlobs-get": &ctap.LargeBlobsRequest{Get: number(960), Offset: number(0)},
		"largeBlobs-set": &ctap.LargeBlobsRequest{
			Set: append([]byte{0x80}, fill(16)...), Offset: number(0), Length: number(17), PinUvAuthParam: fill(32), PinUvAuthProtocol: number(2),
		},
	}
	maps.Copy(all, clientPIN())
	maps.Copy(all, bioEnrollment())
	maps.Copy(all, credentialManagement())
	maps.Copy(all, config())
	return all
}

func makeCredential() *ctap.MakeCredentialRequest {
	return &ctap.MakeCredentialRequest{
		ClientDataHash:   fill(32),
		RP:               ctap.RPEntity{ID: "example.com", Name: "Example"},
		User:             ctap.UserEntity{ID: []byte("handle-alice"), Name: "alice@example.com", DisplayName: "Alice"},
		PubKeyCredParams: []ctap.Parameters{{Algorithm: -7, Type: ctap.PublicKey}, {Algorithm: -257, Type: ctap.PublicKey}},
		ExcludeList:      []ctap.Descriptor{{ID: fill(64), Type: ctap.PublicKey, Transports: []string{"usb"}}},
		Extensions:       ctap.Extensions{ctap.ExtensionCredProtect: {0x02}, ctap.ExtensionHMACSecret: {0xf5}},
		Options:          &ctap.Options{RK: new(true), UV: new(true)},
	}
}

func getAssertion() *ctap.GetAssertionRequest {
	return &ctap.GetAssertionRequest{
		RPID: "example.com", ClientDataHash: fill(32),
		AllowList:  []ctap.Descriptor{{ID: fill(64), Type: ctap.PublicKey}},
		Extensions: ctap.Extensions{ctap.ExtensionCredBlob: {0xf5}},
		Options:    &ctap.Options{UP: new(true), UV: new(true)},
	}
}

func clientPIN() map[string]ctap.Request {
	ask := func(sub ctap.SubCommand) *ctap.ClientPINRequest { return &ctap.ClientPINRequest{SubCommand: sub} }
	secret := func(sub ctap.SubCommand) *ctap.ClientPINRequest {
		return &ctap.ClientPINRequest{SubCommand: sub, PinUvAuthProtocol: number(1), KeyAgreement: agreement()}
	}
	protocol := ask(ctap.GetKeyAgreement)
	protocol.PinUvAuthProtocol = number(1)
	set, change := secret(ctap.SetPIN), secret(ctap.ChangePIN)
	set.NewPINEnc, set.PinUvAuthParam = fill(64), fill(16)
	change.NewPINEnc, change.PINHashEnc, change.PinUvAuthParam = fill(64), fill(16), fill(16)
	token, byUV, byPIN := secret(ctap.GetPINToken), secret(ctap.GetPinUvAuthTokenUsingUvWithPermissions), secret(ctap.GetPinUvAuthTokenUsingPinWithPermissions)
	token.PINHashEnc, byPIN.PINHashEnc = fill(16), fill(16)
	for _, req := range []*ctap.ClientPINRequest{byUV, byPIN} {
		permissions, rpID := ctap.PermissionMakeCredential|ctap.PermissionGetAssertion, "example.com"
		req.Permissions, req.RPID = &permissions, &rpID
	}
	return map[string]ctap.Request{
		"clientPIN-getPINRetries": ask(ctap.GetPINRetries), "clientPIN-getUVRetries": ask(ctap.GetUVRetries),
		"clientPIN-getKeyAgreement": protocol, "clientPIN-setPIN": set, "clientPIN-changePIN": change, "clientPIN-getPinToken": token,
		"clientPIN-getPinUvAuthTokenUsingUvWithPermissions": byUV, "clientPIN-getPinUvAuthTokenUsingPinWithPermissions": byPIN,
	}
}

// fill is n bytes that are no zeros.
func fill(n int) []byte { return bytes.Repeat([]byte{0xa5}, n) }

func number(n uint64) *uint64 { return &n }

// agreement is a key of a platform, and a point on P-256.
func agreement() *ctap.KeyAgreement {
	base := elliptic.P256().Params()
	return &ctap.KeyAgreement{KeyType: 2, Algorithm: -25, Curve: 1, X: base.Gx.FillBytes(make([]byte, 32)), Y: base.Gy.FillBytes(make([]byte, 32))}
}
