package relyingparty

import (
	"errors"
	"net/http"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// A passkey of the user's is a second factor after a password: those of the platform on
// one screen, all others on another.

// webauthnScreens are the kinds of factors by their screens.
var webauthnScreens = map[string]factorKind{pages.PlatformChallenge: factorPlatform, pages.RoamingChallenge: factorRoaming}

// factorRequest is the body of what the script of such a screen asks for.
type factorRequest struct {
	Screen string `json:"screen"` // data-screen of the page that asks
	Error  string `json:"error"`  // name of the browser's exception
}

// readFactorRequest says which kind of factor the script is about.
func (v *visit) readFactorRequest() (asked factorRequest, kind factorKind, err error) {
	if err := v.decodeRequest(&asked); err != nil {
		return asked, "", err
	}
	kind, ok := webauthnScreens[asked.Screen]
	if !ok {
		return asked, "", fail(problemBadRequest)
	}
	v.screen = asked.Screen
	return asked, kind, nil
}

func factorOptions(v *visit, s *stepUp, u store.User) error {
	_, kind, err := v.readFactorRequest()
	if err != nil {
		return err
	}
	f, has, err := v.stepUpFactor(s, u, kind)
	if err != nil {
		return err
	}
	if !has {
		return fail(problemNoSuchPasskey)
	}
	rules := ceremony.LoginRules{
		UserVerification: v.policy.UserVerification,
		Models:           v.policy.Models,
		Backup:           v.policy.Backup,
		BackupLoss:       v.policy.BackupLoss,
		Hints:            v.policy.Hints,
		Lifetime:         v.policy.ChallengeLifetime,
		Account:          u.Handle,
	}
	for _, k := range f.passkeys {
		rules.Allow = append(rules.Allow, recordOf(k))
	}
	options, login, err := v.rp.pages.BeginLogin(rules)
	if err != nil {
		return err
	}
	s.webauthn = login
	v.rp.pages.Begin(v.atPages(ceremony.Get, login.Challenge(), login))
	return v.answer(http.StatusOK, options)
}

func factorVerify(v *visit, s *stepUp, u store.User) error {
	assertion, passkey, err := v.verifyFactor(s)
	kind := factorRoaming
	if passkey.Attachment == "platform" {
		kind = factorPlatform
	}
	var next string
	if err == nil {
		next, err = v.finishStepUp(s, u, secondFactor{
			authenticator: AuthenticatorDetails{Type: string(kind), ID: passkey.ID, Attachment: assertion.Attachment},
			keep:          func(tx *store.Tx) error { return v.usePasskey(tx, assertion, passkey) },
		})
		if errors.Is(err, store.ErrStaleCounter) {
			err = &ceremony.Refusal{Reason: ceremony.ReasonCounter, Cause: err}
		}
	}
	if ceremony.ReasonOf(err) == "" {
		if err != nil {
			return err
		}
		return v.answer(http.StatusOK, redirection{next})
	}
	p := failBecause(problemWebAuthnFactor, err)
	return v.webauthnFailed(u, AuthenticatorDetails{Type: string(kind), ID: passkey.ID}, p.details(), p)
}

// verifyFactor checks the response to what was asked last, its one chance.
func (v *visit) verifyFactor(s *stepUp) (a ceremony.Assertion, p store.Passkey, err error) {
	response, err := v.rp.pages.ParseLogin(v.body)
	if err != nil {
		return a, p, err
	}
	login := s.webauthn
	asked := login != nil && login.Challenge() == response.Challenge()
	if asked {
		s.webauthn = nil
	}
	login, asked = ceremony.Taken(v.rp.pages, v.atPages(ceremony.Get, response.Challenge(), nil), login, asked)
	if !asked {
		return a, p, v.noChallenge(response.Challenge())
	}
	v.site.spent.put(response.Challenge(), struct{}{})
	a, p, _, err = v.finishLogin(v.rp.pages, login, response)
	return a, p, err
}

// webauthnFailed logs a factor that was not shown and hands the problem on.
func (v *visit) webauthnFailed(u store.User, a AuthenticatorDetails, d *ErrorDetails, p error) error {
	if err := v.record(EventWebAuthnFactorFailed, subjectOf(u), Details{Authenticator: &a, Error: d}); err != nil {
		return err
	}
	return p
}

// factorAbandoned logs that a browser brought no answer.
func factorAbandoned(v *visit, s *stepUp, u store.User) error {
	asked, kind, err := v.readFactorRequest()
	if err != nil {
		return err
	}
	s.webauthn = nil
	exception := asked.Error
	if !exceptionName.MatchString(exception) {
		exception = "Error"
	}
	if err := v.webauthnFailed(u, AuthenticatorDetails{Type: string(kind)},
		&ErrorDetails{Message: "The browser brought no passkey.", Code: exception}, nil); err != nil {
		return err
	}
	return v.answer(http.StatusOK, struct{}{})
}
