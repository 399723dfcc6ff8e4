package attestation_test

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"sync"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/google/go-tpm/tpm2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/attestationtest"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// labTime is of these tests' lab. Other people's verifiers read the machine's clock.
var labTime = time.Now().UTC().Truncate(24 * time.Hour)

// tpmIssuer certifies the attestation keys of most tests. Keys on P-256 are drawn
// sooner than RSA keys.
var tpmIssuer = sync.OnceValues(func() (*attestation.Authority, error) {
	return attestation.NewCA(secret, labTime).TPMAuthority(attestation.TPMVendor{}, webauthn.ES256)
})

func tpmAttester(t testing.TB, o attestation.TPMOptions) attestation.Attester {
	t.Helper()
	issuer, err := tpmIssuer()
	require.NoError(t, err)
	a, err := attestation.TPM(issuer, o)
	require.NoError(t, err)
	return a
}

// credentialKeys are one for each algorithm that keys in TPMs sign with, and that
// tests have keys for.
var credentialKeys = sync.OnceValues(func() (map[webauthn.Algorithm]crypto.PublicKey, error) {
	keys := map[webauthn.Algorithm]crypto.PublicKey{}
	for _, alg := range []webauthn.Algorithm{webauthn.ES256, webauthn.ES384, webauthn.ES512, webauthn.RS256, webauthn.EdDSA} {
		key, err := attestation.NewKey(secret, "credential", alg)
		if err != nil {
			return nil, err
		}
		keys[alg] = key.Public()
	}
	return keys, nil
})

// subjectWith is a credential of an algorithm that was just made.
func subjectWith(t testing.TB, alg webauthn.Algorithm) *attestation.Subject {
	t.Helper()
	keys, err := credentialKeys()
	require.NoError(t, err)
	return subjectOf(t, alg, keys[alg])
}

func subjectOf(t testing.TB, alg webauthn.Algorithm, key crypto.PublicKey) *attestation.Subject {
	t.Helper()
	cose, err := webauthn.EncodeCOSEKey(alg, key)
	require.NoError(t, err)
	data := webauthn.AuthenticatorData{
		RPIDHash: sha256.Sum256([]byte("example.com")),
		Flags:    webauthn.Flags(0).With(webauthn.UserPresent, true),
		Attested: &webauthn.AttestedCredential{AAGUID: aaguid, CredentialID: make([]byte, 32), PublicKey: cose},
	}
	hash := sha256.Sum256([]byte(clientData))
	return &attestation.Subject{AuthData: data.Marshal(), ClientDataHash: hash[:], Time: labTime}
}

// tpmStatement is an attStmt decoded.
type tpmStatement struct {
	Version   string   `cbor:"ver"`
	Algorithm int64    `cbor:"alg"`
	X5C       [][]byte `cbor:"x5c"`
	Signature []byte   `cbor:"sig"`
	CertInfo  []byte   `cbor:"certInfo"`
	PubArea   []byte   `cbor:"pubArea"`
}

func attestTPM(t testing.TB, a attestation.Attester, about *attestation.Subject) *tpmStatement {
	t.Helper()
	made, err := a.Attest(about)
	require.NoError(t, err)
	s := new(tpmStatement)
	require.NoError(t, canon.Unmarshal(made, s))
	return s
}

// verifyTPM has go-webauthn look at a statement and at where its certificates lead.
func verifyTPM(t testing.TB, made canon.Raw, about *attestation.Subject, root *x509.Certificate) error {
	t.Helper()
	object := webauthn.AttestationObject{Format: webauthn.FormatTPM, Statement: made, AuthData: about.AuthData}
	response := protocol.AuthenticatorAttestationResponse{
		AuthenticatorResponse: protocol.AuthenticatorResponse{ClientDataJSON: []byte(clientData)},
		AttestationObject:     object.Marshal(),
	}
	parsed, err := response.Parse()
	if err != nil {
		return err
	}
	return parsed.AttestationObject.VerifyAttestation(about.ClientDataHash, metadataOf(t, []*x509.Certificate{root}), protocol.AttestationPolicy{}, protocol.SignaturePolicy{})
}

