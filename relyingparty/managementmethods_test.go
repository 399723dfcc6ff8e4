package relyingparty

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/totp"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

// methodsOf is where the Management API has an account's authentication methods.
func methodsOf(t testing.TB, s *Site, email string) string {
	t.Helper()
	u, err := s.User(email)
	require.NoError(t, err)
	return "/api/v2/users/" + url.PathEscape(u.ID) + "/authentication-methods"
}

const givenSecret = "JBSW Y3DP EHPK 3PXP" // of ten bytes, as people type them

// An operator gives accounts second factors, which are good at the next login.
func TestOperatorGivesSecondFactors(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor, func(c *Config) { c.Policy.SecondFactor = SecondFactorNever })
	p, op := newProgram(t, s), operator(t, s)
	d, _ := p.signUp("ann@example.com", nil)
	methods := methodsOf(t, s, "ann@example.com")

	made := op.post(methods, object{"type": "totp", "name": "OTP Application", "totp_secret": givenSecret})
	require.Equal(t, http.StatusCreated, made.status, made.body)
	got := made.json(t)
	assert.Regexp(t, `^totp\|dev_`, got["id"])
	assert.Equal(t, object{"id": got["id"], "type": "totp", "name": "OTP Application", "confirmed": true,
		"created_at": "2030-01-01T00:00:00.000Z", "enrolled_at": "2030-01-01T00:00:00.000Z"}, got, "the secret is not repeated")
	assert.Equal(t, "gd_enrollment_complete sapi", codes(t, s)[strings.LastIndex(codes(t, s), "gd_"):])
	assert.Equal(t, "otp", lastOf(t, s, EventPasskeyEnrolled).Details.Authenticator.Type)

	drawn := op.post(methods, object{"type": "totp"}).json(t)
	assert.Len(t, drawn["totp_secret"], 32)
	assert.NotContains(t, op.get(methods).body, "totp_secret", "which is told once")
	mailed := op.post(methods, object{"type": "email", "email": "other@example.com"})
	require.Equal(t, http.StatusCreated, mailed.status, mailed.body)
	assert.Equal(t, "other@example.com", mailed.json(t)["email"])
	assert.Len(t, op.get(methods).list(t), 4, "no recovery code: nobody would have seen it")

	one := methods + "/" + url.PathEscape(got["id"].(string))
	assert.Equal(t, "Her phone", op.ask(http.MethodPatch, one, object{"name": "Her phone"}).json(t)["name"])
	assert.Equal(t, "Her phone", op.get(one).json(t)["name"])

	require.NoError(t, s.ChangePolicy(func(p *Policy) error {
		p.SecondFactor = SecondFactorAlways
		return nil
	}))
	for _, secret := range []any{givenSecret, drawn["totp_secret"]} {
		mfa := p.stepUpWith("app", d, nil)["mfa_token"].(string)
		assert.Equal(t, http.StatusOK, p.second(GrantOTP, mfa, object{"otp": newApp6(t, clock, secret).code()}).status)
	}
	mfa := p.stepUpWith("app", d, nil)["mfa_token"].(string)
	asked := p.post("/mfa/challenge", object{"client_id": "app", "mfa_token": mfa, "challenge_type": "oob"}).json(t)
	assert.Equal(t, http.StatusOK, p.second(GrantOOB, mfa, object{"oob_code": asked["oob_code"], "binding_code": mailedTo(t, s, "other@example.com")}).status)
}

