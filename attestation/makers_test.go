package attestation_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/attestationtest"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// x5c is the certificates of a statement.
func x5c(t testing.TB, a attestation.Attester, about *attestation.Subject) []*x509.Certificate {
	t.Helper()
	statement, err := a.Attest(about)
	require.NoError(t, err)
	var members struct {
		X5C      [][]byte `cbor:"x5c"`
		Response []byte   `cbor:"response"`
	}
	require.NoError(t, canon.Unmarshal(statement, &members))
	if members.Response != nil {
		head, err := base64.RawURLEncoding.DecodeString(strings.Split(string(members.Response), ".")[0])
		require.NoError(t, err)
		var header struct {
			X5C [][]byte `json:"x5c"`
		}
		require.NoError(t, json.Unmarshal(head, &header))
		members.X5C = header.X5C
	}
	chain := make([]*x509.Certificate, len(members.X5C))
	for i, der := range members.X5C {
		chain[i], err = x509.ParseCertificate(der)
		require.NoError(t, err)
	}
	return chain
}

// Two labs of one secret have the same makers, those of another secret nothing in
// common with them.
func TestMakersAreOfTheirSecret(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	about := subject(t)
	for _, format := range []string{webauthn.FormatApple, webauthn.FormatAndroidKey} {
		var roots, objects [3][]byte
		for i, secret := range []string{"one", "one", "another"} {
			m := attestation.NewMakers([]byte(secret), now)
			a, err := m.Attester(format, attestation.Product{AAGUID: aaguid})
			require.NoError(t, err)
			all, err := m.Roots(format)
			require.NoError(t, err)
			require.Len(t, all, 1)
			roots[i], objects[i] = all[0].Raw, object(t, a, about)
		}
		assert.Equal(t, roots[0], roots[1])
		assert.Equal(t, objects[0], objects[1])
		assert.NotEqual(t, roots[0], roots[2])
		assert.NotEqual(t, objects[0], objects[2])
	}
}

// Every authority says that it is a lab's, or nothing, as the root of Android's does.
func TestAuthoritiesAreNamedAsTheLabs(t *testing.T) {
	t.Parallel()
	for _, format := range makers().Formats() {
		roots, err := makers().Roots(format)
		require.NoError(t, err)
		for _, root := range roots {
			assert.NoError(t, root.CheckSignatureFrom(root))
			if root.Subject.CommonName+strings.Join(root.Subject.Organization, "") != "" {
				assert.Contains(t, root.Subject.String(), "Passkeylab", format)
			}
		}
	}
	_, err := makers().Attester("passkeylab-unknown", attestation.Product{})
	const why = `nobody makes statements of format "passkeylab-unknown": take one of ["android-key" "android-safetynet"`
	require.ErrorContains(t, err, why)
	_, err = makers().Roots("passkeylab-unknown")
	require.ErrorContains(t, err, why)
}

func TestChainsAreAsRealOnes(t *testing.T) {
	t.Parallel()
	about := subject(t)
	for _, c := range []struct {
		format  string
		product attestation.Product
		names   string // common names, from the leaf up
		rsa     bool   // whether the last one is signed with RSA
	}{
		{webauthn.FormatPacked, attestation.Product{Name: "Batch 7"}, "Batch 7", true},
		{webauthn.FormatPacked, attestation.Product{Name: "Batch 7", Chained: true}, "Batch 7 < Passkeylab Test FIDO Attestation A 1", true},
		{webauthn.FormatFIDOU2F, attestation.Product{Name: "EE 1"}, "EE 1", true},
		{webauthn.FormatApple, attestation.Product{}, "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925 < Passkeylab Test WebAuthn CA 1", false},
		{webauthn.FormatAndroidSafetyNet, attestation.Product{}, "attest.android.com < Passkeylab Test Web CA 1", true},
		{webauthn.FormatAndroidKey, attestation.Product{Certificates: 2}, "Android Keystore Key < Passkeylab Test Attestation Batch", true},
		{webauthn.FormatAndroidKey, attestation.Product{Certificates: 3}, "Android Keystore Key < * < Passkeylab Test Attestation Batch", true},
		{webauthn.FormatAndroidKey, attestation.Product{Certificates: 4}, "Android Keystore Key < * < Passkeylab Test Attestation Batch < ", true},
		{webauthn.FormatAndroidKey, attestation.Product{}, "Android Keystore Key < * < Passkeylab Test Droid CA3 < Passkeylab Test Droid CA2 < ", true},
	} {
		a, err := makers().Attester(c.format, c.product)
		require.NoError(t, err)
		chain := x5c(t, a, about)
		names := make([]string, len(chain))
		for i, certificate := range chain {
			names[i] = certificate.Subject.CommonName
			if c.format == webauthn.FormatAndroidKey && len(chain) > 2 && i == 1 {
				assert.Regexp(t, "^[0-9a-f]{32}$", names[i])
				names[i] = "*"
			}
		}
		assert.Equal(t, c.names, strings.Join(names, " < "))
		assert.Equal(t, c.rsa, chain[len(chain)-1].SignatureAlgorithm == x509.SHA256WithRSA, c.names)
	}
	_, err := makers().Attester(webauthn.FormatAndroidKey, attestation.Product{Certificates: 6})
	assert.ErrorContains(t, err, "2 to 5 certificates, not 6")
}

