package client_test

import (
	"context"
	"crypto/sha256"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/webauthn"
)

// A security key of ours that is reached by U2F alone signs up and in, and
// go-webauthn verifies both, the attestation included.
func TestU2FWithOurAuthenticator(t *testing.T) {
	t.Parallel()
	for name, appID := range map[string]string{"by RP ID": "", "by AppID": oldAppID} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := newAuthenticator(t, authenticator.SecurityKey())
			browser, err := client.New(client.Config{Authenticators: client.Attached(client.Authenticator{Name: "key", U2F: key})})
			require.NoError(t, err)
			made, err := browser.Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) { o.Attestation = "direct" }))
			require.NoError(t, err)
			assert.Equal(t, webauthn.CrossPlatform, made.AuthenticatorAttachment)
			cose := verifiedRegistration(t, made)
			if appID != "" { // as the U2F API would have made it
				made.ID, cose = registerU2F(t, key, appID)
			}

			asks := requestOptions(func(o *webauthn.RequestOptions) {
				o.AllowCredentials = descriptorList("somebody else's", string(made.ID))
				if appID != "" {
					o.Extensions = extensions("appid", `"`+appID+`"`)
				}
			})
			for range 2 { // the second must count on
				got, err := browser.Get(t.Context(), page, asks)
				require.NoError(t, err)
				assert.Equal(t, made.ID, got.ID)
				verifyAssertion(t, got, appID, cose)
			}
		})
	}
}

func registerU2F(t *testing.T, key u2f.Transport, appID string) (id, cose []byte) {
	t.Helper()
	made, err := u2f.Call(t.Context(), key, &u2f.RegisterRequest{Application: sha256.Sum256([]byte(appID))})
	require.NoError(t, err)
	// The raw form is what the U2F API gave its callers, and go-webauthn takes both.
	return made.KeyHandle, made.PublicKey
}

func verifiedRegistration(t *testing.T, made *webauthn.RegistrationResponse) (cose []byte) {
	t.Helper()
	text, err := made.JSON()
	require.NoError(t, err)
	parsed, err := protocol.ParseCredentialCreationResponseBytes(text)
	require.NoError(t, err)
	_, err = parsed.Verify(webauthn.Base64URL(creationOptions().Challenge).String(), site, []string{page.Origin}, nil, nil, protocol.TopOriginAutoVerificationMode, false,
		false, true, nil, []protocol.CredentialParameter{{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256}}, protocol.AttestationPolicy{}, protocol.SignaturePolicy{})
	require.NoError(t, err)
	assert.Equal(t, webauthn.FormatFIDOU2F, parsed.Response.AttestationObject.Format)
	return parsed.Response.AttestationObject.AuthData.AttData.CredentialPublicKey
}

func verifyAssertion(t *testing.T, got *webauthn.AuthenticationResponse, appID string, cose []byte) {
	t.Helper()
	text, err := got.JSON()
	require.NoError(t, err)
	parsed, err := protocol.ParseCredentialRequestResponseBytes(text)
	require.NoError(t, err)
	require.NoError(t, parsed.Verify(webauthn.Base64URL(requestOptions().Challenge).String(), site, appID, []string{page.Origin}, nil, nil, protocol.TopOriginAutoVerificationMode, false,
		false, true, cose, protocol.SignaturePolicy{}))
	assert.Equal(t, appID != "", string(got.ClientExtensionResults["appid"]) == "true")
}