func TestMethodsThatAreRefused(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	op := operator(t, s)
	newProgram(t, s).signUp("ann@example.com", nil)
	methods := methodsOf(t, s, "ann@example.com")
	for name, test := range map[string]struct {
		body object
		says string
	}{
		"no type":         {object{}, "type must be"},
		"unknown type":    {object{"type": "push"}, "type must be"},
		"phone":           {object{"type": "phone", "phone_number": "+4930123456", "preferred_authentication_method": "sms"}, "No messages are sent to phones"},
		"short secret":    {object{"type": "totp", "totp_secret": "JBSWY3DP"}, "10 to 64 bytes"},
		"long secret":     {object{"type": "totp", "totp_secret": strings.Repeat("A", 104)}, "10 to 64 bytes"},
		"no base32":       {object{"type": "totp", "totp_secret": "0189" + strings.Repeat("A", 16)}, "base32"},
		"no address":      {object{"type": "email"}, "email is required"},
		"no such address": {object{"type": "email", "email": "x"}, "email is required"},
		"address of OTP":  {object{"type": "totp", "email": "a@example.com"}, "do not go with"},
		"key of email":    {object{"type": "email", "email": "a@example.com", "key_id": "AAAA"}, "do not go with"},
		"secret of key":   {object{"type": "passkey", "totp_secret": givenSecret}, "do not go with"},
		"number of OTP":   {object{"type": "totp", "phone_number": "+4930123456"}, "do not go with"},
		"unknown member":  {object{"type": "totp", "role": "admin"}, "unknown field"},
		"long name":       {object{"type": "totp", "name": longText}, "name must have"},
		"control in name": {object{"type": "email", "email": "a@example.com", "name": "a\nb"}, "name must have"},
	} {
		for _, a := range []answer{op.post(methods, test.body), op.ask(http.MethodPut, methods, []object{test.body})} {
			assert.Equal(t, http.StatusBadRequest, a.status, name)
			assert.Contains(t, a.managementError(t), test.says, name)
		}
	}
	for _, body := range []string{"{}", "null", "1", "[1]", "[", "[" + strings.Repeat(`{"type":"totp"},`, maxMethods) + `{"type":"totp"}]`, "[" + strings.Repeat(`{"type":"totp"},`, maxFactors) + `{"type":"totp"}]`} {
		a := op.send(http.MethodPut, methods, "application/json", []byte(body))
		assert.Equal(t, http.StatusBadRequest, a.status, body)
		a.managementError(t)
	}
	assert.Len(t, op.get(methods).list(t), 1, "the passkey is still there")
	for range maxFactors {
		require.Equal(t, http.StatusCreated, op.post(methods, object{"type": "totp"}).status)
	}
	assert.Equal(t, http.StatusBadRequest, op.post(methods, object{"type": "totp"}).status, "no more than that")
}

// PUT replaces all that there were, or nothing.
func TestOperatorReplacesAllMethods(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withSecondFactor)
	p, op := newProgram(t, s), operator(t, s)
	ann := p.enrol(clock, "ann@example.com", nil)
	p.signUpStep("bob@example.com", nil)
	methods := methodsOf(t, s, "ann@example.com")
	before := op.get(methods).body
	bobs := op.get(methodsOf(t, s, "bob@example.com")).list(t)[0]
	passkey := func(d *ceremonytest.Device) object {
		return object{"type": "passkey", "name": "New", "key_id": encode(d.ID), "public_key": encode(d.PublicKey(t)), "credential_device_type": "single_device"}
	}
	theirs := passkey(ceremonytest.NewDevice(t, testOrigin, "auth.acme.test"))
	theirs["key_id"] = bobs["key_id"]
	taken := op.ask(http.MethodPut, methods, []object{{"type": "totp"}, theirs})
	assert.Equal(t, http.StatusConflict, taken.status, taken.body)
	assert.Equal(t, before, op.get(methods).body, "nothing has changed")
	assert.Equal(t, EventManagementFailed, lastEvent(t, s).Type)

	fresh := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	a := op.ask(http.MethodPut, methods, []object{passkey(fresh), {"type": "totp", "name": "App", "totp_secret": givenSecret}})
	require.Equal(t, http.StatusOK, a.status, a.body)
	assert.Len(t, a.list(t), 2)
	assert.ElementsMatch(t, a.list(t), op.get(methods).list(t), "the recovery code has gone, too")
	line := codes(t, s)
	assert.True(t, strings.HasSuffix(line, "gd_unenroll gd_unenroll gd_enrollment_complete gd_enrollment_complete sapi"), line)

	begun := p.beginLogin("app")
	assert.Equal(t, http.StatusForbidden, p.exchange("app", begun, ann.device.Get(t, begun.options), nil).status, "the old passkey")
	assert.Equal(t, EventLoginFailed, lastEvent(t, s).Type)
	u, err := s.User("ann@example.com")
	require.NoError(t, err)
	fresh.Handle = handleOf(t, s, u.ID)
	mfa := p.stepUpWith("app", fresh, nil)["mfa_token"].(string)
	old := totp.Code(ann.app.secret, totp.Step(clock.Now())+1)
	assert.Equal(t, http.StatusForbidden, p.second(GrantOTP, mfa, object{"otp": old}).status, "the old app")
	assert.Equal(t, http.StatusOK, p.second(GrantOTP, mfa, object{"otp": newApp6(t, clock, givenSecret).code()}).status)

	none := op.ask(http.MethodPut, methods, []object{})
	assert.Equal(t, http.StatusOK, none.status)
	assert.Equal(t, "[]", none.body)
	assert.Equal(t, "[]", op.get(methods).body)
}

// handleOf is the user handle of an account, which imported passkeys come back with.
func handleOf(t testing.TB, s *Site, id string) []byte {
	t.Helper()
	u, err := s.store.UserByID(id)
	require.NoError(t, err)
	return u.Handle
}
