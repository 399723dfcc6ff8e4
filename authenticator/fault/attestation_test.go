package fault

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/attestationtest"
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

// attesting is a device whose statements are made by an attester.
type attesting struct {
	device *authenticator.Authenticator
	policy attestationtest.Policy
}

var attestedAt = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

func newAttesting(t *testing.T, makers *attestation.Makers, s attestation.Sample) *attesting {
	t.Helper()
	roots, err := makers.Roots(s.Attester.Format())
	require.NoError(t, err)
	model := authenticator.Laptop()
	model.AttestationFormats, model.Attesters = []string{s.Attester.Format()}, []attestation.Attester{s.Attester}
	device, err := authenticator.New(model, authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser),
		Clock: authenticator.NewManualClock(attestedAt), Random: seed.Stream(1),
	})
	require.NoError(t, err)
	return &attesting{device, attestationtest.Policy{Roots: roots, Time: attestedAt, Enterprise: s.Enterprise, Software: s.Software}}
}

// failures are the steps that a statement of the device fails, while it has a fault.
// It is not asked over CTAP, whose clients refuse the nesting of one defect unread.
func (a *attesting) failures(t *testing.T, f Fault) []string {
	t.Helper()
	defer a.device.Attach(f.Seams)()
	answer, err := a.device.Do(t.Context(), &ctap.MakeCredentialRequest{
		ClientDataHash: make([]byte, 32), RP: ctap.RPEntity{ID: "example.com"}, User: ctap.UserEntity{ID: []byte{1}},
		PubKeyCredParams: []ctap.Parameters{{Algorithm: int64(webauthn.ES256), Type: ctap.PublicKey}},
	})
	require.NoError(t, err, f.ID)
	made := answer.(*ctap.MakeCredentialResponse)
	o := webauthn.AttestationObject{Format: made.Format, Statement: made.Statement, AuthData: made.AuthData}
	return attestationtest.Failures(o.Marshal(), make([]byte, 32), a.policy)
}

// Each fault has a device that can have it make a statement that fails the step it
// names and no other, and leaves other devices alone.
func TestAttestationFaults(t *testing.T) {
	t.Parallel()
	makers := attestation.NewMakers([]byte("a lab"), attestedAt)
	samples, err := makers.Samples(authenticator.Laptop().AAGUID)
	require.NoError(t, err)
	devices := make([]*attesting, len(samples))
	for i, s := range samples {
		devices[i] = newAttesting(t, makers, s)
		require.Empty(t, devices[i].failures(t, Fault{}), s.Name)
	}
	faults := attestationFaults()
	require.NotEmpty(t, faults)
	for i, d := range attestation.Defects() {
		assert.Regexp(t, "^attestation/"+d.Format+"-[a-z0-9-]+$", faults[i].ID)
		can := func(s attestation.Sample) bool { _, err := d.Break(s.Attester); return err == nil }
		first := slices.IndexFunc(samples, can)
		require.GreaterOrEqual(t, first, 0, "no sample can have %s", d.ID)
		assert.Equal(t, []string{faults[i].Spec}, devices[first].failures(t, faults[i]), faults[i].ID)
		other := slices.IndexFunc(samples, func(s attestation.Sample) bool { return !can(s) })
		assert.Empty(t, devices[other].failures(t, faults[i]), "%s at a device that cannot have it", faults[i].ID)
	}
}
