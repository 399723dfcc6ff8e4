package authenticators

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/internal/pinuv"
	"github.com/passkeylab/passkeylab/ctap"
)

// clientPINCases are those of authenticatorClientPIN (§6.5).
func clientPINCases() []testCase {
	all := slices.Concat(clientPINCommon, setPINCases(), changePINCases(), pinRetryCases)
	for _, p := range []int{1, 2} {
		all = append(all, protocolCases(p)...)
	}
	return all
}

// Deeds with the PIN that the case has set.

// tryPIN asks for a token by a PIN, with a key agreement of its own.
func (k *key) tryPIN(pin string) answer {
	return k.send(k.tokenByPIN(k.agree(k.protocol()), pin, 0, ""))
}

// rightPIN ends the case unless the PIN is accepted.
func (k *key) rightPIN() { k.expectOK(k.tryPIN(thePIN)) }

// miss enters a wrong PIN once.
func (k *key) miss() { k.expect(k.tryPIN(otherPIN), ctap.PINInvalid) }

func (k *key) retriesAre(want uint64) {
	if got := k.pinRetries(); got != want {
		k.Differ(fmt.Sprint(want), fmt.Sprint(got), "pinRetries is another number")
	}
}

// blockPIN enters wrong PINs until only a reset helps.
func (k *key) blockPIN() {
	for left := k.pinRetries(); left > 0; left = k.pinRetries() {
		a := k.tryPIN(otherPIN)
		k.expect(a, ctap.PINInvalid, ctap.PINAuthBlocked, ctap.PINBlocked)
		if a.status == ctap.PINAuthBlocked {
			k.powerCycle()
		}
	}
}

// tokenWorks ends the case unless a token serves a new credential.
func (k *key) tokenWorks(t token) { k.expectOK(k.send(t.sign(k.newCredential()))) }

var clientPINCommon = []testCase{
	{
		ID: "clientpin/retries/plain", Spec: at("6.5.5.2", ""), Level: conformance.Must, Needs: []need{clientPIN},
		Doc: "getPINRetries needs no protocol, and tells 1 to 8 retries.",
		Run: on(func(k *key) {
			if n := k.pinRetries(); n < 1 || n > 8 {
				k.Differ("1 to 8", fmt.Sprint(n), "a number of retries that cannot be")
			}
		}),
	},
	{
		ID: "clientpin/uv-retries/plain", Spec: at("6.5.5.3", ""), Level: conformance.Must, Needs: []need{builtInUV, pinUvAuthToken},
		Doc: "getUVRetries tells 1 to 25 retries.",
		Run: on(func(k *key) {
			a := k.send(clientPINRequest(ctap.GetUVRetries))
			k.expectOK(a)
			if n := k.uintOf(a, pinAnswerUVRetries); n < 1 || n > 25 {
				k.Differ("1 to 25", fmt.Sprint(n), "a number of retries that cannot be")
			}
		}),
	},
	{
		ID: "clientpin/unknown-subcommand", Spec: at("8.1", ""), Level: conformance.Must, Needs: []need{keyAgreement, atLeast21}, Twin: "clientpin/key-agreement/one-key",
		Doc:     "A subcommand that there is not is answered with INVALID_SUBCOMMAND.",
		Catches: []string{"status/invalid-subcommand"},
		Run: on(func(k *key) {
			for _, sub := range []int{0x08, 0x0A, 0x7F} {
				k.expect(k.send(clientPINRequest(ctap.SubCommand(sub), pinProtocol, k.protocol())), ctap.InvalidSubcommand)
			}
		}),
	},
	{
		ID: "clientpin/key-agreement/one-key", Spec: at("6.5.5.4", ""), Level: conformance.Must, Needs: []need{keyAgreement},
		Doc:     "getKeyAgreement does not change the key.",
		Catches: []string{"pin/key-agreement-missing"},
		Run: on(func(k *key) {
			x, y := k.keyAgreement(k.protocol())
			if x2, y2 := k.keyAgreement(k.protocol()); !bytes.Equal(x, x2) || !bytes.Equal(y, y2) {
				k.Errorf("two answers in a row hold different keys")
			}
		}),
	},
	{
		ID: "clientpin/key-agreement/unsupported-protocol", Spec: at("6.5.5.4", ""), Level: conformance.Must, Needs: []need{keyAgreement}, Twin: "clientpin/key-agreement/one-key",
		Doc: "A protocol that the device does not have is answered with INVALID_PARAMETER.",
		Run: on(func(k *key) {
			for _, p := range []int{0, 3, 99} {
				k.expect(k.send(clientPINRequest(ctap.GetKeyAgreement, pinProtocol, p)), ctap.InvalidParameter)
			}
		}),
	},
	{
		ID: "clientpin/key-agreement/new-after-power-cycle", Spec: at("6.5.4", ""), Level: conformance.Must, Needs: []need{keyAgreement, power}, Twin: "clientpin/key-agreement/one-key",
		Doc:     "After a power cycle the key is another one.",
		Catches: []string{"pin/key-agreement-frozen"},
		Run: on(func(k *key) {
			x, _ := k.keyAgreement(k.protocol())
			k.powerCycle()
			if again, _ := k.keyAgreement(k.protocol()); bytes.Equal(x, again) {
				k.Errorf("the key is the same after a power cycle")
			}
		}),
	},
	{
		ID: "clientpin/key-agreement/key-per-protocol", Spec: at("6.5.4", ""), Level: conformance.Must, Needs: []need{protocolNumber(1), protocolNumber(2)}, Twin: "clientpin/key-agreement/one-key",
		Doc: "Each protocol has a key of its own.",
		Run: on(func(k *key) {
			one, _ := k.keyAgreement(1)
			if two, _ := k.keyAgreement(2); bytes.Equal(one, two) {
				k.Errorf("both protocols have the same key")
			}
		}),
	},
}

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

