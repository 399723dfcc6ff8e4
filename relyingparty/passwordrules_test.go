package relyingparty

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Passwords from 8 characters to 256 bytes are taken as they are.
func TestLongPasswordsAreTaken(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t)
	for name, c := range map[string]struct {
		password string
		taken    bool
	}{
		"seven":     {"Short-1", false},
		"eight":     {"Short-12", true},
		"sixty":     {strings.Repeat("Horse-1 ", 8), true},
		"longest":   {strings.Repeat("Horse-1 ", 32), true},
		"too long":  {strings.Repeat("Horse-1 ", 32) + "x", false},
		"other":     {"Пароль-1 Ω", true},
		"same kind": {"horsehorse", false},
	} {
		b := visitSite(t, s)
		email := strings.ReplaceAll(name, " ", "-") + "@example.com"
		b.startSignUp(email)
		b.open(pathSignUpPassword)
		answer := b.submit(pathSignUpPassword, "password", c.password)
		if !c.taken {
			assert.Equal(t, "password-too-weak", answer.error(), name)
			continue
		}
		assert.Equal(t, "home", answer.screen(), name)
		b.logOut()
		assert.Equal(t, "wrong-credentials", b.logInWithPassword(email, strings.ToLower(c.password)+" ").error(), "%s: nothing is folded or cut", name)
		assert.Equal(t, "passkey-enrollment", b.logInWithPassword(email, c.password).screen(), name)
	}
}

// A flood of strangers costs no user the session.
func TestStrangersPushNobodyOut(t *testing.T) {
	t.Parallel()
	s, _ := newSite(t, func(c *Config) {
		c.Limits = DefaultLimits()
		c.Limits.Sessions = 3
	})
	b := visitSite(t, s)
	b.signUp("ann@example.com")
	for range 10 {
		visitSite(t, s).open(pathLogin)
	}
	assert.Equal(t, "account", b.open(pathAccount).screen())
}
