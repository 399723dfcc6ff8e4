package relyingparty

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

// The options of the APIs always say "preferred"; what an answer is held to is the
// policy's.
func TestNativePasskeysAreHeldToThePolicysVerification(t *testing.T) {
	t.Parallel()
	for demanded, accepted := range map[ceremony.UserVerification]bool{
		ceremony.VerificationRequired: false, ceremony.VerificationPreferred: true, ceremony.VerificationDiscouraged: true,
	} {
		s, _ := newSite(t, withApplications, withPolicy(func(p *Policy) { p.UserVerification = demanded }))
		p := newProgram(t, s)
		refused := func(a answer, failed EventType) {
			t.Helper()
			assert.Equal(t, http.StatusForbidden, a.status, "%s: %s", demanded, a.body)
			assert.Equal(t, failed, lastEvent(t, s).Type, demanded)
			assert.Equal(t, ceremony.ReasonUserVerification, lastEvent(t, s).Details.Error.Reason, demanded)
		}

		silent := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
		silent.Flags = ceremonytest.FlagUP
		begun := p.beginSignUp("app", "silent@example.com")
		assert.Contains(t, string(begun.options), `"userVerification":"preferred"`)
		signedUp := p.exchange("app", begun, silent.Create(t, begun.options), nil)

		d, tokens := p.signUp("ann@example.com", object{"scope": scopeCreateMethods, "audience": testOrigin + "/me/"})
		d.Flags = ceremonytest.FlagUP
		login := p.beginLogin("app")
		assert.Contains(t, string(login.options), `"userVerification":"preferred"`)
		loggedIn := p.exchange("app", login, d.Get(t, login.options), nil)

		if accepted {
			assert.Equal(t, http.StatusOK, signedUp.status, "%s: %s", demanded, signedUp.body)
			assert.Equal(t, http.StatusOK, loggedIn.status, "%s: %s", demanded, loggedIn.body)
			continue
		}
		refused(loggedIn, EventLoginFailed)
		begun = p.beginSignUp("app", "silent@example.com")
		refused(p.exchange("app", begun, silent.Create(t, begun.options), nil), EventSignUpFailed)

		me := p.bearing(tokens["access_token"].(string))
		enrolment := me.post(pathMethods, object{"type": "passkey"})
		require.Equal(t, http.StatusAccepted, enrolment.status, enrolment.body)
		n := enrolment.native(t)
		more := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
		more.Flags = ceremonytest.FlagUP
		a := me.post(pathMethods+"/passkey%7Cnew/verify", object{"auth_session": n.session, "authn_response": json.RawMessage(more.Create(t, n.options))})
		assert.Equal(t, http.StatusBadRequest, a.status, a.body)
		assert.Equal(t, ceremony.ReasonUserVerification, lastEvent(t, s).Details.Error.Reason)
	}
}