// setPINCases are those of setPIN (§6.5.5.5).
func setPINCases() []testCase {
	const plain = "clientpin/set-pin/plain"
	padded := func(pin string) []byte { return pinuv.PadPIN(pin, pinuv.PaddedPIN) }
	set := func(k *key, bytes []byte) answer { return k.send(k.setPINRequest(k.agree(k.protocol()), bytes)) }
	return []testCase{
		{
			ID: plain, Spec: at("6.5.5.5", "12"), Level: conformance.Must, Needs: []need{clientPIN},
			Doc: "A PIN that was set is accepted.",
			Run: on(func(k *key) {
				k.expect(set(k, padded(thePIN)), ctap.OK)
				k.rightPIN()
			}),
		},
		{
			ID: "clientpin/set-pin/set-already", Spec: at("6.5.5.5", "3"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc:     "Where a PIN is set already the answer is PIN_AUTH_INVALID, and that PIN stays.",
			Catches: []string{"pin/set-again"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				k.expect(set(k, padded(otherPIN)), ctap.PINAuthInvalid)
				k.rightPIN()
			}),
		},
		{
			ID: "clientpin/set-pin/wrong-param", Spec: at("6.5.5.5", "5"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc:     "A pinUvAuthParam that does not verify is answered with PIN_AUTH_INVALID, and no PIN is set.",
			Catches: []string{"pin/mac-unchecked"},
			Run: on(func(k *key) {
				r := k.setPINRequest(k.agree(k.protocol()), padded(thePIN))
				k.expect(k.send(r.with(pinParam, k.draw(len(bytesIn(r.params, pinParam))))), ctap.PINAuthInvalid)
				if k.freshInfo().option(ctap.OptionClientPIN) {
					k.Errorf("a PIN was set all the same")
				}
			}),
		},
		{
			ID: "clientpin/set-pin/not-64-bytes", Spec: at("6.5.5.5", "7"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc:     "A new PIN that was not padded to 64 bytes is answered with INVALID_PARAMETER.",
			Catches: []string{"pin/unpadded"},
			Run: on(func(k *key) {
				for _, n := range []int{16, 48, 80, 128} {
					k.expect(set(k, pinuv.PadPIN(thePIN, n)), ctap.InvalidParameter)
				}
			}),
		},
		{
			ID: "clientpin/set-pin/too-short", Spec: at("6.5.5.5", "9"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc:     "A PIN of fewer than minPINLength code points is answered with PIN_POLICY_VIOLATION.",
			Catches: []string{"pin/short-pin", "status/pin-policy"},
			Run: on(func(k *key) {
				least := int(k.info().uint(infoMinPINLength, leastMinPINLength))
				for _, pin := range []string{"", "2", strings.Repeat("7", least-1), strings.Repeat("𝟠", min(least-1, 15))} {
					k.expect(set(k, padded(pin)), ctap.PINPolicyViolation)
				}
			}),
		},
		{
			ID: "clientpin/set-pin/shortest", Spec: at("6.5.5.5", "9"), Level: conformance.Must, Needs: []need{clientPIN},
			Doc: "A PIN of minPINLength code points, counted as such and not as bytes, is accepted.",
			Run: on(func(k *key) {
				least := int(k.info().uint(infoMinPINLength, leastMinPINLength))
				pin := []rune("ä𝟠x2ü5p8qwertzuiopasdfghjklmnbvcxy0123456789ABCDEFGHIJKLMNOPQRST")[:least]
				k.setPIN(string(pin))
				k.expectOK(k.tryPIN(string(pin)))
			}),
		},
		{
			ID: "clientpin/set-pin/longest", Spec: at("6.5.1", ""), Level: conformance.Must, Needs: []need{clientPIN},
			Doc: "A PIN of 63 bytes, or of maxPINLength code points if that is less, is accepted.",
			Run: on(func(k *key) {
				pin := strings.Repeat("2a5b8c0-", 8)[:min(63, k.info().uint(infoMaxPINLength, defaultMaxPINLength))]
				k.setPIN(pin)
				k.expectOK(k.tryPIN(pin))
			}),
		},
		{
			ID: "clientpin/set-pin/no-padding", Spec: at("6.5.5.5", "8"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: "clientpin/set-pin/longest",
			Doc: "A PIN of 64 bytes, which leaves no padding, is an error.",
			Run: on(func(k *key) { k.refused(set(k, []byte(strings.Repeat("2a5b8c0-", 8)))) }),
		},
		{
			ID: "clientpin/set-pin/kept", Spec: at("6.5.5.5", "12"), Level: conformance.Must, Needs: []need{clientPIN, power},
			Doc: "A PIN is still set after a power cycle.",
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				k.powerCycle()
				k.rightPIN()
			}),
		},
	}
}

// changePINCases are those of changePIN (§6.5.5.6).
func changePINCases() []testCase {
	const plain = "clientpin/change-pin/plain"
	change := func(k *key, before string, padded []byte) answer {
		return k.send(k.changePINRequest(k.agree(k.protocol()), before, padded))
	}
	padded := func(pin string) []byte { return pinuv.PadPIN(pin, pinuv.PaddedPIN) }
	return []testCase{
		{
			ID: plain, Spec: at("6.5.5.6", ""), Level: conformance.Must, Needs: []need{clientPIN},
			Doc: "A PIN can be changed by who knows it.",
			Run: on(func(k *key) {
				k.setPIN(otherPIN)
				a := change(k, otherPIN, padded(thePIN))
				k.expect(a, ctap.OK)
				k.statusAlone(a)
				k.rightPIN()
			}),
		},
		{
			ID: "clientpin/change-pin/wrong-pin", Spec: at("6.5.5.6", "7"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc: "A wrong PIN is answered with PIN_INVALID, costs one retry, and the PIN stays.",
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				before := k.pinRetries()
				k.expect(change(k, otherPIN, padded("3690-other")), ctap.PINInvalid)
				k.retriesAre(before - 1)
				k.rightPIN()
			}),
		},
		{
			ID: "clientpin/change-pin/wrong-param", Spec: at("6.5.5.6", "5"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc:     "A pinUvAuthParam that does not verify is answered with PIN_AUTH_INVALID, and costs no retry.",
			Catches: []string{"pin/mac-unchecked"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				before := k.pinRetries()
				r := k.changePINRequest(k.agree(k.protocol()), thePIN, padded(otherPIN))
				k.expect(k.send(r.with(pinParam, k.draw(len(bytesIn(r.params, pinParam))))), ctap.PINAuthInvalid)
				k.retriesAre(before)
				k.rightPIN()
			}),
		},
		{
			ID: "clientpin/change-pin/param-over-new-pin-alone", Spec: at("6.5.5.6", "5"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc:     "A pinUvAuthParam over newPinEnc without pinHashEnc does not verify.",
			Catches: []string{"pin/mac-unchecked"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				s := k.agree(k.protocol())
				r := k.changePINRequest(s, thePIN, padded(otherPIN))
				k.expect(k.send(r.with(pinParam, s.Authenticate(bytesIn(r.params, pinNewPinEnc)))), ctap.PINAuthInvalid)
			}),
		},
		{
			ID: "clientpin/change-pin/not-64-bytes", Spec: at("6.5.5.6", "10"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc:     "A new PIN that was not padded to 64 bytes is answered with INVALID_PARAMETER, and the PIN stays.",
			Catches: []string{"pin/unpadded"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				k.expect(change(k, thePIN, pinuv.PadPIN(otherPIN, 48)), ctap.InvalidParameter)
				k.rightPIN()
			}),
		},
		{
			ID: "clientpin/change-pin/too-short", Spec: at("6.5.5.6", "12"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc:     "A new PIN of fewer than minPINLength code points is answered with PIN_POLICY_VIOLATION, and the PIN stays.",
			Catches: []string{"pin/short-pin"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				k.expect(change(k, thePIN, padded("258")), ctap.PINPolicyViolation)
				k.rightPIN()
			}),
		},
		{
			ID: "clientpin/change-pin/not-set", Spec: at("6.5.5.6", ""), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc: "Where no PIN is set there is none to change.",
			Run: on(func(k *key) { k.refused(change(k, thePIN, padded(otherPIN))) }),
		},
		{
			ID: "clientpin/change-pin/ends-tokens", Spec: at("6.5.5.6", "19"), Level: conformance.Must, Needs: []need{clientPIN, pinForKeys}, Twin: plain,
			Doc:     "A token from before the change is of no use after it.",
			Catches: []string{"token/survives-pin-change"},
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				t := k.token(k.protocol(), ctap.PermissionMakeCredential, k.rp)
				k.expect(change(k, thePIN, padded(otherPIN)), ctap.OK)
				k.expect(k.send(t.sign(k.newCredential())), ctap.PINAuthInvalid)
			}),
		},
		{
			ID: "clientpin/change-pin/ends-persistent-token", Spec: at("6.5.2.2", ""), Level: conformance.Must, Needs: []need{clientPIN, readOnlyMgmt}, Twin: plain,
			Doc: "A persistent token from before the change is of no use after it.",
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				t := k.token(k.protocol(), ctap.PermissionPersistentReadOnly, "")
				k.expectOK(k.send(k.manage(t, ctap.GetCredsMetadata, nil)))
				k.expect(change(k, thePIN, padded(otherPIN)), ctap.OK)
				k.expect(k.send(k.manage(t, ctap.GetCredsMetadata, nil)), ctap.PINAuthInvalid)
			}),
		},
		{
			ID: "clientpin/change-pin/restores-retries", Spec: at("6.5.5.6", "8"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: plain,
			Doc:     "The right PIN brings all retries back.",
			Catches: []string{"pin/any-pin", "pin/right-pin-keeps-misses"},
			Run: on(func(k *key) {
				all := k.pinRetries()
				k.setPIN(thePIN)
				k.miss()
				k.expect(change(k, thePIN, padded(otherPIN)), ctap.OK)
				k.retriesAre(all)
			}),
		},
	}
}

