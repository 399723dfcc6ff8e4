package relyingparty

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// loginRequest is the body of a request for login options; every member may be
// missing.
type loginRequest struct {
	Mediation string `json:"mediation"` // "conditional" for a challenge that waits behind the email field
}

func loginOptions(v *visit) error {
	var asked loginRequest
	if err := v.decodeRequest(&asked); err != nil {
		return err
	}
	lifetime := v.policy.ChallengeLifetime
	if asked.Mediation == "conditional" {
		lifetime = v.policy.AutofillLifetime
	}
	options, login, err := v.rp.pages.BeginLogin(ceremony.LoginRules{
		UserVerification: v.policy.UserVerification,
		Models:           v.policy.Models,
		Backup:           v.policy.Backup,
		BackupLoss:       v.policy.BackupLoss,
		Hints:            v.policy.Hints,
		Lifetime:         lifetime,
	})
	if err != nil {
		return err
	}
	v.session.openLogin(login)
	v.rp.pages.Begin(v.atPages(ceremony.Get, login.Challenge(), login))
	return v.answer(http.StatusOK, options)
}

func loginVerify(v *visit) error {
	assertion, passkey, u, err := v.verifyLogin()
	var first firstFactor
	if err == nil {
		first = v.passkeyRight(assertion, passkey, u)
		err = v.storeLogin(assertion, passkey, first, v.wantsSecond(first))
	}
	if ceremony.ReasonOf(err) != "" {
		return v.loginRefused(u, err)
	}
	if err != nil {
		return err
	}
	next, err := v.admitUser(first)
	if err != nil {
		return err
	}
	return v.answer(http.StatusOK, redirection{next})
}

// verifyLogin checks the response. The account is returned also with a refusal, when
// it is known by then.
func (v *visit) verifyLogin() (a ceremony.Assertion, p store.Passkey, u store.User, err error) {
	response, err := v.rp.pages.ParseLogin(v.body)
	if err != nil {
		return a, p, u, err
	}
	login, ok := v.session.takeLogin(response.Challenge())
	login, ok = ceremony.Taken(v.rp.pages, v.atPages(ceremony.Get, response.Challenge(), nil), login, ok)
	if !ok {
		return a, p, u, v.noChallenge(response.Challenge())
	}
	v.site.spent.put(response.Challenge(), struct{}{})
	return v.finishLogin(v.rp.pages, login, response)
}

// finishLogin verifies the answer to a login with a passkey of any account.
func (v *visit) finishLogin(by *ceremony.Ceremonies, login *ceremony.Login, response *ceremony.LoginResponse) (a ceremony.Assertion, p store.Passkey, u store.User, err error) {
	a, err = by.FinishLogin(login, response, v.policy.CounterPolicy, func(credentialID []byte) (ceremony.Owner, error) {
		var err error
		p, u, err = v.site.store.PasskeyByCredential(credentialID)
		if errors.Is(err, store.ErrNotFound) {
			return ceremony.Owner{}, &ceremony.Refusal{Reason: ceremony.ReasonUnknownCredential, Cause: err}
		}
		if err == nil && p.RPID != v.rp.id {
			return ceremony.Owner{}, &ceremony.Refusal{Reason: ceremony.ReasonRPID, Detail: fmt.Sprintf("The passkey was registered for the RP ID %s; it is %s here.", p.RPID, v.rp.id)}
		}
		return ceremony.Owner{Handle: u.Handle, Credential: recordOf(p)}, err
	})
	return a, p, u, err
}

// noChallenge says why a challenge is not among those that wait.
func (v *visit) noChallenge(challenge string) error {
	if _, replayed := v.site.spent.get(challenge); replayed {
		return &ceremony.Refusal{Reason: ceremony.ReasonChallengeUsed}
	}
	return &ceremony.Refusal{Reason: ceremony.ReasonChallengeUnknown}
}

// passkeyRight is a right passkey as a first factor.
func (v *visit) passkeyRight(a ceremony.Assertion, p store.Passkey, u store.User) firstFactor {
	details := &Details{
		Prompts:       []Prompt{v.prompt("passkey", "phr", u, a.Asked)},
		Authenticator: authenticatorDetails(p, a.Attachment),
	}
	if a.CounterRegressed {
		details.Warning = ceremony.ReasonCounter
	}
	if a.BackupLost {
		details.Warning = ceremony.ReasonBackupLost
	}
	details.Authenticator.BackedUp = &a.BackedUp
	return firstFactor{user: u, passkey: true, login: details, onward: func(v *visit, u store.User) (string, error) {
		return v.afterPasskey(a, u)
	}}
}

// storeLogin keeps what a login changed, together with its log line unless a second factor
// is to come.
func (v *visit) storeLogin(a ceremony.Assertion, p store.Passkey, first firstFactor, second bool) error {
	err := v.keepFirst(first, second, func(tx *store.Tx) error { return v.usePasskey(tx, a, p) })
	if errors.Is(err, store.ErrStaleCounter) {
		return &ceremony.Refusal{Reason: ceremony.ReasonCounter, Cause: err}
	}
	return err
}

// usePasskey keeps what a right response changed of its passkey.
func (v *visit) usePasskey(tx *store.Tx, a ceremony.Assertion, p store.Passkey) error {
	return errors.Join(
		noteBackup(tx, p, a, v.now),
		tx.UsePasskey(p.ID, store.Use{
			SignCount:  a.SignCount,
			BackedUp:   a.BackedUp,
			At:         v.now,
			AnyCounter: a.CounterRegressed || v.policy.CounterPolicy == ceremony.CounterWarn,
		}))
}

// loginRefused logs a refused passkey and hands the problem on.
func (v *visit) loginRefused(u store.User, cause error) error {
	key := problemPasskeyRefused
	if ceremony.ReasonOf(cause) == ceremony.ReasonMalformed {
		key = problemInvalidPasskey
	}
	p := failBecause(key, cause)
	p.signal = v.unknownSignal(p.reason)
	if err := v.record(EventLoginFailed, subjectOf(u), Details{
		AuthenticationMethods: []string{"passkey"},
		Error:                 p.details(),
	}); err != nil {
		return err
	}
	return p
}

// afterPasskey says where a passkey login leads: to an offer of a passkey for this
// device, where the policy makes one and the passkey came from another device, or
// home.
func (v *visit) afterPasskey(a ceremony.Assertion, u store.User) (string, error) {
	if !v.policy.Passkeys || !v.policy.LocalEnrollment || a.Attachment != "cross-platform" || v.snoozed(u.Local) {
		return v.onward(), nil
	}
	keys, err := v.site.store.Passkeys(u.ID)
	if err != nil {
		return "", err
	}
	if len(keys) >= v.policy.MaxPasskeys {
		return v.onward(), nil
	}
	for _, k := range v.usable(keys) {
		if k.Attachment == "platform" {
			return v.onward(), nil
		}
	}
	return pathLocalEnrollment, nil
}

// decodeRequest reads the small JSON object that asks for options. An empty body
// asks for nothing special.
func (v *visit) decodeRequest(into any) error {
	if len(v.body) == 0 {
		return nil
	}
	if err := json.Unmarshal(v.body, into); err != nil {
		return failBecause(problemBadRequest, err)
	}
	return nil
}

func authenticatorDetails(p store.Passkey, attachment string) *AuthenticatorDetails {
	return &AuthenticatorDetails{
		Type:       "passkey",
		ID:         p.ID,
		Attachment: attachment,
		DeviceType: deviceType(p.BackupEligible),
	}
}
