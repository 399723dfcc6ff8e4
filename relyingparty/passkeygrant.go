package relyingparty

import (
	"errors"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// grantPasskey finishes what /passkey/register or /passkey/challenge began, and gives
// tokens for it.
func grantPasskey(v *visit, asked tokenRequest) error {
	if err := v.nativeAllowed(); err != nil {
		return err
	}
	if err := v.checkRealm(asked.Realm, asked.Organization); err != nil {
		return err
	}
	if asked.AuthSession == "" || asked.Response == nil {
		return badRequest("auth_session and authn_response are required")
	}
	// What is asked for has to be right before the one chance is used up.
	wanted, err := v.wanted(asked.Scope, asked.Audience)
	if err != nil {
		return err
	}
	begun, ok := v.takeAuthSession(asked.AuthSession)
	if !ok || begun.clientID != v.app.ID || begun.userID != "" {
		return v.passkeyGrantFailed(EventLoginFailed, subject{}, invalidGrant("Invalid or expired auth_session."))
	}
	var (
		first  firstFactor
		second bool
	)
	if begun.newcomer != nil {
		first, second, err = v.signUpNatively(begun, asked.Response, wanted)
	} else {
		first, second, err = v.logInNatively(begun.login, asked.Response, wanted)
	}
	switch {
	case err != nil:
		return err
	case second:
		return v.requireFactor(first, wanted)
	}
	return v.giveTokens(first.user, wanted, occasion{authenticated: v.now})
}

// signUpNatively makes the account together with its passkey.
func (v *visit) signUpNatively(begun *authSession, body []byte, wanted want) (first firstFactor, second bool, err error) {
	who := subject{name: begun.newcomer.name()}
	credential, err := v.finishRegistration(begun.registration, body)
	if err != nil {
		return first, false, v.passkeyGrantFailed(EventSignUpFailed, who, passkeyRefused(err))
	}
	u, err := v.insertWithPasskey(*begun.newcomer, begun.registration.Account().Handle, credential)
	switch {
	case errors.Is(err, store.ErrCredentialTaken):
		return first, false, v.passkeyGrantFailed(EventSignUpFailed, who, passkeyRefused(&ceremony.Refusal{Reason: ceremony.ReasonDuplicateCredential, Cause: err}))
	case errors.Is(err, store.ErrEmailTaken):
		return first, false, v.passkeyGrantFailed(EventSignUpFailed, who, userExists().because(err))
	case err != nil:
		return first, false, err
	}
	first = firstFactor{user: u, passkey: true}
	second, err = v.needsFactor(first, wanted)
	return first, second, err
}

func (v *visit) logInNatively(begun *ceremony.Login, body []byte, wanted want) (first firstFactor, second bool, err error) {
	response, err := v.rp.native.ParseLogin(body)
	if err != nil {
		return first, false, v.passkeyGrantFailed(EventLoginFailed, subject{}, passkeyRefused(err))
	}
	assertion, passkey, u, err := v.finishLogin(v.rp.native, begun, response)
	if err == nil {
		first = v.passkeyRight(assertion, passkey, u)
		if second, err = v.needsFactor(first, wanted); err == nil {
			err = v.storeLogin(assertion, passkey, first, second)
		}
	}
	if err != nil {
		return first, false, v.passkeyGrantFailed(EventLoginFailed, subjectOf(u), passkeyRefused(err))
	}
	return first, second, nil
}

// finishRegistration reads and verifies the answer to a native registration.
func (v *visit) finishRegistration(begun *ceremony.Registration, body []byte) (ceremony.Credential, error) {
	response, err := v.rp.native.ParseRegistration(body)
	if err != nil {
		return ceremony.Credential{}, err
	}
	return v.rp.native.FinishRegistration(begun, response)
}

// passkeyRefused is how a refused passkey is told to an application. What is no
// response at all is a bad request; the rest is no right to tokens.
func passkeyRefused(err error) error {
	switch ceremony.ReasonOf(err) {
	case "":
		return err
	case ceremony.ReasonMalformed:
		return badRequest("authn_response is not a WebAuthn response.").because(err)
	}
	return invalidGrant(words[problemPasskeyRefused].text).because(err)
}

// passkeyGrantFailed logs a passkey that gave no tokens and hands the problem on.
func (v *visit) passkeyGrantFailed(t EventType, who subject, err error) error {
	var p *apiProblem
	if !errors.As(err, &p) {
		return err
	}
	if err := v.record(t, who, Details{AuthenticationMethods: []string{"passkey"}, Error: p.details()}); err != nil {
		return err
	}
	return p
}