// What create() asks of an authenticator that speaks U2F alone.
func TestU2FCreate(t *testing.T) {
	t.Parallel()
	type options = webauthn.CreationOptions
	for _, c := range []struct {
		name   string
		key    *u2fKey
		change func(*options)
		throws string // "" for a credential
		asked  string
	}{
		{"plain", oldKey(), nil, "", "version, register"},
		{"preferred what it lacks", oldKey(), func(o *options) {
			o.AuthenticatorSelection = webauthn.AuthenticatorSelection{ResidentKey: webauthn.Preferred, UserVerification: webauthn.Preferred}
		}, "", "version, register"},
		{"one of several algorithms", oldKey(), func(o *options) {
			o.PubKeyCredParams = []webauthn.Parameters{{Type: "public-key", Algorithm: webauthn.EdDSA}, {Type: "public-key", Algorithm: webauthn.ES256}}
		}, "", "version, register"},
		{"other algorithms alone", oldKey(), func(o *options) { o.PubKeyCredParams[0].Algorithm = webauthn.EdDSA }, webauthn.NotAllowedError, "version"},
		{"user verification required", oldKey(), func(o *options) { o.AuthenticatorSelection.UserVerification = webauthn.Required }, webauthn.NotAllowedError, "version"},
		{"a discoverable credential required", oldKey(), func(o *options) { o.AuthenticatorSelection.ResidentKey = webauthn.Required }, webauthn.NotAllowedError, "version"},
		{"largeBlob required", oldKey(), func(o *options) { o.Extensions = extensions("largeBlob", `{"support":"required"}`) }, webauthn.NotAllowedError, "version"},
		{"credProtect enforced", oldKey(), func(o *options) {
			o.Extensions = extensions("credentialProtectionPolicy", `"userVerificationOptionalWithCredentialIDList"`, "enforceCredentialProtectionPolicy", "true")
		}, webauthn.NotAllowedError, "version"},
		{"of the platform", oldKey(), func(o *options) { o.AuthenticatorSelection.AuthenticatorAttachment = webauthn.Platform }, webauthn.NotAllowedError, "version"},
		{"others are excluded", oldKey("mine"), func(o *options) { o.ExcludeCredentials = descriptorList("a", "b") }, "", "version, check a, check b, register"},
		{"excluded, after a touch", oldKey("mine"), func(o *options) { o.ExcludeCredentials = descriptorList("a", "mine", "b") }, webauthn.InvalidStateError, "version, check a, check mine, register"},
		{"too long to be excluded", oldKey(), func(o *options) { o.ExcludeCredentials = descriptorList(strings.Repeat("x", 256)) }, "", "version, register"},
		{"excluded by AppID", oldKey().under(oldAppID, "old"), func(o *options) {
			o.Extensions, o.ExcludeCredentials = extensions("appidExclude", `"`+oldAppID+`"`), descriptorList("old")
		}, webauthn.InvalidStateError, "version, check old, register"},
		{"not excluded by AppID", oldKey(), func(o *options) {
			o.Extensions, o.ExcludeCredentials = extensions("appidExclude", `"`+oldAppID+`"`), descriptorList("old")
		}, "", "version, check old, check old, register"},
		{"a wrong length for what is not its own", &u2fKey{foreign: u2f.WrongLength}, func(o *options) { o.ExcludeCredentials = descriptorList("a") }, "", "version, check a, register"},
		{"the length itself", &u2fKey{foreign: 3}, func(o *options) { o.ExcludeCredentials = descriptorList("abc") }, "", "version, check abc, register"},
		{"it does not say", &u2fKey{foreign: u2f.CommandNotAllowed}, func(o *options) { o.ExcludeCredentials = descriptorList("a") }, webauthn.NotAllowedError, "version, check a"},
		{"it refuses", &u2fKey{refuses: u2f.CommandNotAllowed}, nil, webauthn.NotAllowedError, "version, register"},
		{"its key is no point of the curve", &u2fKey{point: append([]byte{4}, make([]byte, 64)...)}, nil, webauthn.NotAllowedError, "version, register"},
		{"it is of another version", &u2fKey{version: "U2F_V9"}, nil, webauthn.NotAllowedError, "version"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			made, err := newU2FClient(t, c.key).Create(t.Context(), page, creationOptions(func(o *options) {
				if c.change != nil {
					c.change(o)
				}
			}))
			assert.Equal(t, c.asked, c.key.sentence())
			if c.throws != "" {
				exception(t, err, c.throws)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, "a new key handle", string(made.ID))
			data, err := webauthn.ParseAuthenticatorData(made.Response.AuthenticatorData)
			require.NoError(t, err)
			assert.Equal(t, webauthn.UserPresent|webauthn.AttestedData, data.Flags)
			assert.Zero(t, data.SignCount)
			assert.Zero(t, data.Attested.AAGUID)
		})
	}
}

