package authenticator_test

import (
	"crypto/x509"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/attestationtest"
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/webauthn"
)

var makers = sync.OnceValue(func() *attestation.Makers { return attestation.NewMakers([]byte("a lab"), start) })

func attesterOf(t testing.TB, format string, p attestation.Product) attestation.Attester {
	t.Helper()
	a, err := makers().Attester(format, p)
	require.NoError(t, err)
	return a
}

// attestedBy is a platform authenticator that has the makers attest in some formats.
func attestedBy(t testing.TB, formats ...string) authenticator.Model {
	t.Helper()
	m := authenticator.Laptop()
	m.AttestationFormats, m.Attesters = formats, nil
	for _, format := range formats {
		m.Attesters = append(m.Attesters, attesterOf(t, format, attestation.Product{AAGUID: m.AAGUID, Level: attestation.TrustedEnvironment}))
	}
	return m
}

// failures is what is wrong with an answer's statement.
func failures(t testing.TB, r *rig, made *ctap.MakeCredentialResponse, enterprise bool) []string {
	t.Helper()
	o := webauthn.AttestationObject{Format: made.Format, Statement: made.Statement, AuthData: made.AuthData}
	return attestationtest.Failures(o.Marshal(), clientDataHash[:], attestationtest.Policy{
		Roots: rootsOf(t, made.Format), Time: r.clock.Now(), Enterprise: enterprise,
	})
}

func rootsOf(t testing.TB, format string) []*x509.Certificate {
	t.Helper()
	roots, err := makers().Roots(format)
	require.NoError(t, err)
	return roots
}

// Certificates that are made for a ceremony go by the device's clock, which a month
// later is a month later.
func TestAttesters(t *testing.T) {
	t.Parallel()
	for _, format := range makers().Formats() {
		if format == webauthn.FormatNone {
			continue
		}
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, attestedBy(t, format))
			for range 2 {
				made, _ := r.create()
				assert.Equal(t, format, made.Format)
				assert.Empty(t, failures(t, r, made, false))
				r.clock.Set(r.clock.Now().AddDate(0, 1, 0))
			}
		})
	}
}

func TestAttestersFollowPreference(t *testing.T) {
	t.Parallel()
	r := newRig(t, attestedBy(t, webauthn.FormatPacked, webauthn.FormatApple, webauthn.FormatAndroidKey))
	for _, c := range []struct {
		asked []string
		want  string
	}{
		{nil, webauthn.FormatPacked},
		{[]string{webauthn.FormatAndroidKey}, webauthn.FormatAndroidKey},
		{[]string{webauthn.FormatTPM, webauthn.FormatApple}, webauthn.FormatApple},
		{[]string{webauthn.FormatNone}, webauthn.FormatNone},
	} {
		made, _ := r.create(func(req *ctap.MakeCredentialRequest) { req.AttestationFormatsPreference = c.asked })
		assert.Equal(t, c.want, made.Format)
		assert.Empty(t, failures(t, r, made, false))
	}
}

func TestEnterpriseAttester(t *testing.T) {
	t.Parallel()
	m := keyOf(func(m *authenticator.Model) {
		m.Attesters = []attestation.Attester{attesterOf(t, webauthn.FormatPacked, attestation.Product{AAGUID: m.AAGUID})}
		m.Enterprise = authenticator.EnterpriseFeatures{RPIDs: []string{"example.com"}, Attester: attesterOf(t, webauthn.FormatPacked, attestation.Product{AAGUID: m.AAGUID, Serial: []byte("one device")})}
	})
	r := newRig(t, m)
	r.set(func(s *authenticator.Settings) { s.Enterprise = true })
	usual, _ := r.create()
	assert.False(t, usual.EnterpriseAttestation)
	assert.Empty(t, failures(t, r, usual, false))
	named, _ := r.create(func(req *ctap.MakeCredentialRequest) { req.EnterpriseAttestation = ptr(uint64(1)) })
	assert.True(t, named.EnterpriseAttestation)
	assert.Empty(t, failures(t, r, named, true))
	assert.Equal(t, []string{"WebAuthn L3 §8.2.2"}, failures(t, r, named, false), "the device is named")
}

