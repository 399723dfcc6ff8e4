package client

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// register is makeCredential by way of U2F_REGISTER (CTAP 2.3 §10.2).
func (f *u2fFace) register(ctx context.Context, req *ctap.MakeCredentialRequest) (any, error) {
	if req.PinUvAuthParam != nil { // nobody has got any token: it is for a touch alone (§6.1.2 step 1)
		if err := f.touch(ctx); err != nil {
			return nil, err
		}
		return nil, ctap.PINNotSet
	}
	if !wantsES256(req.PubKeyCredParams) {
		return nil, ctap.Errorf(ctap.UnsupportedAlgorithm, "U2F has ES256 alone")
	}
	app := application(req.RP.ID)
	held, err := f.find(ctx, app, req.ExcludeList)
	if err != nil {
		return nil, err
	}
	if held != nil {
		if err := f.touch(ctx); err != nil {
			return nil, err
		}
		return nil, ctap.Errorf(ctap.CredentialExcluded, "key handle %x", held.ID)
	}
	made, err := untilTouched(ctx, f, &u2f.RegisterRequest{Challenge: u2f.Parameter(req.ClientDataHash), Application: app})
	if err != nil {
		return nil, err
	}
	return registered(app, made)
}

func wantsES256(params []ctap.Parameters) bool {
	return slices.Contains(params, ctap.Parameters{Type: ctap.PublicKey, Algorithm: int64(webauthn.ES256)})
}

// registered lays a registration out as CTAP2 would: the key handle is the
// credential ID, and the attestation statement has the format fido-u2f (WebAuthn
// L3 §8.6).
func registered(app u2f.Parameter, made *u2f.RegisterResponse) (*ctap.MakeCredentialResponse, error) {
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), made.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("the public key of %s: %w", u2f.InstructionRegister, err)
	}
	cose, notEncoded := webauthn.EncodeCOSEKey(webauthn.ES256, key)
	statement, notMarshalled := canon.Marshal(&webauthn.FIDOU2FStatement{X5C: [][]byte{made.Certificate}, Signature: made.Signature})
	if err := errors.Join(notEncoded, notMarshalled); err != nil {
		return nil, fmt.Errorf("the answer to %s: %w", u2f.InstructionRegister, err)
	}
	data := webauthn.AuthenticatorData{
		RPIDHash: app, Flags: webauthn.UserPresent,
		Attested: &webauthn.AttestedCredential{CredentialID: made.KeyHandle, PublicKey: cose},
	}
	return &ctap.MakeCredentialResponse{Format: webauthn.FormatFIDOU2F, AuthData: data.Marshal(), Statement: statement}, nil
}

// byBestWay returns the authenticator as it is best asked for a new credential.
// Keys of CTAP 2.0 want their PIN for each one; where the page wants nobody
// verified and a credential of U2F is as good, they are spared it. What they hold
// already they tell by CTAP2, which knows more credentials.
func (op *creation) byBestWay(ctx context.Context, a *candidate) (*candidate, error) {
	if !op.asGoodByU2F(a) || !a.makeNeedsUV(false) {
		return a, nil
	}
	held, err := op.probe(ctx, a, lookup{rpID: op.rpID}, a.plausible(op.exclude))
	if err != nil || len(held) > 0 {
		return a, err
	}
	return op.client.overU2F(a), nil
}

// asGoodByU2F reports whether the page would miss nothing if the authenticator
// were asked by U2F.
func (op *creation) asGoodByU2F(a *candidate) bool {
	asks := func(e registrationExtension) bool { return e.input != nil }
	return a.alsoU2F() && op.options.AuthenticatorSelection.UserVerification == webauthn.Discouraged &&
		!op.makesDiscoverable(a) && !op.needsDiscoverable() && wantsES256(op.algorithms) &&
		op.enterprise(a) == nil && !slices.ContainsFunc(op.extensions, asks)
}