// What get() asks of it.
func TestU2FGet(t *testing.T) {
	t.Parallel()
	type options = webauthn.RequestOptions
	appID := func(o *options) { o.Extensions = extensions("appid", `"`+oldAppID+`"`) }
	for _, c := range []struct {
		name   string
		key    *u2fKey
		allow  []string
		change func(*options)
		throws string // "" for an assertion
		asked  string
	}{
		{"its only one", oldKey("mine"), []string{"mine"}, nil, "", "version, check mine, authenticate mine"},
		{"one of several", oldKey("mine"), []string{"a", "mine", "b"}, nil, "", "version, check a, check mine, authenticate mine"},
		{"somebody else's, after a touch", oldKey("mine"), []string{"a"}, nil, webauthn.NotAllowedError, "version, check a, register"},
		{"another site's", oldKey().under("other.example", "mine"), []string{"mine"}, nil, webauthn.NotAllowedError, "version, check mine, register"},
		{"too long to be its own", oldKey("mine"), []string{strings.Repeat("x", 256)}, nil, webauthn.NotAllowedError, "version"},
		{"any passkey", oldKey("mine"), nil, nil, webauthn.NotAllowedError, "version"},
		{"user verification required", oldKey("mine"), []string{"mine"}, func(o *options) { o.UserVerification = webauthn.Required }, webauthn.NotAllowedError, "version"},
		{"under its AppID", oldKey().under(oldAppID, "old"), []string{"old"}, appID, "", "version, check old, check old, check old, authenticate old"},
		{"under its RP ID though there is an AppID", oldKey("mine"), []string{"mine"}, appID, "", "version, check mine, check mine, authenticate mine"},
		{"under neither", oldKey(), []string{"a"}, appID, webauthn.NotAllowedError, "version, check a, check a, check a, register"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := newU2FClient(t, c.key).Get(t.Context(), page, requestOptions(func(o *options) {
				o.AllowCredentials = descriptorList(c.allow...)
				if c.change != nil {
					c.change(o)
				}
			}))
			assert.Equal(t, c.asked, c.key.sentence())
			if c.throws != "" {
				exception(t, err, c.throws)
				return
			}
			require.NoError(t, err)
			data, err := webauthn.ParseAuthenticatorData(got.Response.AuthenticatorData)
			require.NoError(t, err)
			assert.Equal(t, webauthn.UserPresent, data.Flags, "reserved bits of the presence byte are none of ours")
			assert.Equal(t, uint32(42), data.SignCount)
			assert.Empty(t, got.Response.UserHandle)
		})
	}
}

// u2fCeremonies runs a test for each ceremony in which the user of a key that holds
// "mine" touches it: the two that succeed, and the two that fail after a touch.
func u2fCeremonies(t *testing.T, test func(t *testing.T, run func(context.Context, *client.Client) error)) {
	creates := func(exclude ...string) func(context.Context, *client.Client) error {
		return func(ctx context.Context, c *client.Client) error {
			_, err := c.Create(ctx, page, creationOptions(func(o *webauthn.CreationOptions) {
				o.Timeout, o.ExcludeCredentials = 400_000, descriptorList(exclude...)
			}))
			return err
		}
	}
	gets := func(allow string) func(context.Context, *client.Client) error {
		return func(ctx context.Context, c *client.Client) error {
			_, err := c.Get(ctx, page, requestOptions(func(o *webauthn.RequestOptions) {
				o.Timeout, o.AllowCredentials = 400_000, descriptorList(allow)
			}))
			return err
		}
	}
	for name, run := range map[string]func(context.Context, *client.Client) error{
		"create": creates(), "create, excluded": creates("mine"), "get": gets("mine"), "get, not held": gets("a"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, run)
		})
	}
}

// The authenticator says that it wants a touch, and is asked until it has had one.
func TestU2FPolls(t *testing.T) {
	t.Parallel()
	u2fCeremonies(t, func(t *testing.T, run func(context.Context, *client.Client) error) {
		synctest.Test(t, func(t *testing.T) {
			key := oldKey("mine")
			key.absent = 7
			began := time.Now()
			_ = run(t.Context(), newU2FClient(t, key)) // which may say that the touch was in vain
			assert.Equal(t, 7*200*time.Millisecond, time.Since(began))
		})
	})
}

// It is not asked for ever.
func TestU2FPollsNoLonger(t *testing.T) {
	t.Parallel()
	u2fCeremonies(t, func(t *testing.T, run func(context.Context, *client.Client) error) {
		synctest.Test(t, func(t *testing.T) {
			key := oldKey("mine")
			key.absent = never
			began := time.Now()
			e := exception(t, run(t.Context(), newU2FClient(t, key)), webauthn.NotAllowedError)
			assert.ErrorIs(t, e.Cause, context.DeadlineExceeded)
			assert.Equal(t, 400*time.Second, time.Since(began))
		})
	})
}

func TestU2FAbort(t *testing.T) {
	t.Parallel()
	u2fCeremonies(t, func(t *testing.T, run func(context.Context, *client.Client) error) {
		synctest.Test(t, func(t *testing.T) {
			ctx, abort := context.WithCancel(t.Context())
			key := oldKey("mine")
			key.absent, key.touched = never, func() { time.AfterFunc(time.Second/2, abort) }
			began := time.Now()
			exception(t, run(ctx, newU2FClient(t, key)), webauthn.AbortError)
			assert.Equal(t, time.Second/2, time.Since(began), "in the middle of a pause")
		})
	})
}
