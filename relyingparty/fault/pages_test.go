package fault_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty"
)

// visitor is a browser at the site's pages, and a program at its APIs.
type visitor struct {
	t    testing.TB
	site *relyingparty.Site
	http *http.Client
	csrf string
}

// siteStage is the site itself, with a clock that can be moved.
func siteStage(t testing.TB, edit func(*relyingparty.Config), seams ...relyingparty.Seams) (*visitor, *time.Time) {
	t.Helper()
	now := opening
	c := relyingparty.Config{
		BaseURL: origin, PasswordCost: relyingparty.LabPasswordCost(), Clock: func() time.Time { return now }, Random: new(numbers), Seams: seams,
		Applications: []relyingparty.Application{{ID: "app", Grants: []relyingparty.GrantType{relyingparty.GrantPasskey}}},
		Policy:       relyingparty.DefaultPolicy(),
	}
	if edit != nil {
		edit(&c)
	}
	site, err := relyingparty.New(c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, site.Close()) })
	return visit(t, site), &now
}

func visit(t testing.TB, site *relyingparty.Site) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &visitor{t: t, site: site, http: &http.Client{Transport: straight{site}, Jar: jar}}
}

// straight carries requests to a handler.
type straight struct{ to http.Handler }

func (s straight) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.RemoteAddr = "192.0.2.1:1234"
	w := httptest.NewRecorder()
	s.to.ServeHTTP(w, r)
	answer := w.Result()
	answer.Request = r
	return answer, nil
}

func (v *visitor) do(method, path, kind string, body []byte) (int, string) {
	v.t.Helper()
	r, err := http.NewRequest(method, origin+path, bytes.NewReader(body))
	require.NoError(v.t, err)
	r.Header.Set("Content-Type", kind)
	r.Header.Set("X-CSRF-Token", v.csrf)
	answer, err := v.http.Do(r)
	require.NoError(v.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(v.t, err)
	if found := regexp.MustCompile(`name="csrf-token" content="([^"]*)"`).FindSubmatch(text); found != nil {
		v.csrf = string(found[1])
	}
	return answer.StatusCode, string(text)
}

func (v *visitor) open(path string) string {
	v.t.Helper()
	_, body := v.do(http.MethodGet, path, "", nil)
	return body
}

func (v *visitor) submit(path string, fields url.Values) string {
	v.t.Helper()
	fields.Set("csrf", v.csrf)
	_, body := v.do(http.MethodPost, path, "application/x-www-form-urlencoded", []byte(fields.Encode()))
	return body
}

func (v *visitor) exchange(path string, body []byte) (string, bool) {
	v.t.Helper()
	status, answer := v.do(http.MethodPost, path, "application/json", body)
	return answer, status == http.StatusOK
}

// options are those that the script of a page gets.
func (v *visitor) options(path string) object {
	v.t.Helper()
	answer, ok := v.exchange(path, nil)
	require.True(v.t, ok, answer)
	return publicKey(v.t, []byte(answer))
}

// signUp makes an account with a passkey at the pages.
func (v *visitor) signUp(email string, k *key) {
	v.t.Helper()
	v.open("/u/signup/identifier")
	v.submit("/u/signup/identifier", url.Values{"email": {email}})
	answer, ok := v.addPasskey(k)
	require.True(v.t, ok, answer)
}

func (v *visitor) addPasskey(k *key) (string, bool) {
	v.t.Helper()
	answer, ok := v.exchange("/u/passkey/register/options", nil)
	if !ok {
		return answer, false
	}
	return v.exchange("/u/passkey/register/verify", k.create(v.t, publicKey(v.t, []byte(answer))))
}

func (v *visitor) toLogIn() object {
	v.t.Helper()
	v.open("/u/login/identifier")
	return v.options("/u/passkey/login/options")
}

func (v *visitor) loggedIn(response []byte) bool {
	v.t.Helper()
	_, ok := v.exchange("/u/passkey/login/verify", response)
	return ok
}

// TestPages are scenes at the site's pages, each with the fault that changes how it ends.
func TestPages(t *testing.T) {
	t.Parallel()
	// The scenes begin with an account that has one passkey, and a visitor who is a stranger.
	scenes := map[string]func(v *visitor, now *time.Time, k *key) bool{
		"ordinary": func(v *visitor, _ *time.Time, k *key) bool { return v.loggedIn(k.get(v.t, v.toLogIn())) },
		"trailing data": func(v *visitor, _ *time.Time, k *key) bool {
			return v.loggedIn(append(k.get(v.t, v.toLogIn()), "x"...))
		},
		"replayed": func(v *visitor, _ *time.Time, k *key) bool {
			response := k.get(v.t, v.toLogIn())
			require.True(v.t, v.loggedIn(response))
			again := visit(v.t, v.site)
			again.open("/u/login/identifier")
			return again.loggedIn(response)
		},
		"late": func(v *visitor, now *time.Time, k *key) bool {
			options := v.toLogIn()
			*now = now.Add(time.Hour)
			v.open("/u/login/identifier")
			return v.loggedIn(k.get(v.t, options))
		},
		"another session": func(v *visitor, _ *time.Time, k *key) bool {
			options := v.toLogIn()
			other := visit(v.t, v.site)
			other.open("/u/login/identifier")
			return other.loggedIn(k.get(v.t, options))
		},
		"any challenge": func(v *visitor, _ *time.Time, k *key) bool {
			options := v.toLogIn()
			options["challenge"] = encode(make([]byte, 32))
			return v.loggedIn(k.get(v.t, options))
		},
		"other origin": func(v *visitor, _ *time.Time, k *key) bool {
			clientText(origin, "https://evil.test")(k)
			return v.loggedIn(k.get(v.t, v.toLogIn()))
		},
		"counter": func(v *visitor, _ *time.Time, k *key) bool {
			k.counter = 5
			require.True(v.t, v.loggedIn(k.get(v.t, v.toLogIn())))
			again := visit(v.t, v.site)
			return again.loggedIn(k.get(v.t, again.toLogIn()))
		},
		"two passkeys": func(v *visitor, _ *time.Time, k *key) bool {
			require.True(v.t, v.loggedIn(k.get(v.t, v.toLogIn())))
			v.open("/account")
			_, ok := v.addPasskey(newKey(v.t, "second"))
			return ok
		},
		"four passkeys": func(v *visitor, _ *time.Time, k *key) bool {
			require.True(v.t, v.loggedIn(k.get(v.t, v.toLogIn())))
			v.open("/account")
			for _, name := range []string{"second", "third", "fourth"} {
				if _, ok := v.addPasskey(newKey(v.t, name)); !ok {
					return false
				}
			}
			return true
		},
		"session of yesterday": func(v *visitor, now *time.Time, k *key) bool {
			require.True(v.t, v.loggedIn(k.get(v.t, v.toLogIn())))
			*now = now.Add(24 * time.Hour)
			return regexp.MustCompile(`data-screen="account"`).MatchString(v.open("/account"))
		},
		"native":           func(v *visitor, _ *time.Time, k *key) bool { return v.logInNatively(k, 1) },
		"native, replayed": func(v *visitor, _ *time.Time, k *key) bool { return v.logInNatively(k, 2) },
	}
	usual := map[string]bool{"ordinary": true, "two passkeys": true, "native": true}
	for id, changes := range map[string][]string{
		"":                               nil,
		"rp/json/trailing-data-accepted": {"trailing data"},
		"rp/challenge/reused":            {"replayed", "native, replayed"},
		"rp/challenge/never-expires":     {"late"},
		"rp/challenge/of-any-session":    {"another session"},
		"rp/challenge/any":               {"any challenge"},
		"rp/origin/any":                  {"other origin"},
		"rp/counter/ignored":             {"counter"},
		"rp/counter/zero-refused":        {"ordinary", "native"},
		"rp/state/passkeys-unlimited":    {"four passkeys"},
		"rp/state/one-passkey":           {"two passkeys"},
		"rp/state/sessions-forever":      {"session of yesterday"},
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			for name, play := range scenes {
				if name == "two passkeys" && id == "rp/counter/zero-refused" { // which lets nobody in
					continue
				}
				v, now := siteStage(t, func(c *relyingparty.Config) { c.Policy.MaxPasskeys = 3 }, seamsOf(t, id)...)
				k := newKey(t, "first")
				v.signUp("alice@example.com", k)
				want := usual[name]
				for _, changed := range changes {
					want = want != (changed == name)
				}
				if id == "rp/counter/zero-refused" && !usual[name] {
					continue
				}
				assert.Equal(t, want, play(visit(t, v.site), now, k), name)
			}
		})
	}
}

