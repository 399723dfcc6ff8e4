package relyingparty

import (
	"bytes"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// sharedDatabases are databases that two sites can share.
func sharedDatabases() map[string]func(testing.TB) string {
	return map[string]func(testing.TB) string{
		"file":     func(t testing.TB) string { return filepath.Join(t.TempDir(), "site.db") },
		"postgres": newPostgres,
	}
}

func at(where string) func(*Config) { return func(c *Config) { c.Data = where } }

func TestChangesByTheManagementAPIOutliveTheSite(t *testing.T) {
	t.Parallel()
	for name, where := range sharedDatabases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			where := where(t)
			first, _ := newSite(t, withApplications, at(where))
			p := operator(t, first)
			options := object{"passkey_options": object{"challenge_ui": "autofill", "local_enrollment_enabled": false},
				"authentication_methods": object{"passkey": object{"enabled": true}, "password": object{"enabled": true, "api_behavior": "optional", "signup_behavior": "allow"}}}
			for path, body := range map[string]object{
				"/api/v2/connections/" + connectionID: {"options": options},
				"/api/v2/clients/app":                 {"custom_login_page_on": false},
			} {
				a := p.ask(http.MethodPatch, path, body)
				require.Equal(t, http.StatusOK, a.status, a.body)
			}
			a := p.ask(http.MethodPut, customTextPath("login-id"), object{"login-id": object{"title": "Hello"}})
			require.Equal(t, http.StatusOK, a.status, a.body)
			require.NoError(t, first.ChangePolicy(func(p *Policy) error { p.MaxPasskeys = 3; return nil }))
			want := first.Policy()
			require.NoError(t, first.Close())

			second, _ := newSite(t, withApplications, at(where))
			want.MaxPasskeys = DefaultPolicy().MaxPasskeys // was not changed by the API
			assert.Equal(t, want, second.Policy())
			assert.Contains(t, visitSite(t, second).open(pathLogin).body, "Hello")
			require.NoError(t, second.Close())

			var told bytes.Buffer
			third, _ := newSite(t, at(where), func(c *Config) {
				c.Insist = func(p *Policy) { p.ChallengeUI = ChallengeButton }
				c.Logger = slog.New(slog.NewTextHandler(&told, nil))
			})
			want.ChallengeUI = ChallengeButton
			assert.Equal(t, want, third.Policy())
			assert.Contains(t, told.String(), `setting=connection/options member=passkey_options.challenge_ui stored=autofill used=button`)
			require.NoError(t, third.Close())
			fourth, _ := newSite(t, at(where))
			assert.Equal(t, ChallengeAutofill, fourth.Policy().ChallengeUI, "what is stored stays")
		})
	}
}

func TestARefusedChangeIsNotKept(t *testing.T) {
	t.Parallel()
	where := filepath.Join(t.TempDir(), "site.db")
	first, _ := newSite(t, withApplications, at(where))
	a := operator(t, first).ask(http.MethodPatch, "/api/v2/prompts", object{"identifier_first": false})
	require.Equal(t, http.StatusBadRequest, a.status, a.body)
	_, err := first.store.Setting(promptsSetting.key)
	require.ErrorIs(t, err, store.ErrNotFound)
}

// What is stored may not go with a configuration that came later.
func TestSettingsThatDoNotFit(t *testing.T) {
	t.Parallel()
	where := filepath.Join(t.TempDir(), "site.db")
	first, _ := newSite(t, at(where))
	require.NoError(t, first.store.SetSetting(promptsSetting.key, []byte(`{"identifier_first":false,"universal_login_experience":"new"}`)))
	config := first.config
	_, err := New(config)
	require.ErrorContains(t, err, "does not go with the configuration")
	require.NoError(t, first.store.SetSetting(promptsSetting.key, []byte(`[]`)))
	_, err = New(config)
	require.ErrorContains(t, err, "stored setting prompts")
}

func TestProcessesShareATenant(t *testing.T) {
	t.Parallel()
	for name, where := range sharedDatabases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			where := where(t)
			one, clock := newSite(t, withApplications, at(where))
			other, _ := newSite(t, withApplications, at(where), func(c *Config) { c.Clock = clock.Now })

			here := visitSite(t, one)
			device := here.signUp("ann@example.com")
			there := visitSite(t, other)
			there.follow(there.logInWith(device))
			assert.Contains(t, there.open(pathHome).body, "ann@example.com", "the account is everybody's")
			u, err := one.User("ann@example.com")
			require.NoError(t, err)
			assert.Equal(t, 1, u.Logins)
			mine, err := one.Events(0)
			require.NoError(t, err)
			yours, err := other.Events(0)
			require.NoError(t, err)
			assert.Equal(t, mine, yours, "and so is the log")

			p := operator(t, one)
			a := p.ask(http.MethodPatch, "/api/v2/connections/"+connectionID, object{"options": object{"disable_signup": true,
				"authentication_methods": object{"passkey": object{"enabled": true}}}})
			require.Equal(t, http.StatusOK, a.status, a.body)
			require.Eventually(t, func() bool { return !other.Policy().SignUp }, 10*time.Second, 10*time.Millisecond)

			// A session is its process's own, but ends everywhere.
			clock.advance(time.Second)
			stranger := visitSite(t, one)
			stranger.resetPassword(one, "ann@example.com", "Correct horse 2")
			assert.Equal(t, "login-id", there.open(pathAccount).screen(), "the session that began before is over")
			there.follow(there.logInWith(device))
			assert.Contains(t, there.open(pathHome).body, "ann@example.com")
		})
	}
}

// What one process has begun is unknown to the others, and stays good where it began.
func TestProcessesKeepTheirChallenges(t *testing.T) {
	t.Parallel()
	for name, where := range sharedDatabases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			where := where(t)
			one, clock := newSite(t, withApplications, at(where))
			other, _ := newSite(t, withApplications, at(where), func(c *Config) { c.Clock = clock.Now })
			here, there := newProgram(t, one), newProgram(t, other)
			device, _ := here.signUp("ann@example.com", nil)

			begun := here.beginLogin("app")
			response := device.Get(t, begun.options)
			assert.Equal(t, "invalid_grant", there.exchange("app", begun, response, nil).oauthError(t))
			assert.Equal(t, http.StatusOK, here.exchange("app", begun, response, nil).status)

			// The counter is everybody's: what one has seen, none lets go back.
			device.Counter = 5
			n := here.beginLogin("app")
			require.Equal(t, http.StatusOK, here.exchange("app", n, device.Get(t, n.options), nil).status)
			stale := *device
			assert.Equal(t, http.StatusOK, func() int {
				n := there.beginLogin("app")
				return there.exchange("app", n, device.Get(t, n.options), nil).status
			}())
			n = here.beginLogin("app")
			assert.Equal(t, "invalid_grant", here.exchange("app", n, stale.Get(t, n.options), nil).oauthError(t))
		})
	}
}

// resetPassword sets a password by a mailed link.
func (b *browser) resetPassword(s *Site, email, password string) {
	b.t.Helper()
	b.open(pathResetRequest)
	b.submit(pathResetRequest, "email", email)
	mail, err := s.Outbox().Wait(b.t.Context(), email, 0)
	require.NoError(b.t, err)
	link := strings.TrimPrefix(mail.Links[0], testOrigin)
	b.open(link)
	require.Equal(b.t, "reset-password-success", b.submit(pathReset, "ticket", strings.SplitAfter(link, "ticket=")[1], "password", password).screen())
}