// A U2F registration is attested by whoever makes fido-u2f statements.
func TestU2FAttester(t *testing.T) {
	t.Parallel()
	attester := attesterOf(t, webauthn.FormatFIDOU2F, attestation.Product{})
	m := extended(u2fFormat, func(m *authenticator.Model) { m.Attesters = []attestation.Attester{attester} })
	certificate := attested(t, newRig(t, m).register())
	assert.NoError(t, certificate.CheckSignatureFrom(rootsOf(t, webauthn.FormatFIDOU2F)[0]))

	for why, defect := range map[string]string{
		`the attester of "fido-u2f": its statement has no certificate`:                       "fido-u2f/x5c-empty",
		`the attester of "fido-u2f": what it made is no statement of fido-u2f (WebAuthn L3 `: "fido-u2f/sig-text",
	} {
		var refused error
		told := authenticator.Seams{Refused: func(_ ctap.Request, err error) { refused = err }}
		_, err := u2f.Call(t.Context(), newRig(t, m, breaking(t, defect), told), &u2f.RegisterRequest{Challenge: challenge, Application: ourApp})
		assert.Error(t, err, defect)
		assert.ErrorContains(t, refused, why)
	}
}

// breaking is a seam that gives attesters a defect.
func breaking(t testing.TB, id string) authenticator.Seams {
	t.Helper()
	for _, d := range attestation.Defects() {
		if d.ID == id {
			return authenticator.Seams{Attester: func(a attestation.Attester) attestation.Attester {
				broken, err := d.Break(a)
				require.NoError(t, err)
				return broken
			}}
		}
	}
	require.Fail(t, "no defect", id)
	return authenticator.Seams{}
}

// The seam is shown attesters of all kinds, self attestation and none included.
func TestAttesterSeam(t *testing.T) {
	t.Parallel()
	for id, model := range map[string]authenticator.Model{
		"apple/nonce-bit-flip":    attestedBy(t, webauthn.FormatApple),
		"packed/ca-true":          attestedBy(t, webauthn.FormatPacked),
		"packed/self-alg-other":   authenticator.SecurityKey(),
		"none/alg-and-sig":        authenticator.Phone(),
		"android-key/alg-missing": attestedBy(t, webauthn.FormatAndroidKey),
	} {
		r := newRig(t, model)
		whole, _ := r.create()
		assert.Empty(t, failures(t, r, whole, false), id)
		detach := r.Attach(breaking(t, id))
		broken, _ := r.create()
		assert.Len(t, failures(t, r, broken, false), 1, id)
		detach()
		whole, _ = r.create()
		assert.Empty(t, failures(t, r, whole, false), id)
	}
}

// Authenticator data that a fault broke is attested all the same.
func TestAttestersBearBrokenAuthData(t *testing.T) {
	t.Parallel()
	for _, format := range []string{webauthn.FormatApple, webauthn.FormatAndroidKey, webauthn.FormatFIDOU2F, webauthn.FormatPacked} {
		r := newRig(t, attestedBy(t, format), authenticator.Seams{AuthData: func(data []byte) []byte { return data[:40] }})
		made, err := ctap.Call(t.Context(), r, creation())
		require.NoError(t, err, format)
		assert.Len(t, made.AuthData, 40)
		assert.NotEmpty(t, made.Statement)
	}
}

func TestAttestersAreChecked(t *testing.T) {
	t.Parallel()
	packed := attestation.PackedSelf()
	for want, spoil := range map[string]func(*authenticator.Model){
		`"apple" is none of`: func(m *authenticator.Model) { m.AttestationFormats = []string{webauthn.FormatApple} },
		`"none" is none of`: func(m *authenticator.Model) {
			m.AttestationFormats, m.Attesters = []string{webauthn.FormatPacked, webauthn.FormatNone}, []attestation.Attester{attestation.None()}
		},
		`Attesters[1] makes statements of "packed", as Attesters[0] does: take one`:              func(m *authenticator.Model) { m.Attesters = []attestation.Attester{packed, packed} },
		`Attesters[0] makes statements of "none", which is not in AttestationFormats ["packed"]`: func(m *authenticator.Model) { m.Attesters = []attestation.Attester{attestation.None()} },
		"compound statements nest deeper": func(m *authenticator.Model) {
			m.AttestationFormats, m.Platform = []string{webauthn.FormatCompound}, false
		},
		"Enterprise has both": func(m *authenticator.Model) {
			m.Enterprise = authenticator.EnterpriseFeatures{Platform: true, Key: makersKey("one"), Attester: packed}
		},
		"Enterprise.Key or Attester goes":   func(m *authenticator.Model) { m.Enterprise.Attester = packed },
		"fido-u2f statements need an Attes": func(m *authenticator.Model) { m.AttestationFormats = []string{webauthn.FormatFIDOU2F} },
	} {
		assert.ErrorContains(t, keyOf(spoil).Check(), want)
	}
}
