package attestation_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/google/go-tpm/tpm2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// windowsHelloPolicy is the authPolicy in samples of Windows Hello's statements.
const windowsHelloPolicy = "9dffcbf36c383ae699fb9868dc6dcb89d7153884be2803922c124158bfad22ae"

// The public areas of ECC and RSA keys begin as those in samples of Windows Hello's
// statements, and are as long.
func TestPubAreaIsAsUnderWindows(t *testing.T) {
	t.Parallel()
	for alg, want := range map[webauthn.Algorithm]struct {
		length int
		begins string
	}{
		webauthn.ES256: {118, "0023000b000400720020" + windowsHelloPolicy + "00100010000300100020"},
		webauthn.RS256: {310, "0001000b000604720020" + windowsHelloPolicy + "001000100800000000000100"},
	} {
		area := attestTPM(t, tpmAttester(t, attestation.TPMOptions{Algorithm: webauthn.ES256}), subjectWith(t, alg)).PubArea
		assert.Len(t, area, want.length)
		assert.Equal(t, want.begins, hex.EncodeToString(area)[:len(want.begins)])
	}
}

// Each member of the public area is what go-tpm reads back.
func TestPubArea(t *testing.T) {
	t.Parallel()
	keys, err := credentialKeys()
	require.NoError(t, err)
	curves := map[webauthn.Algorithm]tpm2.TPMECCCurve{webauthn.ES256: tpm2.TPMECCNistP256, webauthn.ES384: tpm2.TPMECCNistP384, webauthn.ES512: tpm2.TPMECCNistP521}
	for alg, curve := range curves {
		area := pubArea(t, attestTPM(t, tpmAttester(t, attestation.TPMOptions{Algorithm: webauthn.ES256, NamesScheme: true}), subjectWith(t, alg)).PubArea)
		parameters, err := area.Parameters.ECCDetail()
		require.NoError(t, err)
		unique, err := area.Unique.ECC()
		require.NoError(t, err)
		assert.Equal(t, tpm2.TPMAlgECC, area.Type)
		assert.Equal(t, curve, parameters.CurveID)
		assert.Equal(t, tpm2.TPMAlgNull, parameters.Symmetric.Algorithm)
		assert.Equal(t, tpm2.TPMAlgNull, parameters.KDF.Scheme)
		assert.Equal(t, tpm2.TPMAlgECDSA, parameters.Scheme.Scheme)
		scheme, err := parameters.Scheme.Details.ECDSA()
		require.NoError(t, err)
		hash, err := scheme.HashAlg.Hash()
		require.NoError(t, err)
		assert.Equal(t, map[webauthn.Algorithm]crypto.Hash{webauthn.ES256: crypto.SHA256, webauthn.ES384: crypto.SHA384, webauthn.ES512: crypto.SHA512}[alg], hash)
		point, err := keys[alg].(*ecdsa.PublicKey).Bytes()
		require.NoError(t, err)
		assert.Equal(t, point[1:], slices.Concat(unique.X.Buffer, unique.Y.Buffer))
	}

	area := pubArea(t, attestTPM(t, tpmAttester(t, attestation.TPMOptions{Algorithm: webauthn.ES256, NamesScheme: true}), subjectWith(t, webauthn.RS256)).PubArea)
	parameters, err := area.Parameters.RSADetail()
	require.NoError(t, err)
	modulus, err := area.Unique.RSA()
	require.NoError(t, err)
	assert.Equal(t, tpm2.TPMKeyBits(2048), parameters.KeyBits)
	assert.Zero(t, parameters.Exponent, "65537")
	assert.Equal(t, tpm2.TPMAlgRSASSA, parameters.Scheme.Scheme)
	assert.False(t, area.ObjectAttributes.Decrypt, "a key bound to a scheme does not decrypt")
	assert.Equal(t, keys[webauthn.RS256].(*rsa.PublicKey).N.Bytes(), modulus.Buffer)
}

// An exponent is named where it is not the usual one, which is 0.
func TestPubAreaOfAnotherExponent(t *testing.T) {
	t.Parallel()
	keys, err := credentialKeys()
	require.NoError(t, err)
	about := subjectOf(t, webauthn.RS256, &rsa.PublicKey{N: keys[webauthn.RS256].(*rsa.PublicKey).N, E: 17})
	made, err := tpmAttester(t, attestation.TPMOptions{Algorithm: webauthn.ES256}).Attest(about)
	require.NoError(t, err)
	require.NoError(t, verifyTPM(t, made, about, tpmRoot(t)))
	s := new(tpmStatement)
	require.NoError(t, canon.Unmarshal(made, s))
	parameters, err := pubArea(t, s.PubArea).Parameters.RSADetail()
	require.NoError(t, err)
	assert.EqualValues(t, 17, parameters.Exponent)
}

