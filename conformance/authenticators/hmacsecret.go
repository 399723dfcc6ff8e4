package authenticators

import (
	"bytes"
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// Members of the input of hmac-secret (§12.7).
const (
	hmacKeyAgreement = iota + 1
	hmacSaltEnc
	hmacSaltAuth
	hmacProtocol
)

// salted is the input of hmac-secret for salts of 32 bytes each, one after the
// other.
func salted(s agreement, salts []byte) cbor.Map {
	sealed := s.Encrypt(salts)
	m := cbor.Map{{Key: hmacKeyAgreement, Value: s.public}, {Key: hmacSaltEnc, Value: sealed}, {Key: hmacSaltAuth, Value: s.Authenticate(sealed)}}
	if s.Protocol != 1 {
		m = append(m, cbor.Pair{Key: hmacProtocol, Value: s.Protocol})
	}
	return m
}

// secrets asks a credential for the secrets of salts, and decrypts them.
func (k *key) secrets(protocol int, r request, salts []byte) []byte {
	s := k.agree(protocol)
	got := k.asserted(k.send(extending(r, ctap.ExtensionHMACSecret, salted(s, salts))))
	return k.openSecrets(s, got.data, ctap.ExtensionHMACSecret, len(salts))
}

func (k *key) openSecrets(s agreement, data *authData, id string, length int) []byte {
	out, _ := data.output(id)
	sealed, ok := out.([]byte)
	if !ok {
		k.Fatalf("%s put out %s, want a byte string", id, brief(out))
	}
	plain, err := s.Decrypt(sealed)
	if err != nil || len(plain) != length {
		k.Fatalf("the output of %s holds %d bytes, want %d: %v", id, len(plain), length, err)
	}
	return plain
}

// hmacSecretCases are those of hmac-secret (§12.7) and hmac-secret-mc (§12.8).
func hmacSecretCases() []testCase {
	needs := func(more ...need) []need { return append([]need{extension(ctap.ExtensionHMACSecret)}, more...) }
	all := []testCase{
		{
			ID: "hmacsecret/output", Spec: at("12.7", ""), Level: conformance.Must, Needs: needs(),
			Doc:     "With makeCredential an input of true is answered with true.",
			Catches: []string{"authdata/outputs-lost", "hmacsecret/support-denied", "hmacsecret/support-untold"},
			Run: on(func(k *key) {
				k.outputIs(k.make(extending(k.newCredential(), ctap.ExtensionHMACSecret, true)).data, ctap.ExtensionHMACSecret, true)
			}),
		},
		{
			ID: "hmacsecret/silent", Spec: at("12.7", "2"), Level: conformance.Must, Needs: needs(levelOne, keyAgreement), Twin: "hmacsecret/protocol-any/one-salt",
			Doc:     "With option up of false the answer is UNSUPPORTED_OPTION.",
			Catches: []string{"hmacsecret/silent", "status/unsupported-option"},
			Run: on(func(k *key) {
				c := k.make(extending(k.newCredential(), ctap.ExtensionHMACSecret, true))
				r := withOption(k.useOf(c), "up", false)
				k.expect(k.send(extending(r, ctap.ExtensionHMACSecret, salted(k.agree(k.protocol()), k.draw(32)))), ctap.UnsupportedOption)
			}),
		},
		{
			ID: "hmacsecret/protocol-any/one-salt", Spec: at("12.7", ""), Level: conformance.Must, Needs: needs(keyAgreement),
			Doc: "A salt is answered, with the protocol that the device prefers.",
			Run: on(func(k *key) {
				c := k.make(extending(k.newCredential(), ctap.ExtensionHMACSecret, true))
				k.secrets(k.protocol(), k.authorise(k.useOf(c)), k.draw(32))
			}),
		},
		{
			ID: "hmacsecret/protocols-agree", Spec: at("12.7", "8"), Level: conformance.Must, Needs: needs(protocolNumber(1), protocolNumber(2)), Twin: "hmacsecret/protocol-any/one-salt",
			Doc:     "The secret of a salt is the same by either protocol.",
			Catches: []string{"hmacsecret/changes", "hmacsecret/garbled"},
			Run: on(func(k *key) {
				c, salt := k.make(extending(k.newCredential(), ctap.ExtensionHMACSecret, true)), k.draw(32)
				one := k.secrets(1, k.authorise(k.useOf(c)), salt)
				if two := k.secrets(2, k.authorise(k.useOf(c)), salt); !bytes.Equal(one, two) {
					k.Differ(fmt.Sprintf("%x", one), fmt.Sprintf("%x", two), "another secret")
				}
			}),
		},
		{
			ID: "hmacsecret/verified-differs", Spec: at("12.7", "7"), Level: conformance.Must, Needs: needs(levelOne, keyAgreement, ceremonyToken, touchAlone), Twin: "hmacsecret/protocol-any/one-salt",
			Doc:     "The secret with user verification is another one than without.",
			Catches: []string{"hmacsecret/ignores-verification", "hmacsecret/not-told"},
			Run: on(func(k *key) {
				c, salt := k.make(extending(k.newCredential(), ctap.ExtensionHMACSecret, true)), k.draw(32)
				without := k.secrets(k.protocol(), k.useOf(c), salt)
				if with := k.secrets(k.protocol(), k.verified(k.useOf(c)), salt); bytes.Equal(with, without) {
					k.Errorf("both secrets are %x", with)
				}
			}),
		},
		{
			ID: "hmacsecret/mc/pairing", Spec: at("12.8", ""), Level: conformance.Must, Needs: needs(extension(ctap.ExtensionHMACSecretMC), keyAgreement), Twin: "hmacsecret/mc/agrees",
			Doc:     "hmac-secret-mc without hmac-secret is answered with MISSING_PARAMETER.",
			Catches: []string{"status/missing-parameter"},
			Run: on(func(k *key) {
				r := k.authorise(k.newCredential())
				k.expect(k.send(extending(r, ctap.ExtensionHMACSecretMC, salted(k.agree(k.protocol()), k.draw(32)))), ctap.MissingParameter)
			}),
		},
		{
			ID: "hmacsecret/mc/agrees", Spec: at("12.8", ""), Level: conformance.Must, Needs: needs(extension(ctap.ExtensionHMACSecretMC), keyAgreement),
			Doc:     "The secret that hmac-secret-mc puts out is the one that hmac-secret puts out later.",
			Catches: []string{"hmacsecret/not-told-at-creation", "signature/other-key"},
			Run: on(func(k *key) {
				salt := k.draw(32)
				r := extending(k.newCredential(), ctap.ExtensionHMACSecret, true)
				if k.level() > 2 { // then it can only be used with verification, which has another secret
					r = k.verified(r)
				}
				r = k.authorise(r)
				s := k.agree(k.protocol())
				c := k.created(k.ask(extending(r, ctap.ExtensionHMACSecretMC, salted(s, salt))))
				made := k.openSecrets(s, c.data, ctap.ExtensionHMACSecretMC, 32)
				use := k.useOf(c)
				if c.data.has(flagUV) {
					use = k.verified(use)
				}
				if later := k.secrets(k.protocol(), use, salt); !bytes.Equal(made, later) {
					k.Differ(fmt.Sprintf("%x", made), fmt.Sprintf("%x", later), "another secret")
				}
			}),
		},
	}
	for _, p := range []int{1, 2} {
		all = append(all, hmacProtocolCases(p)...)
	}
	return all
}

func hmacProtocolCases(p int) []testCase {
	name := fmt.Sprintf("hmacsecret/protocol-%d/", p)
	needs := []need{extension(ctap.ExtensionHMACSecret), protocolNumber(p)}
	refuses := func(id, doc string, change func(*key, agreement, cbor.Map) cbor.Map, want ...ctap.Status) testCase {
		return testCase{
			ID: name + id, Spec: at("12.7", ""), Level: conformance.Must, Needs: needs, Twin: name + "deterministic", Doc: doc,
			Run: on(func(k *key) {
				c := k.make(extending(k.newCredential(), ctap.ExtensionHMACSecret, true))
				r := k.authorise(k.useOf(c))
				s := k.agree(p)
				k.expect(k.send(extending(r, ctap.ExtensionHMACSecret, change(k, s, salted(s, k.draw(32))))), want...)
			}),
		}
	}
	cases := []testCase{
		{
			ID: name + "deterministic", Spec: at("12.7", "8"), Level: conformance.Must, Needs: needs,
			Doc: "The secret of a salt is always the same, that of another salt is another one, and each of two salts has the secret that it has alone.",
			Run: on(func(k *key) {
				c := k.make(extending(k.newCredential(), ctap.ExtensionHMACSecret, true))
				a, b := k.draw(32), k.draw(32)
				ofA := k.secrets(p, k.authorise(k.useOf(c)), a)
				ofB := k.secrets(p, k.authorise(k.useOf(c)), b)
				both := k.secrets(p, k.authorise(k.useOf(c)), append(bytes.Clone(a), b...))
				if bytes.Equal(ofA, ofB) || !bytes.Equal(both, append(bytes.Clone(ofA), ofB...)) {
					k.Differ(fmt.Sprintf("%x and %x", ofA, ofB), fmt.Sprintf("%x", both), "other secrets")
				}
			}),
		},
		{
			ID: name + "per-credential", Spec: at("12.7", "7"), Level: conformance.Must, Needs: needs, Twin: name + "deterministic",
			Doc: "Two credentials have different secrets of the same salt.",
			Run: on(func(k *key) {
				salt := k.draw(32)
				a := k.make(extending(k.newCredential(), ctap.ExtensionHMACSecret, true))
				b := k.make(extending(k.newCredential(), ctap.ExtensionHMACSecret, true))
				if bytes.Equal(k.secrets(p, k.authorise(k.useOf(a)), salt), k.secrets(p, k.authorise(k.useOf(b)), salt)) {
					k.Errorf("both have the same secret")
				}
			}),
		},
		refuses("wrong-auth", "A saltAuth that does not verify is answered with PIN_AUTH_INVALID.", func(k *key, _ agreement, m cbor.Map) cbor.Map {
			return m.With(hmacSaltAuth, k.draw(len(bytesIn(m, hmacSaltAuth))))
		}, ctap.PINAuthInvalid),
		refuses("three-salts", "Three salts of 32 bytes are an error, as there are at most two.", func(k *key, s agreement, _ cbor.Map) cbor.Map {
			return salted(s, k.draw(96))
		}, ctap.InvalidParameter, ctap.InvalidLength, ctap.InvalidCBOR),
		refuses("salt-length", "A salt of another length than 32 or 64 bytes is an error.", func(k *key, s agreement, _ cbor.Map) cbor.Map {
			return salted(s, k.draw(48))
		}, ctap.InvalidParameter, ctap.InvalidLength, ctap.InvalidCBOR),
		refuses("bad-point", "A platform's key that is no point of P-256 is answered with INVALID_PARAMETER.", func(_ *key, _ agreement, m cbor.Map) cbor.Map {
			return m.With(hmacKeyAgreement, coseKey(make([]byte, 32), make([]byte, 32)))
		}, ctap.InvalidParameter),
		refuses("unsupported-protocol", "A protocol that the device does not have is an error.", func(_ *key, _ agreement, m cbor.Map) cbor.Map {
			return m.With(hmacProtocol, 99)
		}, ctap.InvalidParameter, ctap.PINAuthInvalid),
	}
	unreadable := refuses("wrong-auth-first", "A saltAuth that does not verify is answered with PIN_AUTH_INVALID also where there would be nothing to decrypt: it is verified first.", func(k *key, _ agreement, m cbor.Map) cbor.Map {
		return m.With(hmacSaltEnc, k.draw(17)).With(hmacSaltAuth, k.draw(len(bytesIn(m, hmacSaltAuth))))
	}, ctap.PINAuthInvalid)
	unreadable.Level, unreadable.Catches = conformance.Should, []string{"hmacsecret/decrypts-first"}
	cases = append(cases, unreadable)
	for member, label := range map[int]string{hmacKeyAgreement: "key-agreement", hmacSaltEnc: "salt-enc", hmacSaltAuth: "salt-auth"} {
		cases = append(cases, refuses("missing/"+label, "An input without "+label+" is an error.", func(_ *key, _ agreement, m cbor.Map) cbor.Map {
			return m.Without(member)
		}, ctap.MissingParameter, ctap.InvalidCBOR, ctap.InvalidParameter, ctap.CBORUnexpectedType))
	}
	return cases
}
