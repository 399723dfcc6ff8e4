package driver_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/client/driver"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/clients"
	"github.com/passkeylab/passkeylab/transport/socket"
	"github.com/passkeylab/passkeylab/webauthn"
)

// TestMain is the program, too: this one, run with "as-driver" before its words.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "as-driver" {
		os.Exit(drive(os.Args[2], os.Args[3:]))
	}
	os.Exit(m.Run())
}

// drive is a driver of our client, for create() and get() without extras.
func drive(command string, words []string) int {
	switch command {
	case "features":
		fmt.Println("name=ours, as a program")
		for _, f := range []clients.Feature{
			clients.ServesPages, clients.OverHID, clients.TypesPIN, clients.VerifiesBuiltIn, clients.FindsAccounts, clients.Cancels,
			clients.ReachesSeveral, clients.KeepsTime, clients.AsksRelated,
		} {
			fmt.Println("feature=" + string(f))
		}
		return 0
	case "crashes":
		fmt.Println("name=crashes\nfeature=webauthn")
		if words != nil && words[0] != "features" {
			if self, err := os.FindProcess(os.Getpid()); err == nil {
				_ = self.Kill()
			}
			<-time.After(time.Minute)
		}
		return 0
	case "boasts":
		fmt.Println("name=boasts\nfeature=pins")
		return 0
	case "garbles":
		fmt.Println("garbled")
		return 0
	}
	given := map[string]string{}
	for _, w := range words[1:] {
		name, value, _ := strings.Cut(w, "=")
		given[name] = value
	}
	ctx, withdraw := context.WithCancel(context.Background())
	go func() {
		if line, _ := bufio.NewReader(os.Stdin).ReadString('\n'); line == "cancel\n" {
			withdraw()
		}
	}()
	if err := ceremony(ctx, command, words[0], given); err != nil {
		var thrown *webauthn.DOMException
		if !errors.As(err, &thrown) {
			thrown = &webauthn.DOMException{Name: "Error", Message: err.Error()}
		}
		fmt.Printf("error=%s\ndetail=%s\n", thrown.Name, strings.ReplaceAll(thrown.Message, "\n", " "))
	}
	return 0
}

type typed string

func (p typed) PIN(context.Context, client.PINPrompt) (string, error) { return string(p), nil }

func ceremony(ctx context.Context, command, path string, given map[string]string) error {
	var keys []client.Authenticator
	for _, path := range strings.FieldsFunc(path+","+given["others"], func(r rune) bool { return r == ',' }) {
		key, err := socket.Dial(ctx, "unix:"+path)
		if err != nil {
			return err
		}
		defer key.Close()
		keys = append(keys, client.Authenticator{Name: path, Transport: key})
	}
	browser, err := client.New(client.Config{
		Authenticators: client.Attached(keys...), PIN: typed(given["pin"]), RelatedOrigins: client.WellKnown{Transport: shelf(given["wellKnown"])},
		Timeouts: client.Timeouts{Min: time.Second, Max: 30 * time.Second, Default: 30 * time.Second},
	})
	if err != nil {
		return err
	}
	caller, options := client.Caller{Origin: given["origin"]}, optionsJSON(command, given)
	var out struct {
		RawID    webauthn.Base64URL `json:"rawId"`
		Response struct {
			ClientDataJSON, AuthenticatorData, Signature, UserHandle webauthn.Base64URL
		}
	}
	var text []byte
	if command == "create" {
		text, err = browser.CreateJSON(ctx, caller, options)
	} else {
		text, err = browser.GetJSON(ctx, caller, options)
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &out); err != nil {
		return err
	}
	r := out.Response
	fmt.Printf("credentialId=%x\nclientData=%x\nauthData=%x\nsignature=%x\nuserHandle=%x\n", []byte(out.RawID), []byte(r.ClientDataJSON), []byte(r.AuthenticatorData), []byte(r.Signature), []byte(r.UserHandle))
	return nil
}

// shelf answers every request as the word "wellKnown" has it.
type shelf string

// RoundTrip implements [http.RoundTripper].
func (s shelf) RoundTrip(*http.Request) (*http.Response, error) {
	w := clients.WellKnown{Status: http.StatusNotFound}
	if s != "" {
		if err := json.Unmarshal([]byte(s), &w); err != nil {
			return nil, err
		}
	}
	return &http.Response{StatusCode: w.Status, Header: http.Header{"Content-Type": {w.ContentType}}, Body: io.NopCloser(strings.NewReader(w.Body))}, nil
}

