package pages

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEveryTextCanBeChanged words every text of every screen anew and looks for it.
func TestEveryTextCanBeChanged(t *testing.T) {
	t.Parallel()
	s, err := Load()
	require.NoError(t, err)
	shown := map[string]string{}
	for _, v := range moreViews() {
		own := map[string]string{}
		for key := range catalog[v.Screen].texts {
			own[key] = "words of " + key + "."
		}
		v.Texts = Texts{v.Screen: own}
		text, _ := render(t, s, v)
		shown[v.Screen] += text
	}
	require.NotEmpty(t, catalog)
	for screen, w := range catalog {
		require.NotEmpty(t, w.prompt, screen)
		for key := range w.texts {
			assert.Contains(t, shown[screen], "words of "+key+".", screen)
		}
	}
}

// moreViews are those of views, and the variants that they leave out.
func moreViews() []View {
	out := views()
	for _, variant := range []string{LinkExpired, LinkUsed, LinkInvalid} {
		out = append(out, View{Screen: ResetError, Variant: variant, Error: &Problem{Key: "x", Text: "x"}})
	}
	optional := Field{Asked: true}
	out = append(out, View{Screen: SignUpID, EmailField: optional, PhoneField: optional, UsernameField: optional})
	for kinds := range 8 {
		out = append(out, View{Screen: LoginID, LogsInBy: Kinds{kinds&1 != 0, kinds&2 != 0, kinds&4 != 0}})
	}
	return append(out, View{Screen: Enrollment, Variant: SigningUp, Offers: Offers{PasswordSignUp: true}})
}

func TestTextsFillVariablesOnce(t *testing.T) {
	t.Parallel()
	v := View{Screen: LoginID, Client: "Shop ${companyName}", Company: "Acme", Email: "alice@example.com"}
	v.Texts = Texts{LoginID: {"title": "${clientName} of ${tenantName}, ${email} ${userName} ${unknown} ${", "wrong-credentials": "No, ${email}"}}
	got, err := v.Says("title")
	require.NoError(t, err)
	assert.Equal(t, "Shop ${companyName} of Acme, alice@example.com alice@example.com ${unknown} ${", got)
	got, ok := v.ErrorText("wrong-credentials")
	assert.True(t, ok)
	assert.Equal(t, "No, alice@example.com", got)
	_, err = v.Says("nonsense")
	require.ErrorContains(t, err, "nonsense")
}

func TestErrorTexts(t *testing.T) {
	t.Parallel()
	v := View{Screen: LoginPassword, Texts: Texts{
		LoginPassword:   {"wrong-email-credentials": "closest", "wrong-credentials": "further", "same-user-login": "slowly"},
		LocalEnrollment: {"error_passkey-enrollment-failure": "prefixed"},
	}}
	for key, want := range map[string]string{"wrong-credentials": "closest", "too-many-failures": "slowly", "no-email": ""} {
		got, ok := v.ErrorText(key)
		assert.Equal(t, want, got, key)
		assert.Equal(t, want != "", ok, key)
	}
	v.Screen = LocalEnrollment
	got, _ := v.ErrorText("passkey-enrollment-failure")
	assert.Equal(t, "prefixed", got)
}

func TestTextsAreChecked(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", longestText)
	for name, test := range map[string]struct {
		prompt string
		texts  Texts
		says   string
	}{
		"unknown prompt":   {"nonsense", Texts{LoginID: {"title": "x"}}, `"login-id"`},
		"other prompt":     {"signup-id", Texts{LoginID: {"title": "x"}}, `"login-id"`},
		"unknown screen":   {"login-id", Texts{"nonsense": {}}, `"nonsense"`},
		"own screen":       {"", Texts{Account: {"title": "x"}}, `"account"`},
		"unknown key":      {"login-id", Texts{LoginID: {"nonsense": "x"}}, `"nonsense"`},
		"long key":         {"login-id", Texts{LoginID: {long: "x"}}, "x…"},
		"too long":         {"login-id", Texts{LoginID: {"title": long + "x"}}, "login-id.title: a text may have 1024 bytes"},
		"line break":       {"login-id", Texts{LoginID: {"title": "a\nb"}}, "control"},
		"not UTF-8":        {"login-id", Texts{LoginID: {"title": "\xff"}}, "UTF-8"},
		"own error prefix": {"login-id", Texts{LoginID: {"error_no-email": "x"}}, "error_no-email"},
	} {
		_, err := test.texts.Clean(test.prompt)
		require.ErrorContains(t, err, test.says, name)
		assert.Less(t, len(err.Error()), 200, name)
	}
	got, err := Texts{LoginID: {"title": long, "description": " ", "separatorText": "<b>"}, LoginPassword: {}}.Clean("login-id")
	require.Error(t, err)
	assert.Nil(t, got)
	got, err = Texts{LoginID: {"title": long, "description": " ", "separatorText": "<b>", "federatedConnectionButtonText": "x", "no-passkey": "x"}}.Clean("login-id")
	require.NoError(t, err)
	assert.Equal(t, Texts{LoginID: {"title": long, "separatorText": "<b>", "federatedConnectionButtonText": "x", "no-passkey": "x"}}, got)
	got, err = Texts{Enrollment: {"title": ""}, LocalEnrollment: {"title": "x"}}.Clean("passkeys")
	require.NoError(t, err)
	assert.Equal(t, Texts{LocalEnrollment: {"title": "x"}}, got)
}

func TestPrompts(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"login-id", "login-password", "mfa", "mfa-email", "mfa-otp", "mfa-recovery-code", "mfa-webauthn", "passkeys", "reset-password", "signup-id", "signup-password"}, Prompts())
	for screen := range otherKeys {
		assert.NotEmpty(t, PromptOf(screen), screen)
		for _, key := range otherKeys[screen] {
			assert.NotContains(t, catalog[screen].texts, key, "%s is shown or not", screen)
		}
	}
}
