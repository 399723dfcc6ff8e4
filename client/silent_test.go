package client_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// quiet is an authenticator that makes credentials in silence, and a client whose user
// consents for alice.
type quiet struct {
	*device
	asked    []*ctap.MakeCredentialRequest
	answer   func(*ctap.MakeCredentialResponse)
	err      error
	flagless bool // a browser that keeps no record of sign-ins
}

func (q *quiet) client(t *testing.T) *client.Client {
	t.Helper()
	config := client.Config{
		Authenticators: client.Attached(
			client.Authenticator{Name: "key", Transport: securityKey()},
			client.Authenticator{Name: "laptop", Transport: q.device, Silently: q.silently},
		),
		Consents: func(caller client.Caller, user webauthn.UserEntity) bool {
			return caller.Origin == page.Origin && user.Name == "alice"
		},
	}
	if q.flagless {
		config.Consents = nil
	}
	c, err := client.New(config)
	require.NoError(t, err)
	return c
}

func (q *quiet) silently(_ context.Context, req *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
	q.asked = append(q.asked, req)
	if q.err != nil {
		return nil, q.err
	}
	answer, err := q.make(req)
	if err != nil {
		return nil, err
	}
	answer.AuthData[32] &^= 0x05 // neither present nor verified
	if q.answer != nil {
		q.answer(answer)
	}
	return answer, nil
}

// upgrade is what a page asks for after a login with a password.
func upgrade(change ...func(*webauthn.CreationOptions)) *webauthn.CreationOptions {
	o := &webauthn.CreationOptions{
		RP: webauthn.RPEntity{ID: site, Name: "Example"}, User: webauthn.UserEntity{ID: []byte("1"), Name: "alice", DisplayName: "Alice"},
		Challenge: []byte("challenge"), PubKeyCredParams: []webauthn.Parameters{{Type: webauthn.PublicKeyCredentialType, Algorithm: webauthn.ES256}},
		AuthenticatorSelection: webauthn.AuthenticatorSelection{ResidentKey: webauthn.Required, UserVerification: webauthn.Preferred},
	}
	for _, c := range change {
		c(o)
	}
	return o
}

func conditionally(origin string) client.Caller {
	return client.Caller{Origin: origin, Mediation: client.Conditional}
}

func TestConditionalCreate(t *testing.T) {
	t.Parallel()
	q := &quiet{device: laptop()}
	made, err := q.client(t).Create(t.Context(), conditionally(page.Origin), upgrade(func(o *webauthn.CreationOptions) {
		o.ExcludeCredentials = []webauthn.Descriptor{{Type: webauthn.PublicKeyCredentialType, ID: []byte("another")}}
	}))
	require.NoError(t, err)
	data, err := webauthn.ParseAuthenticatorData(made.Response.AuthenticatorData)
	require.NoError(t, err)
	assert.False(t, data.Flags.Has(webauthn.UserPresent))
	assert.Equal(t, webauthn.Platform, made.AuthenticatorAttachment)
	require.Len(t, q.asked, 1)
	assert.True(t, *q.asked[0].Options.RK)
	assert.Nil(t, q.asked[0].Options.UV)
	assert.Equal(t, []ctap.Descriptor{{Type: ctap.PublicKey, ID: []byte("another")}}, q.asked[0].ExcludeList)
	for _, req := range q.device.asked {
		assert.IsType(t, &ctap.GetInfoRequest{}, req, "nobody is asked over CTAP")
	}
}

func TestConditionalCreateIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		caller  client.Caller
		options *webauthn.CreationOptions
		device  quiet
		want    string
	}{
		{name: "no record of sign-ins", caller: conditionally(page.Origin), options: upgrade(), device: quiet{flagless: true}, want: webauthn.NotAllowedError},
		{name: "a sign-in elsewhere", caller: conditionally("https://www.example.com"), options: upgrade(), want: webauthn.NotAllowedError},
		{name: "somebody else", caller: conditionally(page.Origin), options: upgrade(func(o *webauthn.CreationOptions) { o.User.Name = "bob" }), want: webauthn.NotAllowedError},
		{name: "in a foreign frame", caller: client.Caller{Origin: page.Origin, Mediation: client.Conditional, CrossOrigin: true}, options: upgrade(), want: webauthn.NotAllowedError},
		{name: "verification required", caller: conditionally(page.Origin), options: upgrade(func(o *webauthn.CreationOptions) {
			o.AuthenticatorSelection.UserVerification = webauthn.Required
		}), want: webauthn.ConstraintError},
		{name: "another kind of device", caller: conditionally(page.Origin), options: upgrade(func(o *webauthn.CreationOptions) {
			o.AuthenticatorSelection.AuthenticatorAttachment = webauthn.CrossPlatform
		}), want: webauthn.NotAllowedError},
		{name: "it has one already", caller: conditionally(page.Origin), options: upgrade(), device: quiet{err: ctap.CredentialExcluded}, want: webauthn.InvalidStateError},
		{name: "it is full", caller: conditionally(page.Origin), options: upgrade(), device: quiet{err: ctap.KeyStoreFull}, want: webauthn.NotAllowedError},
		{name: "another site's credential", caller: conditionally(page.Origin), options: upgrade(), device: quiet{answer: func(made *ctap.MakeCredentialResponse) {
			made.AuthData[0] ^= 1
		}}, want: webauthn.NotAllowedError},
	} {
		test.device.device = laptop()
		_, err := test.device.client(t).Create(t.Context(), test.caller, test.options)
		assert.ErrorIs(t, err, &webauthn.DOMException{Name: test.want}, test.name)
	}
}

// Only in conditional create() may the user be absent.
func TestPresenceIsNeededOtherwise(t *testing.T) {
	t.Parallel()
	d := laptop()
	d.onMake = func(_ context.Context, req *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
		answer, err := d.make(req)
		if err != nil {
			return nil, err
		}
		answer.AuthData[32] &^= 0x01
		return answer, nil
	}
	c, err := client.New(client.Config{Authenticators: client.Attached(client.Authenticator{Transport: d})})
	require.NoError(t, err)
	_, err = c.Create(t.Context(), page, upgrade())
	assert.ErrorIs(t, err, &webauthn.DOMException{Name: webauthn.NotAllowedError})
}
