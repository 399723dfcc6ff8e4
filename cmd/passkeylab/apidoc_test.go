package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/internal/seed"
)

// apiReader follows docs/api.md command by command, and does in between what the page
// leaves to an application and to its user: what becomes of one answer goes into the next
// command.
type apiReader struct {
	t         *testing.T
	folder    string
	base      string
	variables map[string]string
	browser   *client.Client
	again     *client.Client // of the account with a second factor; nil until there is one
}

// TestCommandsOfTheAPIPage runs every command of docs/api.md as it stands, at the port
// that was free, against the site with the applications that the page has.
func TestCommandsOfTheAPIPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/api.md")
	require.NoError(t, err)
	r := &apiReader{t: t, folder: t.TempDir(), variables: map[string]string{}, browser: phoneClient(t, "first")}
	_, rest, _ := strings.Cut(string(page), "```json\n")
	applications, _, _ := strings.Cut(rest, "```")
	r.write("applications.json", applications)
	serve := regexp.MustCompile(`(?m)^    passkeylab (serve .*)$`).FindStringSubmatch(string(page))
	require.NotNil(t, serve)
	args := strings.Fields(strings.ReplaceAll(serve[1], "applications.json", filepath.Join(r.folder, "applications.json")))
	r.base = urlIn(t, keepRunning(t, append(args, "--listen", "127.0.0.1:0", "--rate", "0")...))
	r.write(".curlrc", `write-out = "%{stderr}%{http_code}"`)

	ran := 0
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		for _, command := range regexp.MustCompile(`(?m)^\S.*(?:\n  .*)*$`).FindAllString(block[1], -1) {
			command = strings.ReplaceAll(command, "http://localhost:8080", r.base)
			if name, value, is := strings.Cut(command, "="); is && !strings.Contains(name, " ") {
				r.variables[name] = strings.Trim(value, `'"`)
				continue
			}
			require.True(t, strings.HasPrefix(command, "curl "), command)
			r.follow(command)
			ran++
		}
	}
	assert.Equal(t, strings.Count(string(page), "\ncurl "), ran)
	assert.Positive(t, ran)
}

// phoneClient is the browser of a phone of that name.
func phoneClient(t *testing.T, name string) *client.Client {
	phone, err := authenticator.New(authenticator.Phone(), authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser), Clock: authenticator.SystemClock{}, Random: seed.Stream(1, name),
	})
	require.NoError(t, err)
	browser, err := client.New(client.Config{Authenticators: client.Attached(client.Authenticator{Name: "phone", Transport: phone})})
	require.NoError(t, err)
	return browser
}

func (r *apiReader) write(name, text string) {
	require.NoError(r.t, os.WriteFile(filepath.Join(r.folder, name), []byte(text), 0o600))
}

// follow does what comes before a command, runs it, and keeps what it gave.
func (r *apiReader) follow(command string) {
	r.prepare(command)
	out, status := r.run(command)
	switch {
	case strings.Contains(command, "requires_username"):
		assert.Equal(r.t, "400", status, "%s\n%s", command, out)
	case strings.Contains(command, "%{redirect_url}"):
		assert.Regexp(r.t, `^http://localhost:[0-9]+`, out, command)
	case strings.Contains(command, "/log/stream"):
		assert.Contains(r.t, out, `"type":"ss"`, command)
	default:
		assert.Regexp(r.t, `^20[0-4]$`, status, "%s\n%s", command, out)
	}
	r.keep(command, out)
}

// run has a shell run a command, and returns its output and the status of the answer.
func (r *apiReader) run(command string) (out, status string) {
	ctx, cancel := context.WithTimeout(r.t.Context(), 20*time.Second)
	defer cancel()
	if strings.Contains(command, "/log/stream") {
		command = strings.Replace(command, "curl ", "curl --max-time 1 ", 1) // it would go on
	}
	shell := exec.CommandContext(ctx, "bash", "-c", command)
	shell.Dir, shell.Env = r.folder, []string{"PATH=" + os.Getenv("PATH"), "CURL_HOME=" + r.folder, "HOME=" + r.folder, "S=" + r.base}
	for name, value := range r.variables {
		shell.Env = append(shell.Env, name+"="+value)
	}
	var said, told bytes.Buffer
	shell.Stdout, shell.Stderr = &said, &told
	err := shell.Run()
	if !strings.Contains(command, "--max-time") {
		require.NoError(r.t, err, "%s\n%s", command, told.String())
	}
	return said.String(), told.String()
}

