package authenticators

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// identifierCases are about encIdentifier and encCredStoreState (§6.4), which only
// the holder of a persistent token reads.
func identifierCases() []testCase {
	needs := func(more ...need) []need { return append([]need{readOnlyMgmt, pinToken}, more...) }
	told := func(k *key, member int) token {
		k.ensurePIN()
		t := k.token(k.protocol(), ctap.PermissionPersistentReadOnly, "")
		if !k.freshInfo().has(member) {
			k.Unsupportedf("needs member %s of getInfo", answerNames[ctap.CommandGetInfo].label(int64(member)))
		}
		return t
	}
	return []testCase{
		{
			ID: "getinfo/identifier/fresh", Spec: at("6.4", ""), Level: conformance.Must, Needs: needs(),
			Doc:     "encIdentifier is encrypted anew in each answer, so that nobody recognises the device by it.",
			Catches: []string{"info/identifier-frozen"},
			Run: on(func(k *key) {
				told(k, infoEncIdentifier)
				a, _ := k.freshInfo().value(infoEncIdentifier).([]byte)
				if b, _ := k.freshInfo().value(infoEncIdentifier).([]byte); len(a) < 16 || len(b) < 16 || bytes.Equal(a[:16], b[:16]) {
					k.Errorf("two answers in a row have the initialisation vector %x", a[:min(16, len(a))])
				}
			}),
		},
		{
			ID: "getinfo/identifier/same-device", Spec: at("6.4", ""), Level: conformance.Must, Needs: needs(power),
			Doc: "encIdentifier decrypts to the same identifier in each answer, also after a power cycle.",
			Run: on(func(k *key) {
				t := told(k, infoEncIdentifier)
				before := k.identifier(t, infoEncIdentifier, "encIdentifier")
				k.powerCycle()
				if after := k.identifier(t, infoEncIdentifier, "encIdentifier"); !bytes.Equal(before, after) {
					k.Differ(fmt.Sprintf("%x", before), fmt.Sprintf("%x", after), "another identifier")
				}
			}),
		},
		{
			ID: "getinfo/store-state/changes", Spec: at("6.4", ""), Level: conformance.Must, Needs: needs(residentKeys),
			Doc: "encCredStoreState decrypts to another state after a discoverable credential was made, and else to the same.",
			Run: on(func(k *key) {
				t := told(k, infoEncCredStoreState)
				state := func() []byte { return k.identifier(t, infoEncCredStoreState, "encCredStoreState") }
				first := state()
				if again := state(); !bytes.Equal(first, again) {
					k.Differ(fmt.Sprintf("%x", first), fmt.Sprintf("%x", again), "another state though nothing has changed")
				}
				k.make(discoverable(k.newCredential()))
				if bytes.Equal(first, state()) {
					k.Errorf("the state is the same after a discoverable credential was made")
				}
			}),
		},
		{
			ID: "getinfo/uv-count/rises", Spec: at("6.4", ""), Level: conformance.Must, Needs: []need{builtInUV, feature("member uvCountSinceLastPinEntry of getInfo", func(i *info) bool { return i.has(infoUvCount) })},
			Doc:     "uvCountSinceLastPinEntry rises with each verification by the device itself.",
			Catches: []string{"user/uv-count-frozen"},
			Run: on(func(k *key) {
				before := k.info().uint(infoUvCount, 0)
				k.created(k.ask(withOption(k.newCredential(), "uv", true)))
				if after := k.freshInfo().uint(infoUvCount, 0); after <= before {
					k.Differ(fmt.Sprintf("more than %d", before), fmt.Sprint(after), "uvCountSinceLastPinEntry does not rise")
				}
			}),
		},
		{
			ID: "getinfo/uv-count/pin-entry", Spec: at("6.4", ""), Level: conformance.Must, Needs: []need{builtInUV, clientPIN, feature("member uvCountSinceLastPinEntry of getInfo", func(i *info) bool { return i.has(infoUvCount) })},
			Doc: "uvCountSinceLastPinEntry is 0 after the PIN was entered.",
			Run: on(func(k *key) {
				k.setPIN(thePIN)
				k.created(k.ask(withOption(k.newCredential(), "uv", true)))
				k.rightPIN()
				if n := k.freshInfo().uint(infoUvCount, 0); n != 0 {
					k.Differ("0", fmt.Sprint(n), "verifications are still counted")
				}
			}),
		},
		{
			ID: "getinfo/remaining-when-full", Spec: at("6.4", ""), Level: conformance.Should, Needs: []need{residentKeys, feature("a known, small number of discoverable credentials", func(i *info) bool {
				return i.has(infoRemaining) && i.uint(infoRemaining, 0) <= 100
			})}, Twin: "makecredential/store-full",
			Doc:     "remainingDiscoverableCredentials is 0 where another discoverable credential is refused for want of room.",
			Catches: []string{"info/remaining-frozen"},
			Run: on(func(k *key) {
				for range k.info().uint(infoRemaining, 0) + 400 {
					a := k.send(k.authorise(discoverable(k.newCredential())))
					if a.status == ctap.KeyStoreFull {
						break
					}
					k.expectOK(a)
				}
				if n := k.freshInfo().uint(infoRemaining, 0); n != 0 {
					k.Differ("0", fmt.Sprint(n), "there is said to be room")
				}
			}),
		},
	}
}

// identifier decrypts what getInfo tells the holder of a persistent token.
func (k *key) identifier(t token, member int, purpose string) []byte {
	sealed, _ := k.freshInfo().value(member).([]byte)
	if len(sealed) != 32 {
		k.Fatalf("%s has %d bytes, want 32", purpose, len(sealed))
	}
	secret, err := hkdf.Key(sha256.New, t.value, make([]byte, 32), purpose, 16)
	if err != nil {
		k.Brokenf("deriving the key of %s: %v", purpose, err)
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		k.Brokenf("%v", err)
	}
	plain := make([]byte, 16)
	cipher.NewCBCDecrypter(block, sealed[:16]).CryptBlocks(plain, sealed[16:])
	return plain
}
