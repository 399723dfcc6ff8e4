package fault

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/webauthn"
)

// refuse is the error of a client that is too strict.
func refuse(format string, args ...any) error {
	return &webauthn.DOMException{Name: webauthn.NotSupportedError, Message: fmt.Sprintf(format, args...)}
}

func pageFaults() []Fault {
	option := func(id, spec, doc string, change func(*webauthn.CreationOptions) error) Fault {
		return Fault{ID: "page/" + id, Spec: spec, Doc: doc, Creation: change}
	}
	data := func(id, doc string, change func(*webauthn.ClientData)) Fault {
		return Fault{ID: "client-data/" + id, Spec: "WebAuthn L3 §5.8.1", Doc: doc, Seams: client.Seams{ClientData: func(d webauthn.ClientData) webauthn.ClientData {
			change(&d)
			return d
		}}}
	}
	return []Fault{
		{ID: "page/any-rp-id", Spec: "WebAuthn L3 §5.1.3", Doc: "Any page may use any RP ID.", Seams: client.Seams{RPID: func(string, string, error) error { return nil }}},
		{ID: "page/origin-alone", Spec: "WebAuthn L3 §5.1.3", Doc: "A page may use no RP ID but its own domain, at the usual port.", Seams: client.Seams{RPID: func(origin, rpID string, verdict error) error {
			if origin != "https://"+rpID {
				return fmt.Errorf("%s is not https://%s", origin, rpID)
			}
			return verdict
		}}},
		option("user-id-unchecked", "WebAuthn L3 §5.1.3", "A user handle of any length is made to fit.", func(o *webauthn.CreationOptions) error {
			if len(o.User.ID) == 0 {
				o.User.ID = []byte{0}
			}
			o.User.ID = o.User.ID[:min(64, len(o.User.ID))]
			return nil
		}),
		option("short-user-ids-only", "WebAuthn L3 §5.4.3", "A user handle of more than 32 bytes is refused.", func(o *webauthn.CreationOptions) error {
			if len(o.User.ID) > 32 {
				return refuse("a user handle of %d bytes", len(o.User.ID))
			}
			return nil
		}),
		option("any-type", "WebAuthn L3 §5.1.3", "Types of credentials are not looked at.", func(o *webauthn.CreationOptions) error {
			for i := range o.PubKeyCredParams {
				o.PubKeyCredParams[i].Type = webauthn.PublicKeyCredentialType
			}
			return nil
		}),
		option("attachment-ignored", "WebAuthn L3 §5.4.5", "authenticatorAttachment is not looked at.", func(o *webauthn.CreationOptions) error {
			o.AuthenticatorSelection.AuthenticatorAttachment = ""
			return nil
		}),
		option("hints-exclude", "WebAuthn L3 §5.8.7", "A hint that the client does not know ends the request.", func(o *webauthn.CreationOptions) error {
			if slices.Contains(o.Hints, "from-the-future") {
				return refuse("hint")
			}
			return nil
		}),
		option("unknown-values-refused", "WebAuthn L3 §2.1.1", "A value that the client does not know ends the request.", func(o *webauthn.CreationOptions) error {
			if a := o.AuthenticatorSelection.AuthenticatorAttachment; a != "" && a != webauthn.Platform && a != webauthn.CrossPlatform {
				return refuse("attachment %q", a)
			}
			return nil
		}),
		option("unknown-extensions-refused", "WebAuthn L3 §9.3", "An extension that the client does not know ends the request.", func(o *webauthn.CreationOptions) error {
			if o.Extensions["fromTheFuture"] != nil {
				return refuse("extension")
			}
			return nil
		}),
		option("unknown-type-ends-all", "WebAuthn L3 §5.1.3", "A type in pubKeyCredParams that the client does not know ends the request.", func(o *webauthn.CreationOptions) error {
			for _, p := range o.PubKeyCredParams {
				if p.Type != webauthn.PublicKeyCredentialType {
					return refuse("type %q", p.Type)
				}
			}
			return nil
		}),
		option("any-attachment-refused", "WebAuthn L3 §5.4.5", "Any authenticatorAttachment ends the request.", func(o *webauthn.CreationOptions) error {
			if o.AuthenticatorSelection.AuthenticatorAttachment != "" {
				return refuse("attachment")
			}
			return nil
		}),
		{ID: "page/timeout-ignored", Spec: "WebAuthn L3 §5.1.3, §5.1.4", Doc: "The page's timeout is not looked at.", Creation: func(o *webauthn.CreationOptions) error {
			o.Timeout = 0
			return nil
		}, Request: func(o *webauthn.RequestOptions) error {
			o.Timeout = 0
			return nil
		}},
		{ID: "page/mistakes-not-allowed", Spec: "WebAuthn L3 §5.1.3, §5.1.4", Doc: "A page that asks for what there is not gets NotAllowedError.", Thrown: func(err error) error {
			for _, name := range []string{webauthn.TypeError, webauthn.NotSupportedError, webauthn.SecurityError} {
				err = renamed(name, webauthn.NotAllowedError)(err)
			}
			return err
		}},
		{ID: "page/abort-not-allowed", Spec: "WebAuthn L3 §5.1.3", Doc: "A page that withdraws its request gets NotAllowedError.", Thrown: renamed(webauthn.AbortError, webauthn.NotAllowedError)},
		data("type", "The client data are those of the other ceremony.", func(d *webauthn.ClientData) {
			if d.Type == webauthn.ClientDataCreate {
				d.Type = webauthn.ClientDataGet
				return
			}
			d.Type = webauthn.ClientDataCreate
		}),
		data("challenge", "The client data have another challenge.", func(d *webauthn.ClientData) { d.Challenge = flipped(d.Challenge) }),
		data("origin", "The client data have another origin.", func(d *webauthn.ClientData) { d.Origin = "https://other.example" }),
		data("origin-without-port", "The origin in the client data has no port.", func(d *webauthn.ClientData) {
			if host := hostOf(d.Origin); host != "" {
				d.Origin = "https://" + host
			}
		}),
		data("top-origin", "The client data have a topOrigin always.", func(d *webauthn.ClientData) { d.TopOrigin = d.Origin }),
		data("cross-origin", "The client data say that the page is a frame.", func(d *webauthn.ClientData) { d.CrossOrigin = true }),
		{ID: "client-data/order", Spec: "WebAuthn L3 §5.8.1.1", Doc: "The client data come in alphabetical order.", Seams: client.Seams{ClientDataJSON: func(text []byte) []byte {
			var all map[string]any
			if json.Unmarshal(text, &all) != nil {
				return text
			}
			var out bytes.Buffer
			if json.NewEncoder(&out).Encode(all) != nil {
				return text
			}
			return bytes.TrimSpace(out.Bytes())
		}}},
	}
}
