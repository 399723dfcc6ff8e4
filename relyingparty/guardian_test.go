package relyingparty

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFactorPolicies(t *testing.T) {
	t.Parallel()
	where := elsewhere(t)
	if where == "" {
		where = t.TempDir() + "/site.db"
	}
	s, _ := newSite(t, withApplications, at(where))
	p := operator(t, s)
	const path = "/api/v2/guardian/policies"
	assert.JSONEq(t, `[]`, p.get(path).body)
	for _, body := range []any{object{}, []string{"confidence-score"}, []string{factorForAll, factorForAll}, "x", []int{1}} {
		assert.Equal(t, http.StatusBadRequest, p.ask(http.MethodPut, path, body).status, body)
	}
	assert.JSONEq(t, `["all-applications"]`, p.ask(http.MethodPut, path, []string{factorForAll}).body)
	assert.Equal(t, SecondFactorAlways, s.Policy().SecondFactor)
	next, _ := newSite(t, withApplications, at(where))
	assert.JSONEq(t, `["all-applications"]`, operator(t, next).get(path).body, "it is kept")
	overruled, _ := newSite(t, withApplications, at(where), func(c *Config) { c.Insist = func(p *Policy) { p.SecondFactor = SecondFactorNever } })
	assert.Equal(t, SecondFactorNever, overruled.Policy().SecondFactor)
	assert.JSONEq(t, `[]`, p.ask(http.MethodPut, path, []string{}).body)
	assert.Equal(t, http.StatusUnauthorized, newProgram(t, s).get(path).status)
}

// TestLostFactors has an operator let somebody in again, and a user see their factors.
func TestLostFactors(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	b := visitSite(t, s)
	b.signUpWithApp(clock, "ann@example.com")
	b.logOut()
	u, err := s.User("ann@example.com")
	require.NoError(t, err)
	p := operator(t, s)
	methods := "/api/v2/users/" + url.PathEscape(u.ID) + "/authentication-methods"
	all := p.get(methods).list(t)
	require.Len(t, all, 2)
	assert.Equal(t, "totp", all[0]["type"])
	assert.NotContains(t, all[0], "key_id")
	one := methods + "/" + url.PathEscape(all[0]["id"].(string))
	assert.Equal(t, all[0], p.get(one).json(t))
	require.Equal(t, http.StatusNoContent, p.ask(http.MethodDelete, methods, nil).status)
	assert.Equal(t, "[]", p.get(methods).body, "the recovery code, too")
	assert.Equal(t, EventPasskeyRemoved, lastOf(t, s, EventPasskeyRemoved).Type)
	assert.Equal(t, "otp", lastOf(t, s, EventPasskeyRemoved).Details.Authenticator.Type)
	assert.Equal(t, "mfa-otp-enrollment-qr", b.logInWithPassword("ann@example.com", goodPassword).screen())

	own := newProgram(t, s)
	bob := own.enrol(clock, "bob@example.com", object{"audience": testOrigin + "/me/", "scope": "openid read:me:authentication_methods delete:me:authentication_methods"})
	me := own.bearing(bob.tokens["access_token"].(string))
	totp := me.get("/me/v1/authentication-methods?type=totp").json(t)["authentication_methods"].([]any)
	require.Len(t, totp, 1)
	assert.Equal(t, []any{"secondary"}, totp[0].(object)["usage"])
	id := url.PathEscape(totp[0].(object)["id"].(string))
	assert.Equal(t, http.StatusNoContent, me.ask(http.MethodDelete, "/me/v1/authentication-methods/"+id, nil).status)
	assert.Equal(t, http.StatusNotFound, me.ask(http.MethodDelete, "/me/v1/authentication-methods/"+id, nil).status)
}