func seamsOf(t testing.TB, id string) []relyingparty.Seams {
	t.Helper()
	if id == "" {
		return nil
	}
	return []relyingparty.Seams{lookup(t, id).Seams}
}

// logInNatively sends one response to the token endpoint several times, and reports
// whether the last was good.
func (v *visitor) logInNatively(k *key, times int) (ok bool) {
	v.t.Helper()
	_, text := v.do(http.MethodPost, "/passkey/challenge", "application/json", []byte(`{"client_id":"app"}`))
	var begun struct {
		Session string `json:"auth_session"`
		Options object `json:"authn_params_public_key"`
	}
	require.NoError(v.t, json.Unmarshal([]byte(text), &begun))
	body := marshal(v.t, object{
		"grant_type": "urn:okta:params:oauth:grant-type:webauthn", "client_id": "app", "auth_session": begun.Session,
		"authn_response": json.RawMessage(k.get(v.t, begun.Options)),
	})
	for range times {
		_, ok = v.exchange("/oauth/token", body)
	}
	return ok
}

func TestPolicyOfFaults(t *testing.T) {
	t.Parallel()
	closed := func(c *relyingparty.Config) { c.Policy.SignUp = false }
	v, _ := siteStage(t, closed)
	v.open("/u/signup/identifier")
	assert.NotContains(t, v.submit("/u/signup/identifier", url.Values{"email": {"a@example.com"}}), `data-screen="passkey-enrollment"`)
	v, _ = siteStage(t, closed, lookup(t, "rp/state/sign-up-though-closed").Seams)
	v.signUp("a@example.com", newKey(t, "first"))

	for id, good := range map[string]bool{"": false, "rp/state/reset-links-forever": true} {
		v, now := siteStage(t, nil, seamsOf(t, id)...)
		v.signUp("alice@example.com", newKey(t, "first"))
		stranger := visit(t, v.site)
		stranger.open("/u/reset-password/request")
		stranger.submit("/u/reset-password/request", url.Values{"email": {"alice@example.com"}})
		mails := v.site.Outbox().All()
		require.NotEmpty(t, mails)
		link := regexp.MustCompile(`/u/reset-password/reset\?ticket=[\w-]+`).FindString(mails[len(mails)-1].Text)
		require.NotEmpty(t, link, mails[len(mails)-1].Text)
		*now = now.Add(48 * time.Hour)
		assert.Equal(t, good, regexp.MustCompile(`data-screen="reset-password"`).MatchString(stranger.open(link)), id)
	}
}