// Names and policies follow nameAlg.
func TestNameAlg(t *testing.T) {
	t.Parallel()
	about := subjectWith(t, webauthn.ES256)
	for hash, id := range map[crypto.Hash]tpm2.TPMAlgID{
		crypto.SHA1: tpm2.TPMAlgSHA1, crypto.SHA256: tpm2.TPMAlgSHA256, crypto.SHA384: tpm2.TPMAlgSHA384, crypto.SHA512: tpm2.TPMAlgSHA512,
	} {
		s := attestTPM(t, tpmAttester(t, attestation.TPMOptions{Algorithm: webauthn.ES256, NameAlg: hash}), about)
		area := pubArea(t, s.PubArea)
		assert.Equal(t, id, area.NameAlg)
		assert.Len(t, area.AuthPolicy.Buffer, hash.Size())
		certified, err := certInfo(t, s.CertInfo).Attested.Certify()
		require.NoError(t, err)
		name, err := tpm2.ObjectName(area)
		require.NoError(t, err)
		assert.Equal(t, name.Buffer, certified.Name.Buffer)
		assert.Len(t, certified.QualifiedName.Buffer, 2+hash.Size())
		assert.NotEqual(t, certified.Name, certified.QualifiedName)
	}
}

// certInfo is as long as in samples, and each member is what go-tpm reads back.
func TestCertInfo(t *testing.T) {
	t.Parallel()
	about := subjectWith(t, webauthn.RS256)
	message := slices.Concat(about.AuthData, about.ClientDataHash)
	sha1Sum, sha256Sum := sha1.Sum(message), sha256.Sum256(message)
	for alg, want := range map[webauthn.Algorithm]struct {
		length    int
		extraData []byte
	}{
		webauthn.RS1: {161, sha1Sum[:]}, webauthn.RS256: {173, sha256Sum[:]}, webauthn.ES256: {173, sha256Sum[:]},
	} {
		s := attestTPM(t, tpmAttester(t, attestation.TPMOptions{Algorithm: alg}), about)
		assert.Len(t, s.CertInfo, want.length)
		assert.EqualValues(t, alg, s.Algorithm)
		assert.Equal(t, "2.0", s.Version)
		info := certInfo(t, s.CertInfo)
		assert.NoError(t, info.Magic.Check())
		assert.Equal(t, tpm2.TPMSTAttestCertify, info.Type)
		assert.Equal(t, want.extraData, info.ExtraData.Buffer)
		assert.Len(t, info.QualifiedSigner.Buffer, 2+sha256.Size)
		assert.NotZero(t, info.ClockInfo.Clock)
		assert.Less(t, info.ClockInfo.Clock, uint64(1<<37))
		assert.NotZero(t, info.ClockInfo.ResetCount)
		assert.NotZero(t, info.ClockInfo.RestartCount)
		assert.True(t, bool(info.ClockInfo.Safe))
		assert.NotZero(t, info.FirmwareVersion)
	}
}

// Signatures are not wrapped in a TPMT_SIGNATURE.
func TestTPMSignaturesAreBare(t *testing.T) {
	t.Parallel()
	about := subjectWith(t, webauthn.ES256)
	for _, alg := range []webauthn.Algorithm{webauthn.RS1, webauthn.RS256, webauthn.ES256} {
		s := attestTPM(t, tpmAttester(t, attestation.TPMOptions{Algorithm: alg}), about)
		leaf, err := x509.ParseCertificate(s.X5C[0])
		require.NoError(t, err)
		scheme := map[webauthn.Algorithm]x509.SignatureAlgorithm{webauthn.RS1: x509.SHA1WithRSA, webauthn.RS256: x509.SHA256WithRSA, webauthn.ES256: x509.ECDSAWithSHA256}[alg]
		assert.NoError(t, leaf.CheckSignature(scheme, s.CertInfo, s.Signature), alg)
	}
}

