//go:build linux

package attestation_test

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"net"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/internal/child"
	"github.com/passkeylab/passkeylab/webauthn"
)

// tpmPatience is how long all commands of a test may take a TPM, on a slow machine.
const tpmPatience = 5 * time.Minute

// realTPM is a TPM 2.0: libtpms, as virtual machines have it, in a program of its
// own. It starts empty, and speaks through a socket that both sides were born with.
func realTPM(t *testing.T) transport.TPM {
	t.Helper()
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	ours, theirs := os.NewFile(uintptr(ends[0]), "ours"), os.NewFile(uintptr(ends[1]), "theirs")
	defer ours.Close()
	defer theirs.Close()
	conn, err := net.FileConn(ours)
	require.NoError(t, err)
	require.NoError(t, conn.SetDeadline(time.Now().Add(tpmPatience)))
	const firstExtra = "3" // the descriptor that the child has theirs as
	program := exec.Command("swtpm", "socket", "--tpm2", "--tpmstate", "dir="+t.TempDir(), "--fd", firstExtra, "--flags", "not-need-init,startup-clear")
	process, err := child.Start(program, theirs)
	require.NoError(t, err, "swtpm comes with make setup")
	t.Cleanup(func() {
		process.Stop()
		conn.Close()
		if t.Failed() {
			t.Log("swtpm:", process.Output())
		}
	})
	return transport.FromReadWriter(conn)
}

// tpmKey is a key in a TPM.
type tpmKey struct {
	handle tpm2.AuthHandle
	area   []byte // TPMT_PUBLIC
	public crypto.PublicKey
	read   *tpm2.ReadPublicResponse
}

// create has a TPM make a key below another.
func create(t *testing.T, tpm transport.TPM, parent tpm2.AuthHandle, template *tpm2.TPMTPublic) *tpmKey {
	t.Helper()
	made, err := tpm2.Create{ParentHandle: parent, InPublic: tpm2.New2B(*template)}.Execute(tpm)
	require.NoError(t, err)
	loaded, err := tpm2.Load{ParentHandle: parent, InPrivate: made.OutPrivate, InPublic: made.OutPublic}.Execute(tpm)
	require.NoError(t, err)
	area, err := made.OutPublic.Contents()
	require.NoError(t, err)
	public, err := tpm2.Pub(*area)
	require.NoError(t, err)
	read, err := tpm2.ReadPublic{ObjectHandle: loaded.ObjectHandle}.Execute(tpm)
	require.NoError(t, err)
	return &tpmKey{tpm2.AuthHandle{Handle: loaded.ObjectHandle, Name: loaded.Name, Auth: tpm2.PasswordAuth(nil)}, made.OutPublic.Bytes(), public, read}
}

// storageKey is what other keys lie below.
func storageKey(t *testing.T, tpm transport.TPM) tpm2.AuthHandle {
	t.Helper()
	made, err := tpm2.CreatePrimary{PrimaryHandle: tpm2.TPMRHOwner, InPublic: tpm2.New2B(tpm2.ECCSRKTemplate)}.Execute(tpm)
	require.NoError(t, err)
	return tpm2.AuthHandle{Handle: made.ObjectHandle, Name: made.Name, Auth: tpm2.PasswordAuth(nil)}
}

// credentialTemplate asks a TPM for a credential key by the public area that an
// attester makes of one of tests' keys, without the key.
func credentialTemplate(t *testing.T, o attestation.TPMOptions, alg webauthn.Algorithm) *tpm2.TPMTPublic {
	t.Helper()
	template := pubArea(t, attestTPM(t, tpmAttester(t, o), subjectWith(t, alg)).PubArea)
	template.Unique = tpm2.NewTPMUPublicID(tpm2.TPMAlgECC, &tpm2.TPMSECCPoint{})
	if alg == webauthn.RS256 {
		template.Unique = tpm2.NewTPMUPublicID(tpm2.TPMAlgRSA, &tpm2.TPM2BPublicKeyRSA{})
	}
	return template
}

