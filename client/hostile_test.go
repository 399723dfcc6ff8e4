package client_test

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// FuzzAuthenticator has an authenticator answer with any bytes, cut into one
// answer per request: no answer makes the client panic, hang or return
// anything but a response or a DOMException.
func FuzzAuthenticator(f *testing.F) {
	add := func(conditional bool, answers ...any) {
		var stream []byte
		for _, a := range answers {
			encoded := ctap.EncodeResponse(a, nil)
			stream = append(append(stream, byte(len(encoded)>>8), byte(len(encoded))), encoded...)
		}
		f.Add(stream, conditional, true)
		f.Add(stream, conditional, false)
	}
	d := laptop().holding("alice", "bob")
	made, err := d.make(&ctap.MakeCredentialRequest{RP: ctap.RPEntity{ID: site}})
	require.NoError(f, err)
	first, err := d.assert(&ctap.GetAssertionRequest{RPID: site})
	require.NoError(f, err)
	next, err := d.next()
	require.NoError(f, err)
	add(false, &d.info, made, &d.info, first, next)
	add(true, &d.info, made, &d.info, first, next, first)
	add(false, &d.info, &ctap.Empty{}, &d.info, &ctap.Empty{})
	addDialogs(f)

	f.Fuzz(func(t *testing.T, stream []byte, conditional, believe bool) {
		synctest.Test(t, func(t *testing.T) {
			// The page of a user who gets nowhere gives up some day.
			ctx, giveUp := context.WithTimeout(t.Context(), time.Hour)
			defer giveUp()
			hostile := exchange(func(context.Context, []byte) ([]byte, error) {
				if len(stream) < 2 {
					giveUp()
					return []byte{byte(ctap.KeepaliveCancel)}, nil
				}
				n := min(int(stream[0])<<8|int(stream[1]), len(stream)-2)
				answer := stream[2 : 2+n]
				stream = stream[2+n:]
				return answer, nil
			})
			tryBoth(t, ctx, hostile, conditional, believe)
		})
	})
}

func tryBoth(t *testing.T, ctx context.Context, hostile ctap.Transport, conditional, believe bool) {
	caller := page
	if conditional {
		caller = formField
	}
	callAll(t, ctx, hostile, caller, believe)
}

// callAll has one authenticator serve calls that together use all there is.
func callAll(t testing.TB, ctx context.Context, hostile ctap.Transport, caller client.Caller, believe bool) {
	browser, err := client.New(client.Config{
		Authenticators:        client.Attached(client.Authenticator{Transport: hostile}),
		BelieveAuthenticators: believe,
		User:                  person{passkey: func(context.Context, []client.Account) (int, error) { return 0, nil }},
		PIN:                   typing("1234", "123456", "12345678", "1234"),
	})
	require.NoError(t, err)
	made, err := browser.Create(ctx, page, creationOptions(func(o *webauthn.CreationOptions) {
		o.AuthenticatorSelection.ResidentKey = webauthn.Preferred
		o.Extensions = extensions("credProps", "true", "prf", `{"eval":{"first":"AA"}}`, "largeBlob", "{}", "credBlob", `"AA"`)
		o.ExcludeCredentials = descriptorList("one", "two")
	}))
	requireOutcome(t, made, err)
	got, err := browser.Get(ctx, caller, requestOptions(func(o *webauthn.RequestOptions) {
		o.AllowCredentials = descriptorList("id of alice")
		o.Extensions = extensions("prf", `{"eval":{"first":"AA"}}`, "largeBlob", `{"write":"AA"}`, "getCredBlob", "true")
	}))
	requireOutcome(t, got, err)
	got, err = browser.Get(ctx, caller, requestOptions())
	requireOutcome(t, got, err)
}

// addDialogs seeds the fuzzer with what devices with a PIN, with or without a
// fingerprint reader, answer to the same calls.
func addDialogs(f *testing.F) {
	byPIN := gifted().holding("alice")
	delete(byPIN.info.Options, ctap.OptionUV)
	for _, d := range []*device{gifted().holding("alice"), byPIN} {
		var stream []byte
		recorder := exchange(func(ctx context.Context, request []byte) ([]byte, error) {
			answer, err := d.Exchange(ctx, request)
			stream = append(append(stream, byte(len(answer)>>8), byte(len(answer))), answer...)
			return answer, err
		})
		callAll(f, f.Context(), recorder, page, false)
		f.Add(stream, false, true)
		f.Add(stream, false, false)
	}
}

// requireOutcome wants a response that can be written or a DOMException.
func requireOutcome(t testing.TB, response any, err error) {
	t.Helper()
	if err != nil {
		requireException(t, err)
		return
	}
	_, err = json.Marshal(response)
	require.NoError(t, err)
}
