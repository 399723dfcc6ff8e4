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
	browser, err := client.New(client.Config{
		Authenticators:        client.Attached(client.Authenticator{Transport: hostile}),
		BelieveAuthenticators: believe,
		User:                  person{passkey: func(context.Context, []client.Account) (int, error) { return 0, nil }},
	})
	require.NoError(t, err)
	made, err := browser.Create(ctx, page, creationOptions(func(o *webauthn.CreationOptions) {
		o.Extensions = extensions("credProps", "true")
		o.ExcludeCredentials = descriptorList("one", "two")
	}))
	requireOutcome(t, made, err)
	caller := page
	if conditional {
		caller = formField
	}
	got, err := browser.Get(ctx, caller, requestOptions())
	requireOutcome(t, got, err)
}

// requireOutcome wants a response that can be written or a DOMException.
func requireOutcome(t *testing.T, response any, err error) {
	t.Helper()
	if err != nil {
		requireException(t, err)
		return
	}
	_, err = json.Marshal(response)
	require.NoError(t, err)
}
