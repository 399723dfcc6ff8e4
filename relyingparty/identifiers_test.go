package relyingparty

import (
	"html"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony/ceremonytest"
)

func flexible(i Identifiers) func(*Config) {
	return withPolicy(func(p *Policy) { p.Tenant.FlexibleIdentifiers, p.Tenant.Identifiers = true, i })
}

// every kind is an identifier, and none has to be there.
var everyKind = Identifiers{
	Email:    Attribute{Identifier: true, SignUp: SignUpOptional},
	Phone:    Attribute{Identifier: true, SignUp: SignUpOptional},
	Username: Attribute{Identifier: true, SignUp: SignUpOptional},
}

func (b *browser) identify(fields ...string) answer {
	b.t.Helper()
	b.open(pathSignUp)
	return b.submit(pathSignUp, fields...)
}

func TestSignUpAndLogInByEveryIdentifier(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fields  []string
		called  string
		logsIn  []string
		passkey bool
	}{
		"phone":    {[]string{"phone_number", "+49 (151) 234-567"}, "+49151234567", []string{"+49151234567", "+49 151 234 567"}, true},
		"username": {[]string{"username", "Liam_1"}, "Liam_1", []string{"liam_1", "LIAM_1"}, false},
		"all": {[]string{"email", "liam@example.com", "phone_number", "+1555", "username", "liam"}, "liam@example.com",
			[]string{"LIAM@example.com", "+1 555", "Liam"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := newSite(t, flexible(everyKind))
			b := visitSite(t, s)
			screen := b.identify(test.fields...).screen()
			if test.passkey {
				require.Equal(t, "passkey-enrollment", screen)
				b.open(pathSignUpPassword)
			} else {
				require.Equal(t, "signup-password", screen, "a username alone: password only")
				assert.Equal(t, problemPasskeysOff, b.post("/u/passkey/register/options", []byte("{}")).refusal(t).Error)
			}
			require.Equal(t, "home", b.submit(pathSignUpPassword, "password", goodPassword).screen())
			assert.Contains(t, html.UnescapeString(b.page.body), test.called)
			assert.Equal(t, test.called, lastEvent(t, s).User)
			b.logOut()
			for _, typed := range test.logsIn {
				screen := b.logInWithPassword(typed, goodPassword).screen()
				if test.passkey {
					assert.Equal(t, "passkey-enrollment", screen, typed)
				} else {
					assert.Equal(t, "home", screen, typed)
					assert.NotEqual(t, http.StatusOK, b.post("/u/passkey/register/options", []byte("{}")).status)
					assert.NotContains(t, b.open(pathAccount).body, `id="create-passkey"`)
				}
				b.logOut()
				assert.Equal(t, "wrong-credentials", b.logInWithPassword(typed, "Another-horse-8").error())
			}
			for i := 0; i < len(test.fields); i += 2 { // each is taken, and only told when the account would be made
				other := visitSite(t, s)
				assert.Empty(t, other.identify(test.fields[i], strings.ToUpper(test.fields[i+1])).error())
				other.open(pathSignUpPassword)
				assert.Equal(t, "email-in-use", other.submit(pathSignUpPassword, "password", goodPassword).error(), test.fields[i])
			}
		})
	}
}

func TestPasskeyForAPhoneNumber(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, flexible(everyKind))
	b := visitSite(t, s)
	b.identify("phone_number", "+49151234567", "username", "liam")
	d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	b.follow(b.register(d))
	require.Equal(t, "home", b.page.screen())
	b.logOut()
	b.follow(b.logInWith(d))
	assert.Contains(t, html.UnescapeString(b.open(pathHome).body), "+49151234567")
	u, err := s.User("LIAM")
	require.NoError(t, err)
	assert.Len(t, u.Passkeys, 1)
	assert.Empty(t, u.Email)
}

func TestWhatSignUpAsksFor(t *testing.T) {
	t.Parallel()
	phoneNeeded := Identifiers{Email: Attribute{Identifier: true, SignUp: SignUpOptional}, Phone: Attribute{Identifier: true, SignUp: SignUpRequired},
		Username: Attribute{SignUp: SignUpOptional}}
	for name, test := range map[string]struct {
		asks   Identifiers
		fields []string
		want   string
	}{
		"nothing":                 {everyKind, nil, "no-login-id"},
		"bad phone":               {everyKind, []string{"phone_number", "0151 234"}, "invalid-phone-number"},
		"bad email":               {everyKind, []string{"email", "liam"}, "invalid-email"},
		"bad username":            {everyKind, []string{"username", "li am"}, "invalid-username"},
		"username like an email":  {everyKind, []string{"username", "a@b.c"}, "invalid-username"},
		"username like a number":  {everyKind, []string{"username", "+1555"}, "invalid-username"},
		"phone missing":           {phoneNeeded, []string{"email", "liam@example.com"}, "no-phone"},
		"not asked for":           {emailAlone, []string{"phone_number", "+1555"}, "no-email"},
		"username missing":        {Identifiers{Email: Attribute{Identifier: true, SignUp: SignUpOptional}, Username: Attribute{SignUp: SignUpRequired}}, []string{"email", "a@b.c"}, "no-username"},
		"email no identifier now": {Identifiers{Email: Attribute{SignUp: SignUpOptional}, Phone: everyKind.Phone}, []string{"email", "a@b.c"}, "no-login-id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := newSite(t, flexible(test.asks))
			assert.Equal(t, test.want, visitSite(t, s).identify(test.fields...).error())
		})
	}
}

