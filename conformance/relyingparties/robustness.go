package relyingparties

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// robustnessCases are about what nobody should send: it is answered, whatever the
// answer, and the relying party is there afterwards.
func robustnessCases() []testCase {
	huge := cbor.Head(nil, 2, 1<<62) // a byte string that says it is longer than any memory
	deep := bytes.Repeat([]byte{0x81}, 20_000)
	return []testCase{
		survives("deep-json", "a body of 20,000 lists in each other", "registration", textIs(strings.Repeat("[", 20_000)+strings.Repeat("]", 20_000))),
		survives("deep-json-member", "an unknown member of 5,000 lists in each other", "registration", body(func(o forge.Object) forge.Object {
			return o.With("new", forge.Raw(strings.Repeat("[", 5_000)+strings.Repeat("]", 5_000)))
		})),
		survives("deep-client-data", "client data of 20,000 lists in each other", "login", clientJSONIs(strings.Repeat("[", 20_000)+strings.Repeat("]", 20_000))),
		survives("deep-object", "an attestation object of 20,000 lists in each other", "registration", objectBytes(func([]byte) []byte { return deep })),
		survives("huge-bytes", "an attestation object that promises more bytes than there are", "registration", objectBytes(func([]byte) []byte { return huge })),
		survives("huge-map", "an attestation object that promises more members than there are", "registration", objectBytes(func([]byte) []byte { return cbor.Head(nil, 5, 1<<40) })),
		survives("huge-array", "an attestation object that promises more elements than there are", "registration", objectBytes(func([]byte) []byte { return cbor.Head(nil, 4, 1<<40) })),
		survives("huge-authdata", "an authData that promises more bytes than there are", "registration", objectMember("authData", cbor.Raw(huge))),
		survives("huge-key", "a public key that promises more bytes than there are", "registration", keyMember(forge.X, cbor.Raw(huge))),
		survives("huge-extensions", "extensions that promise more members than there are", "login", extensionBytes(cbor.Head(nil, 5, 1<<62))),
		survives("deep-extensions", "extensions of 20,000 lists in each other", "login", extensionBytes(deep)),
		survives("many-flags", "an object of 10,000 members", "registration", rewritten(func(m cbor.Map) []byte {
			for i := range 10_000 {
				m = append(m, cbor.Pair{Key: i, Value: i})
			}
			return cbor.EncodeAsIs(m)
		})),
		survives("long-client-data", "client data of 30,000 characters", "login", clientMember("new", strings.Repeat("x", 30_000))),
		survives("long-signature", "a signature of 20,000 bytes", "login", signature(func([]byte) []byte { return make([]byte, 20_000) })),
		survives("long-der", "a signature that promises more bytes than there are", "login", signature(func([]byte) []byte {
			return []byte{0x30, 0x88, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 1, 1}
		})),
		survives("huge-rsa", "an RSA key of 16,384 bits", "registration", keyIs(func(cbor.Map) cbor.Map {
			return cbor.Map{{Key: forge.Kty, Value: 3}, {Key: forge.Alg, Value: forge.RS256}, {Key: forge.Crv, Value: bytes.Repeat([]byte{0xff}, 2048)}, {Key: forge.X, Value: bytes.Repeat([]byte{0xff}, 2048)}}
		})),
		survives("numbers", "numbers beyond all bounds in its body", "registration", body(func(o forge.Object) forge.Object {
			return o.With("a", forge.Raw("1e999999")).With("b", forge.Raw(strings.Repeat("9", 2000)))
		})),
		survives("prototype", "members that mean something to JavaScript", "registration", body(func(o forge.Object) forge.Object {
			return o.Before("__proto__", forge.Object{{Name: "type", Value: "public-key"}}).Before("constructor", forge.Object{{Name: "prototype", Value: 1}})
		})),
		{
			ID: "robustness/long-name", Spec: api("/attestation/options"), Level: conformance.Should, Needs: []need{fidoInterface}, Twin: plainRegistration,
			Doc: "A username of 10,000 characters is answered, and the next registration is accepted.",
			Run: on(func(c *client) {
				v := c.visitAs(c.newUser() + strings.Repeat("x", 10_000))
				r := v.ask(&v.adapter.Registration, creationAsk{}.variables())
				c.Logf("answered with status %d", r.status)
				c.stillThere()
			}),
		},
	}
}

// survives is a case of an answer that is much.
func survives(what, doc, kind string, ch change) testCase {
	return testCase{
		ID: "robustness/" + what, Spec: l3("7"), Level: conformance.Must, Twin: plainOf(kind),
		Doc: fmt.Sprintf("A %s with %s is answered, whatever the answer, and the next registration is accepted.", kind, doc),
		Run: on(func(c *client) {
			if kind == "login" {
				c.Logf("the login was %s", login{change: ch}.attempt(c))
			} else {
				o, _ := registration{change: ch}.attempt(c)
				c.Logf("the registration was %s", o)
			}
			c.stillThere()
		}),
	}
}

func (c *client) stillThere() {
	o, _ := registration{}.attempt(c)
	c.wantAccepted("a correct registration afterwards", o)
}