// prepare does what the page tells before a command.
func (r *apiReader) prepare(command string) {
	switch {
	case strings.Contains(command, "grant_type=authorization_code"):
		r.variables["CODE"], r.variables["VERIFIER"] = r.logInByRedirect("openid offline_access", ""), strings.Repeat("v", 43)
	case strings.Contains(command, "/oauth/revoke") || strings.Contains(command, "/userinfo"):
		r.variables["ACCESS"] = r.tokens("openid offline_access", "")["access_token"].(string)
	case r.variables["MFA"] == "" && strings.Contains(command, "$MFA"):
		r.variables["MFA"] = r.firstFactor(map[string]any{})["mfa_token"].(string)
	case r.variables["FACTORS"] == "" && strings.Contains(command, "$FACTORS"):
		r.variables["FACTORS"] = r.factorsToken()
	case r.variables["ME"] == "" && strings.Contains(command, "$ME"):
		r.variables["ME"] = r.tokens("create:me:authentication_methods read:me:authentication_methods update:me:authentication_methods delete:me:authentication_methods",
			r.base+"/me/")["access_token"].(string)
	}
}

// keep takes from an answer what later commands need.
func (r *apiReader) keep(command, out string) {
	has := func(part string) bool { return strings.Contains(command, part) }
	switch {
	case has("/passkey/register"):
		begun := r.object(out)
		r.write("token-request.json", r.text(map[string]any{
			"grant_type": "urn:okta:params:oauth:grant-type:webauthn", "client_id": "shop", "client_secret": "shop secret",
			"scope": "openid profile email offline_access", "auth_session": begun["auth_session"],
			"authn_response": r.created(begun["authn_params_public_key"]),
		}))
	case has("token-request.json"):
		r.variables["REFRESH"] = r.object(out)["refresh_token"].(string)
	case has("grant_type=refresh_token"):
		assert.NotEmpty(r.t, r.object(out)["access_token"])
	case has(`$S/me/v1/authentication-methods -H`) && !has(" -d "):
		r.variables["ID"] = r.passkeyIn(out)
	case has(`'{"type":"passkey"}'`):
		_, body, _ := strings.Cut(out, "\r\n\r\n")
		begun := r.object(body)
		r.browser = phoneClient(r.t, "second") // another device: the first has a passkey of this account
		r.write("verify.json", r.text(map[string]any{"auth_session": begun["auth_session"], "authn_response": r.created(begun["authn_params_public_key"])}))
	case has("$S/api/v2/custom-domains -H"):
		r.variables["D"] = r.first(out)["custom_domain_id"].(string)
	case has("users-by-email"):
		r.variables["U"] = url.PathEscape(r.first(out)["user_id"].(string))
	case has("$S/api/v2/users/$U/authentication-methods -H") && !has(" -d ") && !has("DELETE"):
		r.variables["K"] = r.passkeyIn(out)
	case has(`'{"authenticator_types":["otp"]}'`):
		added := r.object(out)
		r.variables["OTP"], r.variables["RECOVERY"] = codeOf(r.t, added["secret"].(string)), added["recovery_codes"].([]any)[0].(string)
	case has("mfa-otp"):
		r.variables["MFA"] = "" // it is used up
	case has("mfa-recovery-code"):
		r.variables["RECOVERY"] = r.object(out)["recovery_code"].(string)
	case has(`"oob_channels":["email"]`):
		added := r.object(out)
		r.variables["OOB"], r.variables["A"] = added["oob_code"].(string), url.PathEscape(added["id"].(string))
		found := regexp.MustCompile(`(?m)^([0-9]{6})$`).FindStringSubmatch(r.outbox())
		require.NotNil(r.t, found)
		r.variables["BINDING"] = found[1]
	case has("/attestation/options"):
		r.browser = phoneClient(r.t, "third")
		r.write("attestation.json", r.text(r.created(r.object(out))))
	case has("/assertion/options"):
		r.write("assertion.json", r.text(r.got(r.object(out))))
	}
}

// firstFactor is what an application does up to the second factor: with a new account the
// first time, with that account's passkey from then on.
func (r *apiReader) firstFactor(more map[string]any) map[string]any {
	body := map[string]any{
		"grant_type": "urn:okta:params:oauth:grant-type:webauthn", "client_id": "shop", "client_secret": "shop secret",
	}
	for name, value := range more {
		body[name] = value
	}
	if r.again == nil {
		begun := r.ask("/passkey/register", map[string]any{"client_id": "shop", "client_secret": "shop secret", "user_profile": map[string]any{"email": "bob@example.com"}})
		r.again = phoneClient(r.t, "bob's")
		r.browser = r.again
		body["auth_session"], body["authn_response"] = begun["auth_session"], r.created(begun["authn_params_public_key"])
		return r.ask("/oauth/token", body)
	}
	r.browser = r.again
	begun := r.ask("/passkey/challenge", map[string]any{"client_id": "shop", "client_secret": "shop secret"})
	body["auth_session"], body["authn_response"] = begun["auth_session"], r.got(begun["authn_params_public_key"])
	return r.ask("/oauth/token", body)
}

// factorsToken is an access token for the MFA API.
func (r *apiReader) factorsToken() string {
	step := r.firstFactor(map[string]any{"audience": r.base + "/mfa/", "scope": "enroll read:authenticators remove:authenticators"})
	return r.ask("/oauth/token", map[string]any{
		"grant_type": "http://auth0.com/oauth/grant-type/mfa-recovery-code", "client_id": "shop", "client_secret": "shop secret",
		"mfa_token": step["mfa_token"], "recovery_code": r.variables["RECOVERY"],
	})["access_token"].(string)
}