// sans are the subject alternative names in certificates of Microsoft's and of
// FIDO's conformance tools, from public test suites.
var sans = map[string]struct {
	options attestation.TPMOptions
	value   string
}{
	"ST33HTPxAHA6, 2020": {
		attestation.TPMOptions{Vendor: vendor("53544D20")},
		"304da44b304931163014060567810502010c0b69643a353335343444323031173015060567810502020c0c53543333485450784148413631163014060567810502030c0b69643a3030343730303034",
	},
	"ST33HTPxAHA6, from behind": {
		attestation.TPMOptions{Vendor: vendor("53544D20"), Naming: attestation.TPMNamesReversed},
		"304da44b3049" + "3116301406056781050203" + "0c0b69643a3030343730303034" + "3117301506056781050202" + "0c0c53543333485450784148" + "4136" + "3116301406056781050201" + "0c0b69643a3533353434443230",
	},
	"NPCT75x, 2018": {
		attestation.TPMOptions{Naming: attestation.TPMNamesTogether, Vendor: attestation.TPMVendor{ID: "4E544300", Model: "NPCT75x", Version: "72"}},
		"303ea43c303a3138300e060567810502030c0569643a37323010060567810502020c074e5043543735783014060567810502010c0b69643a3445353434333030",
	},
	"NPCT75x, 2022": {
		attestation.TPMOptions{Naming: attestation.TPMNamesTogether},
		"3044a4423040313e3010060567810502020c074e5043543735783014060567810502010c0b69643a34453534343330303014060567810502030c0b69643a3030303730303032",
	},
	"conformance tools": {
		attestation.TPMOptions{Naming: attestation.TPMNamesTogether, Vendor: vendor("FFFFF1D0")},
		"303ea43c303a3138300e060567810502030c0569643a31333010060567810502020c074e5043543678783014060567810502010c0b69643a4646464646314430",
	},
}

func vendor(id string) attestation.TPMVendor {
	all := attestation.TPMVendors()
	return all[slices.IndexFunc(all, func(v attestation.TPMVendor) bool { return v.ID == id })]
}

func aikCertificate(t testing.TB, o attestation.TPMOptions) *x509.Certificate {
	t.Helper()
	o.Algorithm = webauthn.ES256
	leaf, err := x509.ParseCertificate(attestTPM(t, tpmAttester(t, o), subjectWith(t, webauthn.ES256)).X5C[0])
	require.NoError(t, err)
	return leaf
}

func extension(t testing.TB, c *x509.Certificate, id ...int) pkix.Extension {
	t.Helper()
	i := slices.IndexFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(asn1.ObjectIdentifier(id)) })
	require.GreaterOrEqual(t, i, 0, "extension %v", id)
	return c.Extensions[i]
}

func TestAlternativeNameIsAsInSamples(t *testing.T) {
	t.Parallel()
	for name, s := range sans {
		san := extension(t, aikCertificate(t, s.options), 2, 5, 29, 17)
		assert.True(t, san.Critical, name)
		assert.Equal(t, s.value, hex.EncodeToString(san.Value), name)
	}
}

// The certificate has what those that Microsoft issues have, and the same is critical.
func TestAIKCertificate(t *testing.T) {
	t.Parallel()
	issuer, err := tpmIssuer()
	require.NoError(t, err)
	leaf := aikCertificate(t, attestation.TPMOptions{AAGUID: aaguid})
	assert.Equal(t, 3, leaf.Version)
	assert.Equal(t, []byte{0x30, 0}, leaf.RawSubject)
	assert.Equal(t, issuer.Certificate().RawSubject, leaf.RawIssuer)
	critical := map[string]bool{}
	for _, e := range leaf.Extensions {
		critical[e.Id.String()] = e.Critical
	}
	assert.Equal(t, map[string]bool{
		"2.5.29.15": true, "2.5.29.19": true, "2.5.29.32": true, "2.5.29.37": false, "2.5.29.17": true,
		"2.5.29.35": false, "2.5.29.14": false, "1.3.6.1.5.5.7.1.1": false, "1.3.6.1.4.1.45724.1.1.4": false,
	}, critical)
	assert.Equal(t, []byte{0x30, 0}, extension(t, leaf, 2, 5, 29, 19).Value, "CA false")
	assert.Equal(t, "300706056781050803", hex.EncodeToString(extension(t, leaf, 2, 5, 29, 37).Value))
	assert.Equal(t, x509.KeyUsageDigitalSignature, leaf.KeyUsage)
	assert.Equal(t, append([]byte{4, 16}, aaguid[:]...), extension(t, leaf, 1, 3, 6, 1, 4, 1, 45724, 1, 1, 4).Value)
	assert.Equal(t, issuer.Certificate().SubjectKeyId, leaf.AuthorityKeyId)
	assert.Len(t, leaf.SubjectKeyId, 20)
	require.Len(t, leaf.IssuingCertificateURL, 1)
	assert.Contains(t, leaf.IssuingCertificateURL[0], "http://tpm.passkeylab.test/eus-ntc-keyid-")

	// The policy of a sample, with another notice in it.
	policy := hex.EncodeToString(extension(t, leaf, 2, 5, 29, 32).Value)
	const notice = "passkeylab  TPM  identity  for  tests"
	assert.Equal(t, "3069306706092b060104018237151f305a305806082b06010505070202304c1e4a", policy[:66])
	assert.Len(t, policy, 66+4*len(notice))
}