// Certificates of a ceremony are valid around it, whenever it is: phones are given new
// authorities meanwhile.
func TestCertificatesFollowTheClock(t *testing.T) {
	t.Parallel()
	for _, k := range kinds(t) {
		about := subject(t)
		for range 8 {
			about.Time = about.Time.AddDate(0, 0, 9)
			assert.Empty(t, failures(t, k, about), "%s on %s", k.name, about.Time)
		}
		for _, certificate := range lastingDays(t, k, about) {
			assert.False(t, about.Time.Before(certificate.NotBefore) || about.Time.After(certificate.NotAfter), k.name)
		}
	}
	apple, err := makers().Attester(webauthn.FormatApple, attestation.Product{})
	require.NoError(t, err)
	about := subject(t)
	leaf := x5c(t, apple, about)[0]
	assert.Less(t, leaf.NotAfter.Sub(leaf.NotBefore), 25*time.Hour)
	about.Time = about.Time.AddDate(0, 0, 2)
	assert.True(t, x5c(t, apple, about)[0].NotBefore.After(leaf.NotAfter), "another certificate two days later")
}

// lastingDays is the certificates of a kind that has them in x5c.
func lastingDays(t testing.TB, k kind, about *attestation.Subject) []*x509.Certificate {
	t.Helper()
	if k.attester.Format() == webauthn.FormatCompound {
		return nil
	}
	return x5c(t, k.attester, about)
}

func TestRevocationList(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	root, err := attestation.NewCA(secret, now).Root(pkix.Name{CommonName: "Passkeylab Test Root"}, webauthn.ES256)
	require.NoError(t, err)
	der, err := root.CRL(now, big.NewInt(7), big.NewInt(9))
	require.NoError(t, err)
	list, err := x509.ParseRevocationList(der)
	require.NoError(t, err)
	require.NoError(t, list.CheckSignatureFrom(root.Certificate()))
	assert.Equal(t, now, list.ThisUpdate)
	assert.Equal(t, now.AddDate(0, 0, 7), list.NextUpdate)
	require.Len(t, list.RevokedCertificateEntries, 2)
	assert.Equal(t, big.NewInt(9), list.RevokedCertificateEntries[1].SerialNumber)
	assert.True(t, list.RevokedCertificateEntries[0].RevocationTime.Before(now))
	later, err := root.CRL(now.Add(time.Hour))
	require.NoError(t, err)
	newer, err := x509.ParseRevocationList(later)
	require.NoError(t, err)
	assert.Positive(t, newer.Number.Cmp(list.Number), "numbers go up")
	assert.Empty(t, newer.RevokedCertificateEntries)
}

// A service's certificate says where revocations are listed.
func TestDistributionPoints(t *testing.T) {
	t.Parallel()
	a, err := makers().Attester(webauthn.FormatAndroidSafetyNet, attestation.Product{})
	require.NoError(t, err)
	for _, certificate := range x5c(t, a, subject(t)) {
		require.Len(t, certificate.CRLDistributionPoints, 1)
		assert.Contains(t, certificate.CRLDistributionPoints[0], ".test/", "a name that nobody can have (RFC 6761)")
	}
}

// The certificate of a phone's key is not one of the trusted environment where only
// software keeps the key.
func TestSoftwareKeysAreForThoseThatWantThem(t *testing.T) {
	t.Parallel()
	for _, k := range kinds(t) {
		if !k.policy.Software {
			continue
		}
		k.policy.Software = false
		assert.Equal(t, []string{
			"WebAuthn L3 §8.4 verification, origin", "WebAuthn L3 §8.4 verification, purpose", "WebAuthn L3 §8.4.1, rootOfTrust",
		}, failures(t, k, subject(t)))
		return
	}
	assert.Fail(t, "no such kind")
}

// FuzzFailures has the strict verifier read anything without harm.
func FuzzFailures(f *testing.F) {
	about := subject(f)
	for _, k := range kinds(f) {
		f.Add(object(f, k.attester, about), about.ClientDataHash)
	}
	f.Fuzz(func(t *testing.T, object, hash []byte) {
		for _, failed := range attestationtest.Failures(object, hash, attestationtest.Policy{Time: about.Time}) {
			assert.Contains(t, failed, "WebAuthn L3 §")
		}
	})
}