// tpmFailures is what the strict verifier objects to.
func tpmFailures(t testing.TB, made canon.Raw, about *attestation.Subject) []string {
	t.Helper()
	object := webauthn.AttestationObject{Format: webauthn.FormatTPM, Statement: made, AuthData: about.AuthData}
	policy := attestationtest.Policy{Roots: []*x509.Certificate{tpmRoot(t)}, Time: about.Time}
	return attestationtest.Failures(object.Marshal(), about.ClientDataHash, policy)
}

func tpmRoot(t testing.TB) *x509.Certificate {
	t.Helper()
	issuer, err := tpmIssuer()
	require.NoError(t, err)
	return issuer.RootOf().Certificate()
}

// tpmOptions are options by what is special about them.
var tpmOptions = map[string]attestation.TPMOptions{
	"as under Windows": {},
	"RS256":            {Algorithm: webauthn.RS256},
	"ES256":            {Algorithm: webauthn.ES256},
	"named by SHA-1":   {Algorithm: webauthn.ES256, NameAlg: crypto.SHA1},
	"named by SHA-384": {Algorithm: webauthn.ES256, NameAlg: crypto.SHA384},
	"named by SHA-512": {Algorithm: webauthn.ES256, NameAlg: crypto.SHA512},
	"no policy":        {Algorithm: webauthn.ES256, AuthPolicy: []byte{}, Attributes: attestation.TPMSign},
	"bound to scheme":  {Algorithm: webauthn.ES256, NamesScheme: true},
	"names reversed":   {Algorithm: webauthn.ES256, Naming: attestation.TPMNamesReversed},
	"names together":   {Algorithm: webauthn.ES256, Naming: attestation.TPMNamesTogether},
	"for an AAGUID":    {Algorithm: webauthn.ES256, AAGUID: aaguid},
	"own validity":     {Algorithm: webauthn.ES256, From: labTime.AddDate(-1, 0, 0), To: labTime.AddDate(10, 0, 0)},
}

func TestTPMStatementsAreAccepted(t *testing.T) {
	t.Parallel()
	for name, o := range tpmOptions {
		for _, alg := range []webauthn.Algorithm{webauthn.ES256, webauthn.ES384, webauthn.ES512, webauthn.RS256} {
			t.Run(name+"/"+alg.String(), func(t *testing.T) {
				t.Parallel()
				about := subjectWith(t, alg)
				made, err := tpmAttester(t, o).Attest(about)
				require.NoError(t, err)
				assert.NoError(t, verifyTPM(t, made, about, tpmRoot(t)))
				assert.Empty(t, tpmFailures(t, made, about))
			})
		}
	}
}

// Every vendor's certificates are accepted.
func TestTPMVendors(t *testing.T) {
	t.Parallel()
	about := subjectWith(t, webauthn.ES256)
	before := ""
	for _, v := range attestation.TPMVendors() {
		assert.Less(t, before, v.ID, "sorted")
		before = v.ID
		made, err := tpmAttester(t, attestation.TPMOptions{Vendor: v, Algorithm: webauthn.ES256}).Attest(about)
		require.NoError(t, err)
		assert.NoError(t, verifyTPM(t, made, about, tpmRoot(t)), v.Name)
		assert.Empty(t, tpmFailures(t, made, about), v.Name)
	}
}

// The same lab makes the same statements; another credential, TPM or hour makes another.
func TestTPMStatementsRepeat(t *testing.T) {
	t.Parallel()
	o := attestation.TPMOptions{Algorithm: webauthn.ES256}
	about := subjectWith(t, webauthn.ES256)
	first := attestTPM(t, tpmAttester(t, o), about)
	assert.Equal(t, first, attestTPM(t, tpmAttester(t, o), about))

	another := attestTPM(t, tpmAttester(t, attestation.TPMOptions{Algorithm: webauthn.ES256, Serial: "2"}), about)
	assert.NotEqual(t, first.X5C[0], another.X5C[0])
	assert.Equal(t, first.PubArea, another.PubArea)
	was, is := certInfo(t, first.CertInfo), certInfo(t, another.CertInfo)
	assert.NotEqual(t, was.QualifiedSigner, is.QualifiedSigner)
	assert.NotEqual(t, was.FirmwareVersion, is.FirmwareVersion)

	later := *about
	later.Time = about.Time.Add(time.Hour)
	is = certInfo(t, attestTPM(t, tpmAttester(t, o), &later).CertInfo)
	assert.Equal(t, was.ClockInfo.Clock+uint64(time.Hour.Milliseconds()), is.ClockInfo.Clock)
	is.ClockInfo.Clock = was.ClockInfo.Clock
	assert.Equal(t, was, is, "nothing but the clock has changed")
}

