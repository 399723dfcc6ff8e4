package clients

import (
	"encoding/json"

	"github.com/passkeylab/passkeylab/internal/report"
)

// tellRequest shows in the report what the client is asked for, so that whoever reads
// it need not read the case.
func (t *trial) tellRequest(r *Request) {
	t.Record(report.Message{From: "page", To: "client", Layer: "WebAuthn", Name: nameOf(r)}, func() string { return indented(toldRequest(r)) })
}

// tellResult shows what the client made of it.
func (t *trial) tellResult(r *Request, got *Result) {
	m := report.Message{From: "client", To: "page", Layer: "WebAuthn", Name: nameOf(r), Status: got.Error}
	if got.Succeeded() {
		m.Status = "success"
	}
	t.Record(m, func() string { return indented(toldResult(got)) })
}

func nameOf(r *Request) string {
	if r.Create {
		return creating.name + "()"
	}
	return getting.name + "()"
}

// told is a request or a result for people: in the words of the options, byte strings
// as base64url, what is absent or empty left out.
type told struct {
	Error              string         `json:"error,omitempty"`
	Detail             string         `json:"detail,omitempty"`
	Origin             string         `json:"origin,omitempty"`
	RPID               string         `json:"rpId,omitempty"`
	Challenge          string         `json:"challenge,omitempty"`
	User               *toldUser      `json:"user,omitempty"`
	Algorithms         []int64        `json:"algorithms,omitempty"`
	Types              []string       `json:"types,omitempty"`
	AllowCredentials   []string       `json:"allowCredentials,omitempty"`
	ExcludeCredentials []string       `json:"excludeCredentials,omitempty"`
	ResidentKey        string         `json:"residentKey,omitempty"`
	UserVerification   string         `json:"userVerification,omitempty"`
	Attestation        string         `json:"attestation,omitempty"`
	Attachment         string         `json:"authenticatorAttachment,omitempty"`
	Hints              []string       `json:"hints,omitempty"`
	Timeout            int64          `json:"timeout,omitempty"`
	WellKnown          *WellKnown     `json:"wellKnown,omitempty"`
	Others             int            `json:"otherAuthenticators,omitempty"`
	PIN                string         `json:"pinThatIsTyped,omitempty"`
	NewPIN             string         `json:"pinThatIsChosen,omitempty"`
	CredentialID       string         `json:"credentialId,omitempty"`
	ClientData         string         `json:"clientDataJSON,omitempty"`
	AuthData           string         `json:"authenticatorData,omitempty"`
	Signature          string         `json:"signature,omitempty"`
	UserHandle         string         `json:"userHandle,omitempty"`
	Format             string         `json:"fmt,omitempty"`
	Statement          string         `json:"attStmt,omitempty"`
	Extensions         map[string]any `json:"extensions,omitempty"`
}

type toldUser struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
}

func toldRequest(r *Request) *told {
	var list []string
	for i, id := range r.List {
		entry := base64url(id)
		if i < len(r.ListTypes) {
			entry += " of type " + r.ListTypes[i]
		}
		list = append(list, entry)
	}
	out := &told{
		Origin: r.Origin, RPID: r.RPID, Challenge: base64url(r.Challenge), UserVerification: r.UserVerification, Hints: r.Hints,
		Timeout: r.Timeout.Milliseconds(), WellKnown: r.WellKnown, Others: len(r.Others), PIN: r.PIN, NewPIN: r.NewPIN, Extensions: r.Extensions,
	}
	if !r.Create {
		out.AllowCredentials = list
		return out
	}
	out.User = &toldUser{base64url(r.UserID), r.UserName, r.DisplayName}
	out.Algorithms, out.Types, out.ExcludeCredentials = r.Algorithms, r.Types, list
	out.ResidentKey, out.Attestation, out.Attachment = r.ResidentKey, r.Attestation, r.Attachment
	return out
}

func toldResult(r *Result) *told {
	return &told{
		Error: r.Error, Detail: r.Detail, CredentialID: base64url(r.CredentialID), ClientData: string(r.ClientData), AuthData: base64url(r.AuthData),
		Signature: base64url(r.Signature), UserHandle: base64url(r.UserHandle), Format: r.Format, Statement: base64url(r.Statement), Extensions: r.Extensions,
	}
}

func indented(t *told) string {
	text, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}