// aikTemplate asks a TPM for a key that attests, as Windows has it.
func aikTemplate(t *testing.T, alg webauthn.Algorithm) *tpm2.TPMTPublic {
	t.Helper()
	policy, err := hex.DecodeString(windowsHelloPolicy)
	require.NoError(t, err)
	template := &tpm2.TPMTPublic{
		Type: tpm2.TPMAlgRSA, NameAlg: tpm2.TPMAlgSHA256, AuthPolicy: tpm2.TPM2BDigest{Buffer: policy},
		ObjectAttributes: tpm2.TPMAObject{
			FixedTPM: true, FixedParent: true, SensitiveDataOrigin: true, UserWithAuth: true, NoDA: true, Restricted: true, SignEncrypt: true,
		},
	}
	if alg == webauthn.ES256 {
		template.Type = tpm2.TPMAlgECC
		template.Parameters = tpm2.NewTPMUPublicParms(tpm2.TPMAlgECC, &tpm2.TPMSECCParms{
			CurveID: tpm2.TPMECCNistP256,
			Scheme:  tpm2.TPMTECCScheme{Scheme: tpm2.TPMAlgECDSA, Details: tpm2.NewTPMUAsymScheme(tpm2.TPMAlgECDSA, &tpm2.TPMSSigSchemeECDSA{HashAlg: tpm2.TPMAlgSHA256})},
		})
		return template
	}
	hash := map[webauthn.Algorithm]tpm2.TPMAlgID{webauthn.RS1: tpm2.TPMAlgSHA1, webauthn.RS256: tpm2.TPMAlgSHA256}[alg]
	template.Parameters = tpm2.NewTPMUPublicParms(tpm2.TPMAlgRSA, &tpm2.TPMSRSAParms{
		KeyBits: 2048,
		Scheme:  tpm2.TPMTRSAScheme{Scheme: tpm2.TPMAlgRSASSA, Details: tpm2.NewTPMUAsymScheme(tpm2.TPMAlgRSASSA, &tpm2.TPMSSigSchemeRSASSA{HashAlg: hash})},
	})
	return template
}

// certify has a TPM make a statement about one of its keys.
func certify(t *testing.T, tpm transport.TPM, alg webauthn.Algorithm, aik, credential *tpmKey, about *attestation.Subject, x5c [][]byte) *tpmStatement {
	t.Helper()
	hash := crypto.SHA256
	if alg == webauthn.RS1 {
		hash = crypto.SHA1
	}
	h := hash.New()
	h.Write(slices.Concat(about.AuthData, about.ClientDataHash))
	made, err := tpm2.Certify{
		ObjectHandle: credential.handle, SignHandle: aik.handle, QualifyingData: tpm2.TPM2BData{Buffer: h.Sum(nil)},
		InScheme: tpm2.TPMTSigScheme{Scheme: tpm2.TPMAlgNull},
	}.Execute(tpm)
	require.NoError(t, err)
	return &tpmStatement{
		Version: "2.0", Algorithm: int64(alg), X5C: x5c, Signature: bare(t, &made.Signature), CertInfo: made.CertifyInfo.Bytes(), PubArea: credential.area,
	}
}

// bare takes the structure off a signature.
func bare(t *testing.T, signature *tpm2.TPMTSignature) []byte {
	t.Helper()
	if signature.SigAlg == tpm2.TPMAlgRSASSA {
		rsassa, err := signature.Signature.RSASSA()
		require.NoError(t, err)
		return rsassa.Sig.Buffer
	}
	numbers, err := signature.Signature.ECDSA()
	require.NoError(t, err)
	der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(numbers.SignatureR.Buffer), new(big.Int).SetBytes(numbers.SignatureS.Buffer)})
	require.NoError(t, err)
	return der
}

