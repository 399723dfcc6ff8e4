package relyingparty

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// enrolRequest is the body that begins an enrolment.
type enrolRequest struct {
	Type           string `json:"type"`
	Connection     string `json:"connection"`
	IdentityUserID string `json:"identity_user_id"`
	Exclude        bool   `json:"use_exclude_credentials"`
}

func beginOwnEnrolment(v *visit, u store.User) error {
	var asked enrolRequest
	if err := v.decodeStrict(&asked); err != nil {
		return err
	}
	if err := v.checkEnrolment(asked, u); err != nil {
		return err
	}
	have, err := v.room(u)
	if err != nil {
		return err
	}
	if !asked.Exclude {
		have = nil
	}
	account, err := accountOfUser(u)
	if err != nil {
		return err
	}
	options, begun, err := v.rp.native.BeginRegistration(account, have, v.nativeRegistrationRules())
	if err != nil {
		return err
	}
	v.site.enrolling.begin(u.ID, begun, v.now)
	answer, err := v.nativeAnswer(options, &authSession{clientID: v.clientID(), registration: begun, userID: u.ID})
	if err != nil {
		return err
	}
	v.w.Header().Set("Location", v.at.origin+pathMethods+"/"+url.PathEscape(newPasskeyID))
	return v.answer(http.StatusAccepted, answer)
}

// clientID names the application that asks, "" for one that is not configured any more.
func (v *visit) clientID() string {
	if v.app == nil {
		return ""
	}
	return v.app.ID
}

func (v *visit) checkEnrolment(asked enrolRequest, u store.User) error {
	wrong := func(member, text string) error {
		p := badRequest("%s", text)
		p.fields = []fieldProblem{{Detail: text, Field: member, Pointer: "/" + member, Source: "body"}}
		return p
	}
	switch {
	case asked.Type != "passkey":
		return wrong("type", "Only passkeys can be enrolled.")
	case asked.Connection != "" && asked.Connection != connectionName:
		return wrong("connection", "There is no such connection.")
	case asked.IdentityUserID != "" && asked.IdentityUserID != u.ID:
		return wrong("identity_user_id", "The identity is not the user's.")
	case !v.policy.Passkeys || v.onTenantDomain():
		return &apiProblem{status: http.StatusForbidden, code: codeAccessDenied, text: "Passkeys cannot be enrolled here."}
	}
	return nil
}

// room lists the passkeys an account has, unless it can have no more.
func (v *visit) room(u store.User) ([]ceremony.Credential, error) {
	have, err := v.registered(u)
	var p *problem
	if errors.As(err, &p) {
		return nil, badRequest("%s", p.text()).because(err)
	}
	return have, err
}

// verifyRequest is the body that finishes an enrolment.
type verifyRequest struct {
	AuthSession string          `json:"auth_session"`
	Response    json.RawMessage `json:"authn_response"`
}

func finishOwnEnrolment(v *visit, u store.User) error {
	if v.r.PathValue("id") != newPasskeyID {
		return noSuchMethod()
	}
	var asked verifyRequest
	if err := v.decodeStrict(&asked); err != nil {
		return err
	}
	if asked.AuthSession == "" || asked.Response == nil {
		return badRequest("auth_session and authn_response are required")
	}
	begun, ok := v.takeAuthSession(asked.AuthSession)
	if !ok || begun.userID != u.ID || begun.clientID != v.clientID() {
		return v.enrolmentRefused(u, badRequest("Invalid or expired auth_session."))
	}
	defer v.site.enrolling.end(u.ID, begun.registration)
	credential, err := v.finishRegistration(begun.registration, asked.Response)
	if err != nil {
		return v.enrolmentRefused(u, err)
	}
	k, err := v.enrol(u, credential, "")
	if err != nil {
		return v.enrolmentRefused(u, err)
	}
	v.w.Header().Set("Location", v.at.origin+pathMethods+"/"+url.PathEscape(k.ID))
	return v.answer(http.StatusCreated, ownMethodOf(u, k))
}

// enrolmentRefused logs an enrolment that came to nothing and says so in the API's
// form. Every refusal is a bad request there.
func (v *visit) enrolmentRefused(u store.User, err error) error {
	var p *apiProblem
	switch {
	case errors.As(err, &p):
	case errors.Is(err, store.ErrCredentialTaken):
		p = badRequest("This passkey is registered already.").because(&ceremony.Refusal{Reason: ceremony.ReasonDuplicateCredential, Cause: err})
	case errors.Is(err, store.ErrTooManyPasskeys):
		p = badRequest("%s", words[problemTooManyPasskeys].text).because(err)
	case ceremony.ReasonOf(err) != "":
		p = badRequest("The passkey was not accepted: %s", ceremony.ReasonOf(err).Explain()).because(err)
	default:
		return err
	}
	p.fields = []fieldProblem{{Detail: p.text, Field: "authn_response", Pointer: "/authn_response", Source: "body"}}
	if err := v.record(EventPasskeyEnrollmentFailed, subjectOf(u), Details{
		AuthenticationMethods: []string{"passkey"}, Error: p.details(),
	}); err != nil {
		return err
	}
	return p
}
