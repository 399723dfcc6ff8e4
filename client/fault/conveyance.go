package fault

import (
	"encoding/json"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// onObject changes the attestation object that a page gets.
func onObject(change func(*webauthn.AttestationObject)) func(*webauthn.RegistrationResponse) {
	return func(r *webauthn.RegistrationResponse) {
		object, err := webauthn.ParseAttestationObject(r.Response.AttestationObject)
		if err != nil {
			return
		}
		change(object)
		r.Response.AttestationObject = object.Marshal()
	}
}

// Where the AAGUID is in authenticator data.
const aaguidAt, aaguidEnd = 37, 53

func conveyanceFaults() []Fault {
	const spec = "WebAuthn L3 §5.4.7"
	conveyed := func(id, doc string, change func(*webauthn.AttestationObject)) Fault {
		return Fault{ID: id, Spec: spec, Doc: doc, Created: onObject(change)}
	}
	return []Fault{
		conveyed("create/statement-kept", "The statement stays where the format becomes none.", func(o *webauthn.AttestationObject) {
			if o.Format == webauthn.FormatNone {
				o.Statement = canon.Raw(written(members{"alg": int64(-7), "sig": []byte("a signature")}))
			}
		}),
		conveyed("create/statement-emptied", "The page gets an empty statement of every format.", func(o *webauthn.AttestationObject) { o.Statement = webauthn.EmptyStatement }),
		conveyed("create/self-attestation-dropped", "A self attestation that tells nothing becomes none.", func(o *webauthn.AttestationObject) {
			if len(o.AuthData) > aaguidEnd && webauthn.AAGUID(o.AuthData[aaguidAt:aaguidEnd]) == (webauthn.AAGUID{}) {
				o.Format, o.Statement = webauthn.FormatNone, webauthn.EmptyStatement
			}
		}),
		conveyed("result/aaguid-zeroed", "The AAGUID is zeroed, whatever the page asks for.", func(o *webauthn.AttestationObject) {
			if len(o.AuthData) > aaguidEnd {
				clear(o.AuthData[aaguidAt:aaguidEnd])
			}
		}),
		{ID: "result/user-handle-left-out", Spec: "WebAuthn L3 §5.2.2", Doc: "The page gets no user handle.", Asserted: func(r *webauthn.AuthenticationResponse) { r.Response.UserHandle = nil }},
		{ID: "page/unknown-extensions-echoed", Spec: "WebAuthn L3 §9.4", Doc: "Extensions that the client does not know have an output.", Created: func(r *webauthn.RegistrationResponse) {
			r.ClientExtensionResults["fromTheFuture"] = json.RawMessage("true")
		}},
	}
}