// pinRetryCases are about wrong PINs (§6.5.2.3).
var pinRetryCases = []testCase{
	{
		ID: "clientpin/get-pin-token/plain", Spec: at("6.5.5.7.1", ""), Level: conformance.Must, Needs: []need{clientPIN},
		Doc: "The right PIN is worth a token.",
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			k.rightPIN()
		}),
	},
	{
		ID: "clientpin/get-pin-token/permissions-refused", Spec: at("6.5.5.7.1", "3"), Level: conformance.Must, Needs: []need{clientPIN, atLeast21}, Twin: "clientpin/get-pin-token/plain",
		Doc: "getPinToken with permissions or an RP ID is answered with INVALID_PARAMETER.",
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			r := k.tokenByPIN(k.agree(k.protocol()), thePIN, 0, "")
			k.expect(k.send(r.with(pinPermissions, 1)), ctap.InvalidParameter)
			k.expect(k.send(r.with(pinRPID, k.rp)), ctap.InvalidParameter)
		}),
	},
	{
		ID: "clientpin/get-pin-token/not-set", Spec: at("6.5.5.7.1", ""), Level: conformance.Must, Needs: []need{clientPIN}, Twin: "clientpin/get-pin-token/plain",
		Doc: "Where no PIN is set no PIN is worth a token.",
		Run: on(func(k *key) { k.refused(k.tryPIN(thePIN)) }),
	},
	{
		ID: "clientpin/retries/restored", Spec: at("6.5.2.3", "2"), Level: conformance.Must, Needs: []need{clientPIN},
		Doc:     "The right PIN brings all retries back.",
		Catches: []string{"pin/misses-counted-twice", "pin/retries-frozen", "pin/right-pin-keeps-misses"},
		Run: on(func(k *key) {
			all := k.pinRetries()
			k.setPIN(thePIN)
			k.miss()
			k.miss()
			k.retriesAre(all - 2)
			k.rightPIN()
			k.retriesAre(all)
		}),
	},
	{
		ID: "clientpin/retries/kept", Spec: at("6.5.2.3", "1"), Level: conformance.Must, Needs: []need{clientPIN, power},
		Doc: "Retries that were spent are still spent after a power cycle.",
		Catches: []string{
			"pin/misses-counted-twice", "pin/misses-in-memory", "pin/misses-not-counted", "pin/retries-frozen",
			"store/forgets-without-power",
		},
		Run: on(func(k *key) {
			all := k.pinRetries()
			k.setPIN(thePIN)
			k.miss()
			k.powerCycle()
			k.retriesAre(all - 1)
		}),
	},
	{
		ID: "clientpin/retries/three-misses", Spec: at("6.5.2.3", "3"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: "clientpin/get-pin-token/plain",
		Doc: "The third wrong PIN in a row is answered with PIN_AUTH_BLOCKED; then the right one is refused too, and no retry is spent.",
		Catches: []string{
			"pin/misses-counted-twice", "pin/misses-not-counted", "pin/no-power-cycle-limit", "pin/status-of-third-miss",
			"status/pin-auth-blocked",
		},
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			all := k.pinRetries()
			k.miss()
			k.miss()
			k.expect(k.tryPIN(otherPIN), ctap.PINAuthBlocked)
			k.expect(k.tryPIN(thePIN), ctap.PINAuthBlocked)
			k.retriesAre(all - 3)
		}),
	},
	{
		ID: "clientpin/retries/power-cycle-unblocks", Spec: at("6.5.2.3", "3"), Level: conformance.Must, Needs: []need{clientPIN, power}, Twin: "clientpin/retries/three-misses",
		Doc:     "A power cycle lets PINs be entered again after three misses in a row.",
		Catches: []string{"pin/no-power-cycle-limit", "store/forgets-without-power"},
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			k.miss()
			k.miss()
			k.expect(k.tryPIN(otherPIN), ctap.PINAuthBlocked)
			k.powerCycle()
			k.rightPIN()
		}),
	},
	{
		ID: "clientpin/retries/power-cycle-state", Spec: at("6.5.5.2", ""), Level: conformance.Must, Needs: []need{clientPIN, power}, Twin: "clientpin/retries/three-misses",
		Doc:     "powerCycleState, where it is told, is true exactly while a power cycle is needed.",
		Catches: []string{"pin/status-of-third-miss"},
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			state := func() any {
				a := k.send(clientPINRequest(ctap.GetPINRetries))
				k.expectOK(a)
				v, _ := a.members.Get(pinAnswerPowerCycle)
				return v
			}
			if state() == any(true) {
				k.Errorf("a power cycle is needed already")
			}
			k.miss()
			k.miss()
			k.expect(k.tryPIN(otherPIN), ctap.PINAuthBlocked)
			if state() == any(false) {
				k.Errorf("no power cycle is needed after three misses")
			}
			k.powerCycle()
			if state() == any(true) {
				k.Errorf("a power cycle is needed after one")
			}
		}),
	},
	{
		ID: "clientpin/retries/power-cycle-state-told", Spec: at("6.5.5.2", ""), Level: conformance.May, Needs: []need{clientPIN}, Twin: "clientpin/retries/three-misses",
		Doc:     "That a power cycle is needed is told after three misses in a row.",
		Catches: []string{"pin/power-cycle-untold"},
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			k.miss()
			k.miss()
			k.expect(k.tryPIN(otherPIN), ctap.PINAuthBlocked)
			a := k.send(clientPINRequest(ctap.GetPINRetries))
			k.expectOK(a)
			if state := k.member(a, pinAnswerPowerCycle); state != any(true) {
				k.Differ("true", cbor.Text(state, nil), "powerCycleState is another one")
			}
		}),
	},
	{
		ID: "clientpin/retries/blocked", Spec: at("6.5.2.3", "4"), Level: conformance.Must, Needs: []need{clientPIN, power}, Twin: "clientpin/retries/power-cycle-unblocks",
		Doc: "When no retry is left the right PIN is answered with PIN_BLOCKED, and a power cycle does not help.",
		Catches: []string{
			"pin/misses-in-memory", "pin/misses-not-counted", "pin/never-blocks", "pin/retries-frozen",
			"status/pin-auth-blocked", "status/pin-blocked", "store/forgets-without-power",
		},
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			k.blockPIN()
			k.powerCycle()
			k.expect(k.tryPIN(thePIN), ctap.PINBlocked)
			k.expect(k.send(k.changePINRequest(k.agree(k.protocol()), thePIN, pinuv.PadPIN(otherPIN, pinuv.PaddedPIN))), ctap.PINBlocked)
			k.retriesAre(0)
		}),
	},
	{
		ID: "clientpin/retries/counted-by-change", Spec: at("6.5.5.6", "7"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: "clientpin/retries/three-misses",
		Doc:     "Wrong PINs count the same whether a token is asked for or the PIN is to be changed.",
		Catches: []string{"pin/change-refused", "pin/status-of-third-miss"},
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			k.miss()
			k.miss()
			k.expect(k.send(k.changePINRequest(k.agree(k.protocol()), otherPIN, pinuv.PadPIN("3690-new", pinuv.PaddedPIN))), ctap.PINAuthBlocked)
		}),
	},
	{
		ID: "clientpin/retries/stale-key-agreement", Spec: at("6.5.2.3", "5"), Level: conformance.Must, Needs: []need{clientPIN}, Twin: "clientpin/get-pin-token/plain",
		Doc: "After a wrong PIN what was agreed on before it is of no use, even with the right PIN.",
		Run: on(func(k *key) {
			k.setPIN(thePIN)
			s := k.agree(k.protocol())
			k.expect(k.send(k.tokenByPIN(s, otherPIN, 0, "")), ctap.PINInvalid)
			k.refused(k.send(k.tokenByPIN(s, thePIN, 0, "")))
		}),
	},
}
