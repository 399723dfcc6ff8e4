package fleet_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/fleet"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/fault"
	"github.com/passkeylab/passkeylab/wire"
)

// mistake is a site with a named mistake.
func mistake(t *testing.T, id string) func() fleet.Plant {
	_, err := fault.Lookup(id)
	require.NoError(t, err)
	return func() fleet.Plant {
		return fleet.Plant{Site: func(c *relyingparty.Config) {
			f, _ := fault.Lookup(id) // one of its own for each site
			c.Seams = append(c.Seams, f.Seams)
		}}
	}
}

// rewritten changes what the site answers.
func rewritten(how func(r *http.Request, answer *httptest.ResponseRecorder)) func() fleet.Plant {
	return func() fleet.Plant {
		return fleet.Plant{Front: func(site http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				answer := httptest.NewRecorder()
				site.ServeHTTP(answer, r)
				how(r, answer)
				for name, values := range answer.Header() {
					w.Header()[name] = values
				}
				w.WriteHeader(answer.Code)
				_, _ = w.Write(answer.Body.Bytes())
			})
		}}
	}
}

func backstage(after func(fleet.Backstage)) func() fleet.Plant {
	return func() fleet.Plant { return fleet.Plant{After: after} }
}

// forgetful keeps a passkey from view when somebody lists all.
type forgetful struct{ authenticator.Store }

func (f forgetful) Find(ctx context.Context, q authenticator.Query) ([]*authenticator.Credential, error) {
	found, err := f.Store.Find(ctx, q)
	if q.ID == nil && q.RPID == "" && len(found) > 0 {
		found = found[:len(found)-1]
	}
	return found, err
}

// through is a way to a site without a network.
type through struct{ site http.Handler }

func (t through) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RemoteAddr, in.RequestURI, in.Host = "127.0.0.1:0", r.URL.RequestURI(), r.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	answer := httptest.NewRecorder()
	t.site.ServeHTTP(answer, in)
	out := answer.Result()
	out.Request = r
	return out, nil
}

var acceptedIDs = regexp.MustCompile(`(allAcceptedCredentialIds(?:&#34;|"):\[)(&#34;|")[A-Za-z0-9_-]+(&#34;|"),?`)

// Each truth is noticed when it is broken, its life is shortened to what it takes, and
// lived again it breaks the same.
func TestWalksNoticeDefects(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plant  func() fleet.Plant
		breaks fleet.Truth
	}{
		"signatures are not verified":   {mistake(t, "rp/signature/not-verified"), fleet.NoFalseEntry},
		"any origin will do":            {mistake(t, "rp/origin/any"), fleet.NoFalseEntry},
		"answers can be used again":     {mistake(t, "rp/challenge/reused"), fleet.NoFalseEntry},
		"the user handle is ignored":    {mistake(t, "rp/credential/user-handle-ignored"), fleet.NoFalseEntry},
		"counters are ignored":          {mistake(t, "rp/counter/ignored"), fleet.NoFalseEntry},
		"eligible passkeys are refused": {mistake(t, "rp/flags/eligible-refused"), fleet.NoLockout},
		"removed passkeys get in": {rewritten(func(r *http.Request, answer *httptest.ResponseRecorder) {
			if strings.HasSuffix(r.URL.Path, "/login/verify") && strings.Contains(answer.Body.String(), string(ceremony.ReasonUnknownCredential)) {
				answer.Code, answer.Body = http.StatusOK, bytes.NewBufferString(`{"redirect": "/"}`)
			}
		}), fleet.NoneIsBack},
		"sessions get lost": {rewritten(func(r *http.Request, answer *httptest.ResponseRecorder) {
			if strings.HasSuffix(r.URL.Path, "/login/password") && r.Method == http.MethodPost {
				answer.Header().Del("Set-Cookie")
			}
		}), fleet.SameSession},
		"a page tells too short a list": {rewritten(func(_ *http.Request, answer *httptest.ResponseRecorder) {
			answer.Body = bytes.NewBuffer(acceptedIDs.ReplaceAll(answer.Body.Bytes(), []byte("$1")))
		}), fleet.Unharmed},
		"the site breaks": {rewritten(func(r *http.Request, answer *httptest.ResponseRecorder) {
			if r.URL.Path == "/account" {
				answer.Code = http.StatusInternalServerError
			}
		}), fleet.Works},
		"a passkey is gone from the site": {backstage(func(b fleet.Backstage) {
			users, _ := b.Site.Users()
			if b.Step%8 == 0 && len(users) > 0 && len(users[0].Passkeys) > 0 {
				_ = b.Site.RemovePasskey(users[0].Email, users[0].Passkeys[0].RegistrationID)
			}
		}), fleet.SiteKeeps},
		"somebody else is in the log": {backstage(func(b fleet.Backstage) {
			if tab, err := wire.New(through{b.Site}, nil, nil); err == nil && b.Step%5 == 0 {
				_ = tab.Open(context.Background(), "https://auth.acme.test/u/reset-password/request")
				_ = tab.Fill("email", "nobody@example.com")
				_ = tab.Press(context.Background(), "continue")
			}
		}), fleet.LogIsTrue},
		"a device forgets": {func() fleet.Plant {
			return fleet.Plant{Store: func(s authenticator.Store) authenticator.Store { return forgetful{s} }}
		}, fleet.Synced},
		"a bound passkey wanders": {backstage(func(b fleet.Backstage) {
			for i, from := range b.Stores {
				found, _ := from.Find(context.Background(), authenticator.Query{})
				for _, c := range found {
					if to := b.Stores[(i+1)%len(b.Stores)]; !c.BackupEligible {
						_ = to.Commit(context.Background(), authenticator.Change{Put: []*authenticator.Credential{c}})
					}
				}
			}
		}), fleet.Bound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var v *fleet.Violation
			for number := uint64(0); v == nil && number < 6; number++ {
				err := fleet.Walk(t.Context(), fleet.Options{Seed: number, Steps: 700, Plant: c.plant()})
				if err != nil {
					require.True(t, errors.As(err, &v), err)
				}
			}
			require.NotNil(t, v, "nobody noticed")
			assert.Equal(t, c.breaks, v.Truth, v.Error())
			assert.LessOrEqual(t, len(v.Life), 20, v.Error())
			var again *fleet.Violation
			require.ErrorAs(t, fleet.Live(t.Context(), fleet.Options{Seed: v.Seed, Plant: c.plant()}, v.Life), &again)
			assert.Equal(t, v.Truth, again.Truth)
			assert.Equal(t, v.Says, again.Says)
			t.Logf("%d of %d steps: %s", len(v.Life), v.At, v.Says)
		})
	}
}