// ask posts JSON, whatever comes of it.
func (r *apiReader) ask(path string, body any) map[string]any {
	answer, err := http.Post(r.base+path, "application/json", strings.NewReader(r.text(body)))
	require.NoError(r.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(r.t, err)
	return r.object(string(text))
}

// outbox is the page of mails.
func (r *apiReader) outbox() string {
	answer, err := http.Get(r.base + "/outbox")
	require.NoError(r.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(r.t, err)
	return string(text)
}

// codeOf is what an authenticator app shows for a secret now (RFC 6238).
func codeOf(t *testing.T, secret string) string {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	require.NoError(t, err)
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(time.Now().Unix()/30)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:])&0x7fffffff)%1_000_000)
}

// logInByRedirect is what the user does for an application: it sends them to log in with
// their passkey, and they come back with a code.
func (r *apiReader) logInByRedirect(scope, audience string) string {
	jar, err := cookiejar.New(nil)
	require.NoError(r.t, err)
	var back *url.URL
	visitor := http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(to *http.Request, _ []*http.Request) error {
		if to.URL.Host == "localhost:3000" {
			back = to.URL
			return http.ErrUseLastResponse
		}
		return nil
	}}
	query := url.Values{
		"client_id": {"shop"}, "response_type": {"code"}, "scope": {scope}, "redirect_uri": {"http://localhost:3000/callback"}, "prompt": {"login"},
		"code_challenge": {"7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM"}, "code_challenge_method": {"S256"},
	}
	if audience != "" {
		query.Set("audience", audience)
	}
	var csrf string
	ask := func(method, path string, body []byte) string {
		request, err := http.NewRequestWithContext(r.t.Context(), method, r.base+path, bytes.NewReader(body))
		require.NoError(r.t, err)
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Origin", r.base)
		request.Header.Set("X-CSRF-Token", csrf)
		answer, err := visitor.Do(request)
		require.NoError(r.t, err)
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		require.NoError(r.t, err)
		return string(text)
	}
	found := regexp.MustCompile(`name="csrf-token" content="([^"]+)"`).FindStringSubmatch(ask(http.MethodGet, "/authorize?"+query.Encode(), nil))
	require.NotNil(r.t, found)
	csrf = found[1]
	options := r.object(ask(http.MethodPost, "/u/passkey/login/options", []byte(`{}`)))
	leads := r.object(ask(http.MethodPost, "/u/passkey/login/verify", []byte(r.text(r.got(options["publicKey"])))))
	if target, is := leads["redirect"].(string); is && back == nil {
		ask(http.MethodGet, strings.TrimPrefix(target, r.base), nil)
	}
	require.NotNil(r.t, back, "%v", leads)
	code := back.Query().Get("code")
	require.NotEmpty(r.t, code, back.String())
	return code
}

// tokens logs in by redirect and exchanges the code.
func (r *apiReader) tokens(scope, audience string) map[string]any {
	answer, err := http.PostForm(r.base+"/oauth/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"shop"}, "client_secret": {"shop secret"}, "code": {r.logInByRedirect(scope, audience)},
		"redirect_uri": {"http://localhost:3000/callback"}, "code_verifier": {strings.Repeat("v", 43)},
	})
	require.NoError(r.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(r.t, err)
	require.Equal(r.t, http.StatusOK, answer.StatusCode, string(text))
	return r.object(string(text))
}

// created and got are what a page would be given for options.
func (r *apiReader) created(options any) json.RawMessage {
	answer, err := r.browser.CreateJSON(r.t.Context(), client.Caller{Origin: r.base}, []byte(r.text(options)))
	require.NoError(r.t, err)
	return answer
}

func (r *apiReader) got(options any) json.RawMessage {
	answer, err := r.browser.GetJSON(r.t.Context(), client.Caller{Origin: r.base}, []byte(r.text(options)))
	require.NoError(r.t, err)
	return answer
}

func (r *apiReader) text(v any) string {
	text, err := json.Marshal(v)
	require.NoError(r.t, err)
	return string(text)
}

func (r *apiReader) object(text string) map[string]any {
	r.t.Helper()
	var o map[string]any
	require.NoError(r.t, json.Unmarshal([]byte(text), &o), text)
	return o
}

func (r *apiReader) first(text string) map[string]any {
	r.t.Helper()
	var all []map[string]any
	require.NoError(r.t, json.Unmarshal([]byte(text), &all), text)
	require.NotEmpty(r.t, all)
	return all[0]
}

// passkeyIn is the ID of a passkey in a list, as a path has it.
func (r *apiReader) passkeyIn(list string) string {
	r.t.Helper()
	found := regexp.MustCompile(`"id":"(passkey\|[^"]+)"`).FindStringSubmatch(list)
	require.NotNil(r.t, found, list)
	return url.PathEscape(found[1])
}
