package client_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/webauthn"
)

// listener notes the signals that reach an authenticator.
type listener struct {
	heard []webauthn.Signal
	err   error
}

func (l *listener) Signal(_ context.Context, s webauthn.Signal) error {
	l.heard = append(l.heard, s)
	return l.err
}

func TestSignalsReachEveryAuthenticatorThatReceivesThem(t *testing.T) {
	t.Parallel()
	first, second := new(listener), &listener{err: errors.New("out of order")}
	var failed []string
	c, err := client.New(client.Config{
		Authenticators: client.Attached(
			client.Authenticator{Name: "phone", Transport: laptop(), Signals: first},
			client.Authenticator{Name: "key", Transport: securityKey()},
			client.Authenticator{Name: "laptop", Transport: laptop(), Signals: second},
		),
		SignalFailed: func(name string, err error) { failed = append(failed, name+": "+err.Error()) },
	})
	require.NoError(t, err)
	want := &webauthn.UnknownCredential{RPID: site, CredentialID: []byte{1}}
	require.NoError(t, c.Signal(t.Context(), page, want))
	require.NoError(t, c.SignalJSON(t.Context(), page, webauthn.SignalUnknownCredential, []byte(`{"rpId":"example.com","credentialId":"AQ"}`)))
	assert.Equal(t, []webauthn.Signal{want, want}, first.heard)
	assert.Equal(t, first.heard, second.heard)
	assert.Equal(t, []string{"laptop: out of order", "laptop: out of order"}, failed, "the page learns nothing of it")
}

func TestSignalsThatArePagesMistakes(t *testing.T) {
	t.Parallel()
	heard := new(listener)
	c, err := client.New(client.Config{Authenticators: client.Attached(client.Authenticator{Transport: laptop(), Signals: heard})})
	require.NoError(t, err)
	for _, test := range []struct {
		name, origin, method, options, want string
	}{
		{"another site's RP ID", "https://example.org", webauthn.SignalUnknownCredential, `{"rpId":"example.com","credentialId":"AQ"}`, webauthn.SecurityError},
		{"an empty RP ID", "https://example.com", webauthn.SignalUnknownCredential, `{"rpId":"","credentialId":"AQ"}`, webauthn.SecurityError},
		{"an insecure page", "http://example.com", webauthn.SignalUnknownCredential, `{"rpId":"example.com","credentialId":"AQ"}`, webauthn.SecurityError},
		{"base64 in place of base64url", "https://example.com", webauthn.SignalUnknownCredential, `{"rpId":"example.com","credentialId":"+w=="}`, webauthn.TypeError},
		{"a member is missing", "https://example.com", webauthn.SignalAllAcceptedCredentials, `{"rpId":"example.com","userId":"AQ"}`, webauthn.TypeError},
		{"an opaque origin", "null", webauthn.SignalUnknownCredential, `{"rpId":"example.com","credentialId":"AQ"}`, webauthn.SecurityError},
		{"no such method", "https://example.com", "signalAnything", `{}`, webauthn.TypeError},
	} {
		err := c.SignalJSON(t.Context(), client.Caller{Origin: test.origin}, test.method, []byte(test.options))
		assert.ErrorIs(t, err, &webauthn.DOMException{Name: test.want}, test.name)
	}
	assert.Empty(t, heard.heard)
}
