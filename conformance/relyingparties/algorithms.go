package relyingparties

import (
	"fmt"
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// algorithmID is the beginning of the IDs of an algorithm's cases.
func algorithmID(alg int) string {
	return "algorithm/" + strings.ToLower(strings.ReplaceAll(forge.AlgorithmName(alg), "-", ""))
}

// algorithmCases are derived for each algorithm that can be offered: that it works, and
// that its signatures are verified.
func algorithmCases() []testCase {
	all := confusionCases
	for _, alg := range forge.Algorithms() {
		id, name := algorithmID(alg), forge.AlgorithmName(alg)
		needs := []need{offers(alg)}
		attesting := []need{conveys(direct), offers(alg)}
		row := func(what, twin, doc string, level conformance.Level, spec conformance.Spec, needs []need, run func(*conformance.Check)) {
			if twin != "" {
				twin = id + "/" + twin
			}
			all = append(all, testCase{
				ID: id + "/" + what, Spec: spec, Level: level, Twin: twin, Needs: needs,
				Doc: fmt.Sprintf(doc, name), Run: run,
			})
		}
		r := registration{alg: alg}
		self := registration{alg: alg, ask: creationAsk{attestation: direct}, attest: selfAttested}
		row("registration", "", "A registration with a key for %s is accepted.", conformance.Must, keyStep, needs, r.accepted())
		row("login", "registration", "A login with a key for %s is accepted.", conformance.Must, at72("21"), needs, login{register: r}.accepted())
		row("second-login", "login", "A second login with a key for %s is accepted.", conformance.Must, at72("21"), needs, on(func(c *client) {
			made := c.registeredBy(r)
			c.wantAccepted("the first login", login{}.with(c, made))
			made.count++
			c.wantAccepted("the second login", login{}.with(c, made))
		}))
		row("login-bit-flip", "login", "A login with a key for %s whose signature has a bit flipped is refused.", conformance.Must, at72("21"), needs,
			login{register: r, change: signature(middleFlipped)}.refused())
		row("login-other-key", "login", "A login signed by another key for %s is refused.", conformance.Must, at72("21"), needs, login{register: r, more: byAnother}.refused())
		row("login-empty-signature", "login", "A login with a key for %s and a signature of no bytes is refused.", conformance.Must, at72("21"), needs,
			login{register: r, change: signature(func([]byte) []byte { return []byte{} })}.refused())
		row("login-cut-off", "login", "A login with a key for %s whose signature lacks its last byte is refused.", conformance.Must, at72("21"), needs,
			login{register: r, change: signature(func(b []byte) []byte { return b[:len(b)-1] })}.refused())
		row("login-trailing-byte", "login", "A login with a key for %s whose signature is followed by a byte is refused.", trailing(alg), l3("6.5.5"), needs,
			login{register: r, change: signature(func(b []byte) []byte { return then(b, 0) })}.refused())
		row("self", "", "A registration that is attested by its own key for %s is accepted, where nothing was said against self attestation.", conformance.Should, at71("24"), attesting, self.accepted())
		row("self-bit-flip", "self-taken", "A registration that is attested by its own key for %s is refused where the signature has a bit flipped.", conformance.Must, at71("22"), attesting,
			registration{alg: alg, ask: self.ask, attest: selfWith(middleFlipped)}.refused())
		row("self-empty-signature", "self-taken", "A registration that is attested by its own key for %s is refused where the signature has no bytes.", conformance.Must, at71("22"), attesting,
			registration{alg: alg, ask: self.ask, attest: selfWith(func([]byte) []byte { return []byte{} })}.refused())
		row("self-taken", "", "Registrations of two users that are attested by their own keys for %s are accepted by a relying party that takes self attestation.", conformance.Must, at71("22"),
			append(attesting, takes("packed, self", registration{ask: self.ask, attest: selfAttested})), self.acceptedTwice())
	}
	return all
}

// trailing is how binding it is that bytes after a signature are refused: those of DER
// are passed over by a library that many use.
func trailing(alg int) conformance.Level {
	switch alg {
	case forge.ES256, forge.ES384, forge.ES512, forge.ESP256, forge.ESP384, forge.ESP512, forge.ES256K:
		return conformance.Should
	}
	return conformance.Must
}

// takes is met where a correct registration of a kind is accepted.
func takes(kind string, r registration) need {
	return feature("registrations with "+kind, func(c *client) bool {
		return c.Once("takes "+kind, func() any {
			o, _ := r.attempt(c)
			return o.accepted
		}).(bool)
	})
}

func selfAttested(_ *client, key *forge.Key) forge.Attest { return forge.Self(key) }

// selfWith is self attestation with a signature that is changed.
func selfWith(f func([]byte) []byte) func(*client, *forge.Key) forge.Attest {
	return func(_ *client, key *forge.Key) forge.Attest {
		changed := *key
		changed.Sign = func(message []byte) []byte { return f(key.Sign(message)) }
		return forge.Self(&changed)
	}
}

// middleFlipped has one bit in the middle changed, which leaves DER what it is.
func middleFlipped(b []byte) []byte {
	out := then(b)
	if len(out) > 0 {
		out[len(out)*3/4] ^= 1
	}
	return out
}

// byAnother has another key of the same algorithm sign a login.
func byAnother(c *client, l *forge.Login, ch *change) {
	if other := c.otherKey(l.Key.Algorithm); other != nil {
		ch.Sign = other.Sign
	}
}

// oneKey reports algorithms of RSA, whose keys are all the same.
func oneKey(alg int) bool {
	switch alg {
	case forge.RS256, forge.RS384, forge.RS512, forge.PS256, forge.PS384, forge.PS512, forge.RS1:
		return true
	}
	return false
}

// differingKeys is met where two credentials that are not asked for any algorithm have
// two keys.
var differingKeys = feature("an algorithm other than RSA offered first", func(c *client) bool { return !oneKey(c.firstOffered()) })

// otherKey is another key of an algorithm. Keys of RSA are all the same, so that there
// it is a weak one.
func (c *client) otherKey(alg int) *forge.Key {
	if oneKey(alg) {
		weak, err := forge.WeakRSA()
		if err != nil {
			c.Brokenf("%v", err)
		}
		return weak
	}
	return c.key(alg)
}

// confusion is a case of a login whose signature is right by another algorithm than
// the key's.
func confusion(what string, registered, signed int, doc string) testCase {
	return testCase{
		ID: "algorithm/confusion/" + what, Spec: at72("21"), Level: conformance.Must, Twin: algorithmID(registered) + "/login", Needs: []need{offers(registered)},
		Doc: "A login with a key for " + forge.AlgorithmName(registered) + " is refused where " + doc + ".",
		Run: login{register: registration{alg: registered}, more: func(c *client, l *forge.Login, ch *change) {
			sign, err := forge.SignAs(l.Key, signed)
			if err != nil {
				c.Brokenf("%v", err)
			}
			ch.Sign = sign
		}}.refused(),
	}
}

// mislabelled is a case of a registration, without attestation, and a login with a key
// of one algorithm that says that it is for another.
func mislabelled(what string, of, said int, doc string) testCase {
	return testCase{
		ID: "algorithm/mislabelled/" + what, Spec: curves, Level: conformance.Should, Twin: algorithmID(said) + "/login", Needs: []need{offers(said)},
		Doc: "A key " + doc + " is refused at registration, or at login at the latest.",
		Run: on(func(c *client) {
			o, made := registration{alg: of, change: keyMember(forge.Alg, said)}.attempt(c)
			if o.accepted {
				c.wantRefused("the login", login{}.with(c, made))
			}
		}),
	}
}

var confusionCases = []testCase{
	confusion("es256-with-sha384", forge.ES256, forge.ES384, "the signature is over SHA-384"),
	confusion("es256-with-sha512", forge.ES256, forge.ES512, "the signature is over SHA-512"),
	confusion("es384-with-sha256", forge.ES384, forge.ES256, "the signature is over SHA-256"),
	confusion("es512-with-sha256", forge.ES512, forge.ES256, "the signature is over SHA-256"),
	confusion("rs256-with-sha1", forge.RS256, forge.RS1, "the signature is over SHA-1"),
	confusion("rs256-with-sha512", forge.RS256, forge.RS512, "the signature is over SHA-512"),
	confusion("rs256-with-pss", forge.RS256, forge.PS256, "the signature is RSASSA-PSS"),
	confusion("ps256-with-pkcs1", forge.PS256, forge.RS256, "the signature is RSASSA-PKCS1-v1_5"),
	confusion("rs384-with-sha256", forge.RS384, forge.RS256, "the signature is over SHA-256"),
	confusion("rs512-with-sha1", forge.RS512, forge.RS1, "the signature is over SHA-1"),
	mislabelled("p256-as-rs256", forge.ES256, forge.RS256, "of P-256 that is said to be for RS256"),
	mislabelled("p256-as-eddsa", forge.ES256, forge.EdDSA, "of P-256 that is said to be for EdDSA"),
	mislabelled("ed25519-as-es256", forge.EdDSA, forge.ES256, "of Ed25519 that is said to be for ES256"),
	mislabelled("ed448-as-eddsa", forge.Ed448, forge.EdDSA, "of Ed448 that is said to be for EdDSA, which WebAuthn ties to Ed25519"),
	mislabelled("p384-as-es256", forge.ES384, forge.ES256, "of P-384 that is said to be for ES256, which WebAuthn ties to P-256"),
	mislabelled("secp256k1-as-es256", forge.ES256K, forge.ES256, "of secp256k1 that is said to be for ES256"),
	mislabelled("rsa-as-es256", forge.RS256, forge.ES256, "of RSA that is said to be for ES256"),
	mislabelled("mldsa-as-es256", forge.MLDSA44, forge.ES256, "of ML-DSA-44 that is said to be for ES256"),
}