// optionsJSON are the options of a request in JSON.
func optionsJSON(command string, given map[string]string) []byte {
	b64 := func(text string) webauthn.Base64URL { b, _ := hex.DecodeString(text); return b }
	var list []map[string]any
	for _, id := range strings.Split(given["list"], ",") {
		if id != "" {
			kind := "public-key"
			if k, text, typed := strings.Cut(id, ":"); typed {
				kind, id = k, text
			}
			list = append(list, map[string]any{"type": kind, "id": b64(id)})
		}
	}
	o := map[string]any{"challenge": b64(given["challenge"]), "userVerification": given["userVerification"]}
	if given["timeout"] != "" {
		o["timeout"] = json.Number(given["timeout"])
	}
	if command == "get" {
		o["rpId"], o["allowCredentials"] = given["rp"], list
	} else {
		var params []map[string]any
		for _, alg := range strings.Split(given["algorithms"], ",") {
			kind, number := "public-key", alg
			if k, n, typed := strings.Cut(alg, ":"); typed {
				kind, number = k, n
			}
			if number != "" {
				params = append(params, map[string]any{"type": kind, "alg": json.Number(number)})
			}
		}
		o["rp"] = map[string]any{"id": given["rp"], "name": given["rpName"]}
		o["user"] = map[string]any{"id": b64(given["user"]), "name": given["userName"], "displayName": given["displayName"]}
		o["pubKeyCredParams"], o["excludeCredentials"] = params, list
		o["authenticatorSelection"] = map[string]any{"residentKey": given["residentKey"], "userVerification": given["userVerification"], "authenticatorAttachment": given["attachment"]}
		o["attestation"] = given["attestation"]
	}
	text, _ := json.Marshal(o)
	return text
}

// A program that drives a correct client is blamed for nothing.
func TestProgram(t *testing.T) {
	t.Parallel()
	target, err := driver.New(t.Context(), os.Args[0], "as-driver")
	require.NoError(t, err)
	assert.Equal(t, "ours, as a program", target.Name())
	cases, err := conformance.Select(clients.Cases(), conformance.Selection{Match: []string{
		"create/plain", "create/request", "create/options", "get/request", "get/accounts/rest-fetched", "list", "pin/protocol-2/create", "pin/protocol-2/answer/key-off-curve",
		"hid/cancel", "hid/packets", "hid/answer/keepalive-flood", "page/client-data", "page/no-known-type", "uv/token",
		"several", "page/timeout*", "page/related/create",
	}, Level: conformance.May})
	require.NoError(t, err)
	out := conformance.Run(t.Context(), target, cases, conformance.Options{Seed: 1, Parallel: 8})
	passed := 0
	for _, r := range out.Results {
		switch r.Verdict {
		case conformance.Pass:
			passed++
		case conformance.Fail, conformance.Error, conformance.Skipped:
			t.Errorf("%s: %s: %s (%s, %s)", r.Case.ID, r.Verdict, r.Reason, r.Expected, r.Seen)
		}
	}
	assert.Greater(t, passed, 80)
}

// A client that does not survive a request has failed, whatever was asked of it.
func TestAProgramThatCrashes(t *testing.T) {
	t.Parallel()
	target, err := driver.New(t.Context(), os.Args[0], "as-driver", "crashes")
	require.NoError(t, err)
	cases, err := conformance.Select(clients.Cases(), conformance.Selection{Match: []string{"page/user-id-long"}})
	require.NoError(t, err)
	out := conformance.Run(t.Context(), target, cases[:1], conformance.Options{Seed: 1})
	assert.Equal(t, conformance.Fail, out.Results[0].Verdict)
	assert.Contains(t, out.Results[0].Reason, "the client crashed")
}

// What is wrong with a program is told.
func TestProgramsThatAreNone(t *testing.T) {
	t.Parallel()
	_, err := driver.New(t.Context(), os.Args[0], "as-driver", "garbles")
	assert.ErrorContains(t, err, "is no NAME=VALUE")
	_, err = driver.New(t.Context(), os.Args[0], "as-driver", "boasts")
	assert.ErrorContains(t, err, `there is no feature "pins": did you mean "pin"?`)
	_, err = driver.New(t.Context(), "/nonexistent/program")
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = driver.New(t.Context(), "true")
	assert.ErrorContains(t, err, "it tells no name")
	_, err = driver.New(t.Context(), "false")
	assert.ErrorContains(t, err, "exit status 1")
	assert.False(t, bytes.Contains([]byte(err.Error()), []byte("\n")))
}