func TestFieldsOfTheIdentifierScreens(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, flexible(everyKind))
	b := visitSite(t, s)
	page := b.open(pathSignUp).body
	for _, field := range []string{"email", "phone_number", "username"} {
		assert.Contains(t, page, `name="`+field+`"`)
	}
	assert.Contains(t, page, "Phone number (optional)")
	page = b.open(pathLogin).body
	assert.Contains(t, page, "Phone number, username or email address")
	assert.Contains(t, page, `<input id="email" name="email" type="text"`)
	assert.Equal(t, "invalid-login-id", b.submit(pathLogin, "email", "a b").error())

	plain, _ := newSite(t)
	page = visitSite(t, plain).open(pathSignUp).body
	assert.NotContains(t, page, "phone_number")
	assert.NotContains(t, page, "optional")
}

func TestNativeRegistrationByIdentifier(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications, flexible(everyKind))
	p := newProgram(t, s)
	register := func(profile object) answer {
		return p.post("/passkey/register", object{"client_id": "app", "user_profile": profile})
	}
	a := register(object{"username": "liam"})
	assert.Equal(t, http.StatusBadRequest, a.status)
	assert.Contains(t, a.body, "username alone")
	assert.Equal(t, http.StatusBadRequest, register(object{"name": "Liam"}).status)
	assert.Equal(t, http.StatusBadRequest, register(object{"phone_number": "0151"}).status)

	a = register(object{"phone_number": "+49151234567", "username": "Liam"})
	require.Equal(t, http.StatusOK, a.status, a.body)
	assert.Contains(t, a.body, `"name":"+49151234567"`)
	begun := a.native(t)
	d := ceremonytest.NewDevice(t, testOrigin, "auth.acme.test")
	require.Equal(t, http.StatusOK, p.exchange("app", begun, d.Create(t, begun.options), nil).status)
	for _, taken := range []object{{"phone_number": "+49151234567"}, {"phone_number": "+1555", "username": "LIAM"}} {
		a = register(taken)
		assert.Equal(t, http.StatusBadRequest, a.status)
		assert.Contains(t, a.body, words[problemEmailInUse].text)
	}
	u, err := s.User("+49151234567")
	require.NoError(t, err)
	managed := operator(t, s).get("/api/v2/users/" + u.ID).json(t)
	assert.Equal(t, "+49151234567", managed["phone_number"])
	assert.Equal(t, "Liam", managed["username"])
	assert.NotContains(t, managed, "email")
}

func TestAttributesOfTheConnection(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, withApplications)
	p := operator(t, s)
	patch := func(attributes any) answer {
		return p.ask(http.MethodPatch, "/api/v2/connections/"+connectionID, object{"options": object{
			"authentication_methods": object{"passkey": object{"enabled": true}}, "attributes": attributes}})
	}
	active := func(status string) object {
		return object{"identifier": object{"active": true}, "signup": object{"status": status}}
	}
	a := patch(object{"email": active("optional"), "phone_number": active("required"), "username": object{"signup": object{"status": "optional"},
		"validation": object{"min_length": 1, "max_length": 15}}})
	require.Equal(t, http.StatusOK, a.status, a.body)
	assert.Equal(t, Identifiers{Email: everyKind.Email, Phone: Attribute{true, SignUpRequired}, Username: Attribute{false, SignUpOptional}}, s.Policy().Tenant.Identifiers)
	told := a.json(t)["options"].(object)["attributes"].(object)
	assert.Equal(t, "required", told["phone_number"].(object)["signup"].(object)["status"])

	for name, attributes := range map[string]any{
		"username alone has no passkeys": object{"username": active("required")},
		"none active":                    object{"email": object{"signup": object{"status": "required"}}},
		"nobody could sign up":           object{"email": active("inactive")},
		"no such status":                 object{"email": active("maybe")},
		"codes":                          object{"email": object{"identifier": object{"active": true, "default_method": "email_otp"}}},
		"verification":                   object{"email": object{"identifier": object{"active": true}, "signup": object{"status": "required", "verification": object{"active": true}}}},
		"other lengths":                  object{"email": active("required"), "username": object{"validation": object{"max_length": 100}}},
		"unknown member":                 object{"email": object{"colour": "blue"}},
	} {
		a := patch(attributes)
		assert.Equal(t, http.StatusBadRequest, a.status, "%s: %s", name, a.body)
	}
	a = patch(nil)
	require.Equal(t, http.StatusOK, a.status, a.body)
	assert.Equal(t, Identifiers{}, s.Policy().Tenant.Identifiers)
	assert.False(t, s.Policy().Tenant.FlexibleIdentifiers)
}

// Wrong passwords are counted for the account, whichever of its names they are tried by.
func TestIdentifiersShareTheirWrongPasswords(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, flexible(everyKind), func(c *Config) {
		c.Limits = DefaultLimits()
		c.Limits.PasswordErrors.Burst = 2
	})
	b := visitSite(t, s)
	b.identify("email", "liam@example.com", "username", "liam")
	b.open(pathSignUpPassword)
	b.submit(pathSignUpPassword, "password", goodPassword)
	b.logOut()
	for _, typed := range []string{"liam", "liam@example.com"} {
		assert.Equal(t, "wrong-credentials", b.logInWithPassword(typed, "x").error())
	}
	assert.Equal(t, string(problemAccountLimited), b.logInWithPassword("LIAM", goodPassword).error())
}
