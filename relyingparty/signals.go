package relyingparty

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// signalsJSON is what a page tells authenticators of the user who is logged in
// (WebAuthn L3 §5.1.10). Its members are named as in the options of the methods.
type signalsJSON struct {
	RPID        string `json:"rpId"`
	UserID      string `json:"userId"` // the user handle, in base64url
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
	// Accepted is the complete list of the user's passkeys under the RP ID, or nil
	// where none can be given: an authenticator takes away what the list lacks.
	Accepted []string `json:"allAcceptedCredentialIds"`
}

// signals says what a page that shows a user tells authenticators; "" for nothing.
// Nobody but the user who is logged in gets it, since it tells which passkeys they have.
func (v *visit) signals(u store.User, keys []store.Passkey) (string, error) {
	if !v.policy.Signals || !v.policy.Passkeys {
		return "", nil
	}
	account, err := accountOfUser(u)
	if err != nil {
		return "", err
	}
	told := signalsJSON{
		RPID: v.rp.id, UserID: encode(account.Handle), Name: account.Name, DisplayName: account.DisplayName,
	}
	if !v.site.enrolling.any(u.ID, v.now) {
		told.Accepted = []string{}
		for _, k := range keys {
			if k.RPID == told.RPID {
				told.Accepted = append(told.Accepted, encode(k.CredentialID))
			}
		}
	}
	text, err := json.Marshal(told)
	return string(text), err
}

// signalsDue is signals on the first page after something has changed.
func (v *visit) signalsDue(u store.User) (string, error) {
	if !v.session.state().signalsDue {
		return "", nil
	}
	keys, err := v.site.store.Passkeys(u.ID)
	if err != nil {
		return "", err
	}
	v.session.change(func(f *flow) { f.signalsDue = false })
	return v.signals(u, keys)
}

// unknownJSON is the argument of signalUnknownCredential (WebAuthn L3 §5.1.10.2).
type unknownJSON struct {
	RPID         string `json:"rpId"`
	CredentialID string `json:"credentialId"`
}

// unknownSignal is what to tell the device that has answered with a passkey nobody has
// here; it would be offered again and again. Nothing but that one is named: nobody is
// logged in. nil where the refusal has another reason.
func (v *visit) unknownSignal(why ceremony.Reason) *unknownJSON {
	if why != ceremony.ReasonUnknownCredential || !v.policy.Signals {
		return nil
	}
	response, err := ceremony.ParseLogin(v.body)
	if err != nil {
		return nil
	}
	return &unknownJSON{RPID: v.rp.id, CredentialID: encode(response.CredentialID())}
}

// enrolments are the registrations that accounts have open. While there is one, the
// device may have a passkey that the site has yet to hear of, and a list without it
// would have the device throw it away.
type enrolments struct{ open *lru[map[string]time.Time] } // by user, when each challenge expires

// maxEnrolling bounds how many accounts are remembered to be enrolling.
const maxEnrolling = 10_000

func newEnrolments() *enrolments { return &enrolments{newLRU[map[string]time.Time](maxEnrolling)} }

// begin remembers that a registration for an account waits for its response. An
// account to be has no list yet that could lack it.
func (e *enrolments) begin(userID string, asked *ceremony.Registration, now time.Time) {
	if userID == "" {
		return
	}
	e.open.change(userID, func(open map[string]time.Time, _ bool) map[string]time.Time {
		next := map[string]time.Time{asked.Challenge(): asked.Expires()}
		for challenge, expires := range open {
			if !now.After(expires) && len(next) < pendingPerSession {
				next[challenge] = expires
			}
		}
		return next
	})
}

// end forgets a registration, whatever has come of it.
func (e *enrolments) end(userID string, asked *ceremony.Registration) {
	if open, ok := e.open.get(userID); !ok || len(open) == 0 {
		return
	}
	e.open.change(userID, func(open map[string]time.Time, _ bool) map[string]time.Time {
		next := make(map[string]time.Time)
		for challenge, expires := range open {
			if challenge != asked.Challenge() {
				next[challenge] = expires
			}
		}
		return next
	})
}

// any reports whether an account has a registration open.
func (e *enrolments) any(userID string, now time.Time) bool {
	open, _ := e.open.get(userID)
	for _, expires := range open {
		if !now.After(expires) {
			return true
		}
	}
	return false
}

// abandonRequest is the body by which a page says that nothing came of a registration.
type abandonRequest struct {
	Challenge string `json:"challenge"`
	Error     string `json:"error"` // name of the exception
}

// abandonRegistration forgets a registration that the page has given up, so that it
// does not count as open for as long as its challenge lives.
func abandonRegistration(v *visit) error {
	var asked abandonRequest
	if err := v.decodeRequest(&asked); err != nil {
		return err
	}
	if taken, ok := v.session.takeRegistration(asked.Challenge); ok {
		v.site.enrolling.end(taken.userID, taken.Registration)
		if taken.silent {
			if err := v.upgradeAbandoned(taken, asked.Error); err != nil {
				return err
			}
		}
	}
	return v.answer(http.StatusOK, struct{}{})
}