func certInfo(t testing.TB, encoded []byte) *tpm2.TPMSAttest {
	t.Helper()
	info, err := tpm2.Unmarshal[tpm2.TPMSAttest](encoded)
	require.NoError(t, err)
	require.Equal(t, encoded, tpm2.Marshal(info), "and nothing behind the structure")
	return info
}

func pubArea(t testing.TB, encoded []byte) *tpm2.TPMTPublic {
	t.Helper()
	area, err := tpm2.Unmarshal[tpm2.TPMTPublic](encoded)
	require.NoError(t, err)
	require.Equal(t, encoded, tpm2.Marshal(area), "and nothing behind the structure")
	return area
}

// Makers have a TPM for each product, and an authority for each vendor.
func TestMakersOfTPMs(t *testing.T) {
	t.Parallel()
	about := subjectWith(t, webauthn.ES256)
	seen := map[string]bool{}
	for alg, p := range map[webauthn.Algorithm]attestation.Product{
		webauthn.RS1:   {},
		webauthn.ES256: {Algorithm: webauthn.ES256, Vendor: vendor("49465800"), Name: "laptop"},
	} {
		a, err := makers().Attester(webauthn.FormatTPM, p)
		require.NoError(t, err)
		s := attestTPM(t, a, about)
		assert.EqualValues(t, alg, s.Algorithm)
		require.Len(t, s.X5C, 2)
		issuer, err := x509.ParseCertificate(s.X5C[1])
		require.NoError(t, err)
		assert.Regexp(t, map[webauthn.Algorithm]string{webauthn.RS1: "^EUS-NTC-", webauthn.ES256: "^EUS-IFX-"}[alg], issuer.Subject.CommonName)
		seen[string(s.X5C[0])] = true
	}
	other, err := makers().Attester(webauthn.FormatTPM, attestation.Product{Algorithm: webauthn.ES256, Vendor: vendor("49465800"), Name: "another laptop"})
	require.NoError(t, err)
	assert.False(t, seen[string(attestTPM(t, other, about).X5C[0])], "another name, another TPM")
}

// What no TPM has is refused.
func TestTPMOptionsAreRefused(t *testing.T) {
	t.Parallel()
	issuer, err := tpmIssuer()
	require.NoError(t, err)
	for name, o := range map[string]attestation.TPMOptions{
		"algorithm that TPMs do not attest with": {Algorithm: webauthn.EdDSA},
		"names by MD5":                           {NameAlg: crypto.MD5},
		"policy of another length":               {AuthPolicy: make([]byte, 20)},
		"decryption in a key bound to a scheme":  {NamesScheme: true, Attributes: attestation.TPMSign | attestation.TPMDecrypt},
	} {
		_, err := attestation.TPM(issuer, o)
		assert.ErrorContains(t, err, "attestation: ", name)
		_, err = attestation.CertifyTPM(issuer, o, issuer.Certificate().PublicKey)
		assert.Error(t, err, name)
	}
	a := tpmAttester(t, attestation.TPMOptions{Algorithm: webauthn.ES256})
	_, err = a.Attest(subjectWith(t, webauthn.EdDSA))
	assert.ErrorContains(t, err, "no key in a TPM signs with EdDSA")
	_, err = a.Attest(&attestation.Subject{AuthData: make([]byte, 37)})
	assert.ErrorContains(t, err, "no attested credential data")
}
