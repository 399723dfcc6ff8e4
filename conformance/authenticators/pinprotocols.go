package authenticators

import (
	"bytes"
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/internal/pinuv"
	"github.com/passkeylab/passkeylab/ctap"
)

// protocolCases are those that each PIN/UV auth protocol has to itself.
func protocolCases(p int) []testCase {
	name := fmt.Sprintf("clientpin/protocol-%d/", p)
	needs := func(more ...need) []need { return append([]need{protocolNumber(p)}, more...) }
	return []testCase{
		{
			ID: name + "key-shape", Spec: at("6.5.6", ""), Level: conformance.Must, Needs: needs(),
			Doc: "The key agreement key is a COSE_Key of P-256 with the members 1, 3, -1, -2, -3 alone, and algorithm -25.",
			Run: on(func(k *key) {
				a := k.send(clientPINRequest(ctap.GetKeyAgreement, pinProtocol, p))
				k.expectOK(a)
				k.canonical(a)
				m := k.mapOf(a, pinAnswerKeyAgreement)
				want := coseKey(bytesIn(m, coseX), bytesIn(m, coseY))
				if !cbor.Same(m, want) || len(bytesIn(m, coseX)) != 32 || len(bytesIn(m, coseY)) != 32 {
					k.Differ(cbor.Text(want, nil), cbor.Text(m, nil), "another key")
				}
				k.agree(p)
			}),
		},
		{
			ID: name + "set-pin", Spec: at("6.5.5.5", ""), Level: conformance.Must, Needs: needs(clientPIN),
			Doc: "A PIN can be set, and is set then.",
			Run: on(func(k *key) {
				a := k.send(k.setPINRequest(k.agree(p), pinuv.PadPIN(thePIN, pinuv.PaddedPIN)))
				k.expect(a, ctap.OK)
				k.statusAlone(a)
				if !k.freshInfo().option(ctap.OptionClientPIN) {
					k.Errorf("option clientPin is still false")
				}
			}),
		},
		{
			ID: name + "change-pin", Spec: at("6.5.5.6", ""), Level: conformance.Must, Needs: needs(clientPIN),
			Doc: "A PIN can be changed: the new one is accepted then, the old one is not.",
			Run: on(func(k *key) {
				k.setPIN(otherPIN)
				k.expect(k.send(k.changePINRequest(k.agree(p), otherPIN, pinuv.PadPIN(thePIN, pinuv.PaddedPIN))), ctap.OK)
				k.rightPIN()
				k.miss()
			}),
		},
		{
			ID: name + "token-length", Spec: at("6.5.6", ""), Level: conformance.Must, Needs: needs(anyToken),
			Doc: "A token has 32 bytes, or 16 in protocol one.",
			Run: on(func(k *key) {
				t := k.token(p, ctap.PermissionGetAssertion, k.rp)
				if n := len(t.value); n != 32 && (p != 1 || n != 16) {
					k.Differ("32 bytes", fmt.Sprintf("%d bytes", n), "a token of another length")
				}
			}),
		},
		{
			ID: name + "tokens-differ", Spec: at("6.5.5.7", ""), Level: conformance.Must, Needs: needs(anyToken),
			Doc: "Each token that is handed out is another one, and encrypted anew.",
			Run: on(func(k *key) {
				a := k.token(p, ctap.PermissionGetAssertion, k.rp)
				if b := k.token(p, ctap.PermissionGetAssertion, k.rp); bytes.Equal(a.value, b.value) {
					k.Errorf("two tokens in a row are the same")
				}
			}),
		},
		{
			ID: name + "old-token-ends", Spec: at("6.5.5.7", ""), Level: conformance.MustNot, Needs: needs(ceremonyToken), Twin: "makecredential/token/plain",
			Doc: "A token is of no use once another was handed out.",
			Run: on(func(k *key) {
				old := k.token(p, ctap.PermissionMakeCredential, k.rp)
				k.token(p, ctap.PermissionMakeCredential, k.rp)
				k.expect(k.send(old.sign(k.newCredential())), ctap.PINAuthInvalid)
			}),
		},
		{
			ID: name + "wrong-token", Spec: at("6.1.2", "11.1.1"), Level: conformance.MustNot, Needs: needs(ceremonyToken), Twin: "makecredential/token/plain",
			Doc: "A pinUvAuthParam by another key, over another message, cut short or lengthened is answered with PIN_AUTH_INVALID.",
			Run: on(func(k *key) {
				t := k.token(p, ctap.PermissionMakeCredential, k.rp)
				r := t.sign(k.newCredential())
				param := bytesIn(r.params, mcParam)
				flipped := bytes.Clone(param)
				flipped[len(flipped)-1] ^= 1
				for _, bad := range [][]byte{
					flipped, param[:len(param)-1], param[:1], append(bytes.Clone(param), 0),
					t.over(k.draw(32)), token{p, k.draw(32)}.over(bytesIn(r.params, mcClientDataHash)),
				} {
					k.expect(k.send(r.with(mcParam, bad)), ctap.PINAuthInvalid)
				}
				k.expectOK(k.send(r))
			}),
		},
		{
			ID: name + "wrong-pin", Spec: at("6.5.5.7", ""), Level: conformance.MustNot, Needs: needs(clientPIN), Twin: "clientpin/get-pin-token/plain",
			Doc: "A wrong PIN is answered with PIN_INVALID, costs one retry and has the key agreement key renewed.",
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				before := k.pinRetries()
				x, _ := k.keyAgreement(p)
				k.expect(k.send(k.tokenByPIN(k.agree(p), otherPIN, 0, "")), ctap.PINInvalid)
				k.retriesAre(before - 1)
				if again, _ := k.keyAgreement(p); bytes.Equal(x, again) {
					k.Errorf("the key agreement key is the same as before")
				}
			}),
		},
		{
			ID: name + "bad-points", Spec: at("6.5.6", ""), Level: conformance.Must, Needs: needs(clientPIN), Twin: name + "set-pin",
			Doc: "A platform's key that is no point of P-256, or lacks a coordinate, is an error, and no PIN is set by it.",
			Run: on(func(k *key) {
				s := k.agree(p)
				r := k.setPINRequest(s, pinuv.PadPIN(thePIN, pinuv.PaddedPIN))
				x, y := bytesIn(s.public, coseX), bytesIn(s.public, coseY)
				off := bytes.Clone(y)
				off[31] ^= 1
				for _, bad := range []cbor.Map{
					coseKey(x, off), coseKey(make([]byte, 32), make([]byte, 32)), coseKey(x[:31], y),
					coseKey(x, y).Without(coseY), coseKey(x, y).Without(coseX), coseKey(x, y).With(coseCrv, 2), coseKey(x, y).With(coseKty, 1),
				} {
					k.refused(k.send(r.with(pinKeyAgreement, bad)))
				}
				if k.freshInfo().option(ctap.OptionClientPIN) {
					k.Errorf("a PIN was set all the same")
				}
			}),
		},
	}
}
