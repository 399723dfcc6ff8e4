package passkeylab_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// A site that admits known models alone learns that one of them is not to be trusted
// any more.
func TestModelIsRevoked(t *testing.T) {
	t.Parallel()
	clock := authenticator.NewManualClock(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	service, err := mds.New(mds.Config{Secret: []byte(t.Name()), Clock: clock.Now})
	require.NoError(t, err)
	model := authenticator.SecurityKey()
	known := mds.Key(model.AAGUID, "Test Key")
	known.AuthenticationAlgorithms = append(known.AuthenticationAlgorithms, "ed25519_eddsa_sha512_raw")
	service.Publish(mds.EntryOf(known))

	lab := passkeylab.New(t,
		passkeylab.WithPolicy(func(p *relyingparty.Policy) {
			p.Attestation, p.Models = ceremony.AttestationDirect, &ceremony.ModelRules{}
		}),
		passkeylab.WithMetadata(ceremony.MetadataConfig{
			Root:   service.Root(),
			Source: func(context.Context) ([]byte, error) { return service.BLOB() },
		}))
	laptop := lab.Laptop("alice's laptop")
	page := lab.Site.OpenOn(laptop)
	page.BeginSignUp("alice@example.com")
	page.CreatePasskeyFails("passkey-enrollment-failure")
	lab.Site.Log().Is(passkeylab.On(relyingparty.EventSignUpFailed, "alice@example.com").With("reason", "not-attested"))

	key := lab.SecurityKey("alice's key")
	laptop.Plug(key)
	laptop.UserReachesFor(key)
	page.CreatePasskey("alice@example.com").LogOut()
	page.LogIn("alice@example.com").LogOut()

	_, err = service.Report(model.AAGUID, mds.StatusReport{Status: mds.Revoked})
	require.NoError(t, err)
	page.LogIn("alice@example.com").LogOut() // the site has no reason yet to ask the service again
	lab.Wait(30 * 24 * time.Hour)
	clock.Advance(30 * 24 * time.Hour)
	page.BeginLogin()
	page.Press("passkey-button")
	page.ExpectError("passkey-authentication-failed")
	lab.Site.Log().Has(passkeylab.On(relyingparty.EventLoginFailed, "alice@example.com").
		With("reason", "model-status").
		With("message", `"Test Key" (70617373-6b65-796c-6162-3a0000000003) is REVOKED since 2030-01-01.`))
}