// A TPM takes the public areas made here for its own, and what it attests about them
// has the same members and is verified in the same way.
func TestStatementsAreThoseOfARealTPM(t *testing.T) {
	t.Parallel()
	tpm := realTPM(t)
	parent := storageKey(t, tpm)
	above, err := tpm2.ReadPublic{ObjectHandle: parent.Handle}.Execute(tpm)
	require.NoError(t, err)
	issuer, err := tpmIssuer()
	require.NoError(t, err)
	// An RSA key takes a TPM a second or two.
	for name, o := range map[string]struct {
		attestation.TPMOptions
		credentials []webauthn.Algorithm
	}{
		"as under Windows": {attestation.TPMOptions{}, []webauthn.Algorithm{webauthn.ES256, webauthn.RS256}},
		"RS256":            {attestation.TPMOptions{Algorithm: webauthn.RS256}, []webauthn.Algorithm{webauthn.ES384}},
		"ES256":            {attestation.TPMOptions{Algorithm: webauthn.ES256}, []webauthn.Algorithm{webauthn.ES256, webauthn.ES384}},
		"by SHA-1":         {attestation.TPMOptions{Algorithm: webauthn.ES256, NameAlg: crypto.SHA1}, []webauthn.Algorithm{webauthn.ES256}},
		"by SHA-384":       {attestation.TPMOptions{Algorithm: webauthn.ES256, NameAlg: crypto.SHA384}, []webauthn.Algorithm{webauthn.ES256}},
		"by SHA-512":       {attestation.TPMOptions{Algorithm: webauthn.ES256, NameAlg: crypto.SHA512}, []webauthn.Algorithm{webauthn.ES512}},
		"with scheme":      {attestation.TPMOptions{Algorithm: webauthn.ES256, NamesScheme: true}, []webauthn.Algorithm{webauthn.ES256, webauthn.ES384, webauthn.RS256}},
		"no policy":        {attestation.TPMOptions{Algorithm: webauthn.ES256, AuthPolicy: []byte{}}, []webauthn.Algorithm{webauthn.ES256}},
	} {
		aikAlgorithm := cmp.Or(o.Algorithm, webauthn.RS1)
		aik := create(t, tpm, parent, aikTemplate(t, aikAlgorithm))
		area, err := attestation.AIKArea(aikAlgorithm, aik.public)
		require.NoError(t, err)
		assert.Equal(t, aik.area, area)
		x5c, err := attestation.CertifyTPM(issuer, o.TPMOptions, aik.public)
		require.NoError(t, err)
		for _, alg := range o.credentials {
			credential := create(t, tpm, parent, credentialTemplate(t, o.TPMOptions, alg))
			about := subjectOf(t, alg, credential.public)
			real := certify(t, tpm, aikAlgorithm, aik, credential, about, x5c)
			encoded, err := canon.Marshal(real)
			require.NoError(t, err)
			assert.NoError(t, verifyTPM(t, encoded, about, tpmRoot(t)), "%s: what the TPM made of %s", name, alg)
			assert.Empty(t, tpmFailures(t, encoded, about), "%s: what the TPM made of %s", name, alg)

			ours := attestTPM(t, tpmAttester(t, o.TPMOptions), about)
			assert.Equal(t, real.PubArea, ours.PubArea, "%s: %s", name, alg)
			requireSameShape(t, real, ours)
			requireNamed(t, real, above.QualifiedName.Buffer, aik, credential)
			_, err = tpm2.FlushContext{FlushHandle: credential.handle.Handle}.Execute(tpm)
			require.NoError(t, err)
		}
		_, err = tpm2.FlushContext{FlushHandle: aik.handle.Handle}.Execute(tpm)
		require.NoError(t, err)
	}
}

// requireSameShape compares the members of two certifications of one key by
// different TPMs: those that say nothing about the TPM are equal, the others as long.
func requireSameShape(t *testing.T, real, ours *tpmStatement) {
	t.Helper()
	require.Len(t, ours.CertInfo, len(real.CertInfo))
	a, b := certInfo(t, real.CertInfo), certInfo(t, ours.CertInfo)
	require.Equal(t, a.Magic, b.Magic)
	require.Equal(t, a.Type, b.Type)
	require.Equal(t, a.ExtraData, b.ExtraData)
	require.Equal(t, a.ClockInfo.Safe, b.ClockInfo.Safe)
	require.Len(t, b.QualifiedSigner.Buffer, len(a.QualifiedSigner.Buffer))
	was, err := a.Attested.Certify()
	require.NoError(t, err)
	is, err := b.Attested.Certify()
	require.NoError(t, err)
	require.Equal(t, was.Name, is.Name)
	require.Len(t, is.QualifiedName.Buffer, len(was.QualifiedName.Buffer))
	if len(real.Signature) == 256 {
		require.Len(t, ours.Signature, len(real.Signature))
		return
	}
	leaf, err := x509.ParseCertificate(ours.X5C[0])
	require.NoError(t, err)
	hash := crypto.SHA256.New()
	hash.Write(ours.CertInfo)
	require.True(t, ecdsa.VerifyASN1(leaf.PublicKey.(*ecdsa.PublicKey), hash.Sum(nil), ours.Signature))
}

// requireNamed checks that names in a certification are those that the TPM itself
// has for its keys, and that qualified names are made here as there.
func requireNamed(t *testing.T, real *tpmStatement, parent []byte, aik, credential *tpmKey) {
	t.Helper()
	info := certInfo(t, real.CertInfo)
	certified, err := info.Attested.Certify()
	require.NoError(t, err)
	require.Equal(t, aik.read.QualifiedName, info.QualifiedSigner)
	require.Equal(t, credential.read.Name, certified.Name)
	require.Equal(t, credential.read.QualifiedName, certified.QualifiedName)
	nameAlg := binary.BigEndian.Uint16(certified.Name.Buffer)
	require.Equal(t, certified.QualifiedName.Buffer, attestation.QualifiedName(nameAlg, parent, certified.Name.Buffer))
}
