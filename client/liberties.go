package client

import "github.com/passkeylab/passkeylab/webauthn"

// Liberty is one named way for a client not to play by the book. It exists to
// show that the other side notices.
type Liberty struct {
	ID    string // permanent
	Spec  string // the rule it breaks
	Doc   string // one sentence: what the client does, and who must notice
	Seams Seams
}

// IgnoreRPIDRules lets any origin ask for any RP ID.
func IgnoreRPIDRules() Liberty {
	return Liberty{
		ID:    "rpid/ignore",
		Spec:  "WebAuthn L3 §5.1.3 #CreateCred-DetermineRpId, §5.1.4 #GetAssn-DetermineRpId",
		Doc:   "The client lets any origin use any RP ID; the relying party must refuse the origin in the client data.",
		Seams: Seams{RPID: func(string, string, error) error { return nil }},
	}
}

// ClaimOrigin writes another origin than the page's into the client data.
func ClaimOrigin(origin string) Liberty {
	return Liberty{
		ID:   "origin/claim",
		Spec: "WebAuthn L3 §5.8.1",
		Doc:  "The client puts an origin of its choice into the client data; the relying party must notice that the RP ID hash belongs to another site.",
		Seams: Seams{ClientData: func(data webauthn.ClientData) webauthn.ClientData {
			data.Origin = origin
			return data
		}},
	}
}

// ReplayRegistration answers create() with an earlier response.
func ReplayRegistration(earlier *webauthn.RegistrationResponse) Liberty {
	return Liberty{
		ID:   "replay/registration",
		Spec: "WebAuthn L3 §13.4.3",
		Doc:  "The client answers create() with the response of an earlier ceremony; the relying party must refuse its challenge.",
		Seams: Seams{Registration: func(*webauthn.RegistrationResponse) *webauthn.RegistrationResponse {
			again := *earlier
			return &again
		}},
	}
}

// ReplayAuthentication answers get() with an earlier response.
func ReplayAuthentication(earlier *webauthn.AuthenticationResponse) Liberty {
	return Liberty{
		ID:   "replay/authentication",
		Spec: "WebAuthn L3 §13.4.3",
		Doc:  "The client answers get() with the response of an earlier ceremony; the relying party must refuse its challenge.",
		Seams: Seams{Authentication: func(*webauthn.AuthenticationResponse) *webauthn.AuthenticationResponse {
			again := *earlier
			return &again
		}},
	}
}