// A certificate is valid as long as its authority, or as the options say.
func TestAIKValidity(t *testing.T) {
	t.Parallel()
	issuer, err := tpmIssuer()
	require.NoError(t, err)
	leaf := aikCertificate(t, attestation.TPMOptions{})
	assert.Equal(t, issuer.Certificate().NotBefore, leaf.NotBefore)
	assert.Equal(t, issuer.Certificate().NotAfter, leaf.NotAfter)
	from, to := labTime.AddDate(-1, 0, 0), labTime.AddDate(1, 0, 0)
	leaf = aikCertificate(t, attestation.TPMOptions{From: from, To: to})
	assert.Equal(t, from, leaf.NotBefore)
	assert.Equal(t, to, leaf.NotAfter)
}

func TestTPMAuthority(t *testing.T) {
	t.Parallel()
	ca := attestation.NewCA(secret, labTime)
	issuer, err := ca.TPMAuthority(vendor("53544D20"), 0)
	require.NoError(t, err)
	c, root := issuer.Certificate(), issuer.RootOf().Certificate()
	assert.Regexp(t, "^CN=EUS-STM-KEYID-[0-9A-F]{40}$", c.Subject.String())
	assert.True(t, c.MaxPathLenZero)
	assert.Equal(t, x509.KeyUsageDigitalSignature|x509.KeyUsageCertSign, c.KeyUsage)
	assert.Equal(t, "3012"+"06092b0601040182371524"+"06056781050803", hex.EncodeToString(extension(t, c, 2, 5, 29, 37).Value))
	assert.Equal(t, "300d300b06092b060104018237151f", hex.EncodeToString(extension(t, c, 2, 5, 29, 32).Value))
	assert.NotEmpty(t, c.CRLDistributionPoints)
	assert.Equal(t, x509.RSA, c.PublicKeyAlgorithm)
	assert.Equal(t, "Passkeylab Test TPM Root Certificate Authority 2014", root.Subject.CommonName)
	assert.Contains(t, root.Subject.Organization, "Passkeylab")
	assert.NoError(t, c.CheckSignatureFrom(root))

	again, err := ca.TPMAuthority(vendor("53544D20"), webauthn.RS256)
	require.NoError(t, err)
	assert.Equal(t, c.Raw, again.Certificate().Raw)
	fido, err := ca.TPMAuthority(vendor("FFFFF1D0"), webauthn.ES256)
	require.NoError(t, err)
	assert.Contains(t, fido.Certificate().Subject.CommonName, "EUS-FIDO-KEYID-")

	about := subjectWith(t, webauthn.RS256)
	a, err := attestation.TPM(issuer, attestation.TPMOptions{Vendor: vendor("53544D20")})
	require.NoError(t, err)
	made, err := a.Attest(about)
	require.NoError(t, err)
	assert.NoError(t, verifyTPM(t, made, about, root))
	assert.Error(t, verifyTPM(t, made, about, tpmRoot(t)), "not under another root")
}

// A vendor's ID is its letters.
func TestTPMVendorIDs(t *testing.T) {
	t.Parallel()
	for _, v := range attestation.TPMVendors() {
		letters, err := hex.DecodeString(v.ID)
		require.NoError(t, err)
		require.Len(t, letters, 4)
		if v.ID != "FFFFF1D0" {
			assert.Regexp(t, "^[A-Z]{3}[A-Z\\x00 ]$", string(letters), v.Name)
		}
	}
}
