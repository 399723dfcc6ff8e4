package clients

import (
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// unlisted are extensions of pages, and what they are to authenticators.
var unlisted = []struct {
	name, sent string
	needs      Feature
	input      map[string]any
}{
	{"cred-blob", extCredBlob, HasCredBlob, map[string]any{"credBlob": base64url([]byte("blob"))}},
	{"min-pin-length", extMinPIN, HasMinPIN, map[string]any{"minPinLength": true}},
	{"large-blob", extBlobKey, HasLargeBlob, support("preferred")},
}

// deriveUnlisted are cases of extensions that getInfo does not list.
func deriveUnlisted() (all []testCase) {
	for _, e := range unlisted {
		all = append(all, testCase{
			ID: "extension/unlisted/" + e.name, Spec: at("12", ""), Level: conformance.Should, Needs: needs(e.needs), Twin: createPlain,
			Doc:     fmt.Sprintf("%s is not sent to an authenticator that does not list it.", e.sent),
			Catches: []string{"extension/everything-listed"},
			Run: on(func(t *trial) {
				m, _, _ := t.made(func(r *Request) {
					t.discoverable(r)
					r.Extensions = e.input
				})
				if v, sent := extension(&m, e.sent); sent {
					t.Fatalf("%s is %s, and getInfo does not list it", e.sent, cbor.Text(v, nil))
				}
			}),
		})
	}
	return all
}

// giveCredBlob lets the device store blobs of 32 bytes.
func (d *Device) giveCredBlob() {
	d.giveExtensions(extCredBlob, extCredProtect)
	d.script.with(infoMaxCredBlob, 32)
}

// gifts are about what is stored with a credential, and told of it.
var gifts = []testCase{
	{
		ID: "extension/cred-blob/told", Spec: at("12.2", ""), Level: conformance.Should, Needs: needs(HasCredBlob), Twin: "extension/cred-blob/stored",
		Doc:     "The page learns that its blob was stored.",
		Catches: []string{"extension/cred-blob-untold"},
		Run: on(func(t *trial) {
			t.device.giveCredBlob()
			got := t.accepted(t.creation(with(map[string]any{"credBlob": base64url([]byte("blob"))})))
			if stored, _ := got.Extensions["credBlob"].(bool); !stored {
				t.Fatalf("credBlob is %v", got.Extensions["credBlob"])
			}
		}),
	},
	{
		ID: "extension/cred-blob/not-stored", Spec: at("12.2", ""), Level: conformance.MustNot, Needs: needs(HasCredBlob), Twin: "extension/cred-blob/stored",
		Doc:     "The page does not learn that its blob was stored where the authenticator says that it was not.",
		Catches: []string{"extension/cred-blob-always-told"},
		Run: on(func(t *trial) {
			t.device.giveCredBlob()
			t.device.script.parts = func(p *authParts) { p.outputs = cbor.Map{{Key: extCredBlob, Value: false}} }
			got := t.accepted(t.creation(with(map[string]any{"credBlob": base64url([]byte("blob"))})))
			if stored, _ := got.Extensions["credBlob"].(bool); stored {
				t.Fatalf("credBlob is true")
			}
		}),
	},
	{
		ID: "extension/cred-blob/read", Spec: at("12.2", ""), Level: conformance.Must, Needs: needs(HasCredBlob), Twin: getPlain,
		Doc:     "credBlob is true in getAssertion where the page asks for its blob by getCredBlob.",
		Catches: []string{"extension/cred-blob-never-read"},
		Run: on(func(t *trial) {
			t.device.giveCredBlob()
			t.accepted(t.assertion(with(map[string]any{"getCredBlob": true})))
			m := t.last(ctap.CommandGetAssertion)
			if v, _ := extension(&m, extCredBlob); v != true {
				t.Fatalf("credBlob is %s", cbor.Text(v, nil))
			}
		}),
	},
	{
		ID: "extension/cred-blob/unread", Spec: at("12.2", ""), Level: conformance.MustNot, Needs: needs(HasCredBlob), Twin: getPlain,
		Doc:     "credBlob is not sent with getAssertion where the page says by getCredBlob that it does not want its blob.",
		Catches: []string{"extension/cred-blob-always-read"},
		Run: on(func(t *trial) {
			t.device.giveCredBlob()
			t.accepted(t.assertion(with(map[string]any{"getCredBlob": false})))
			m := t.last(ctap.CommandGetAssertion)
			if v, sent := extension(&m, extCredBlob); sent {
				t.Fatalf("credBlob is %s", cbor.Text(v, nil))
			}
		}),
	},
	{
		ID: "extension/min-pin-length-false", Spec: at("12.5", ""), Level: conformance.MustNot, Needs: needs(HasMinPIN), Twin: "extension/min-pin-length",
		Doc:     "minPinLength is not true where the page says that it does not ask for it.",
		Catches: []string{"extension/min-pin-length-always"},
		Run: on(func(t *trial) {
			t.device.giveExtensions(extMinPIN)
			m, _, _ := t.made(with(map[string]any{"minPinLength": false}))
			if v, _ := extension(&m, extMinPIN); v == true {
				t.Fatalf("minPinLength is true")
			}
		}),
	},
	{
		ID: "extension/cred-props/false", Spec: page("10.1.3"), Level: conformance.Should, Needs: needs(HasCredProps, ServesPages), Twin: createPlain,
		Doc:     "There is no credProps for a page that says that it does not ask for it.",
		Catches: []string{"extension/cred-props-unasked"},
		Run: on(func(t *trial) {
			got := t.accepted(t.creation(with(map[string]any{"credProps": false})))
			if v, told := got.Extensions["credProps"]; told {
				t.Fatalf("credProps is %v", v)
			}
		}),
	},
	{
		ID: "extension/cred-props/unknown", Spec: page("10.1.3"), Level: conformance.May, Needs: needs(HasCredProps, ServesPages), Twin: createPlain,
		Doc:     "credProps.rk is absent where nobody knows: authenticators of CTAP 2.0 may make every credential discoverable.",
		Catches: []string{"extension/cred-props-guessed"},
		Run: on(func(t *trial) {
			t.device.script.with(infoVersions, cbor.Array{"FIDO_2_0"})
			got := t.accepted(t.creation(with(map[string]any{"credProps": true})))
			if v, told := output(got, "credProps")["rk"]; told {
				t.Fatalf("credProps.rk is %v", v)
			}
		}),
	},
}
