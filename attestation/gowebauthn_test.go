package attestation_test

import (
	"crypto/x509"
	"path"
	"slices"
	"sync"
	"testing"
	_ "unsafe" // for go:linkname

	"github.com/go-webauthn/webauthn/metadata"
	"github.com/go-webauthn/webauthn/metadata/providers/memory"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/attestationtest"
	"github.com/passkeylab/passkeylab/webauthn"
)

// go-webauthn trusts the roots of Apple and Google for their formats, whatever its
// caller says, and the system's for android-safetynet. Its tests put other ones in
// these places.
var (
	//go:linkname appleRoots github.com/go-webauthn/webauthn/protocol.attAppleHardwareRootsCertPool
	appleRoots *x509.CertPool
	//go:linkname androidRoots github.com/go-webauthn/webauthn/protocol.attAndroidKeyHardwareRootsCertPool
	androidRoots *x509.CertPool
	//go:linkname webRoots github.com/go-webauthn/webauthn/protocol.attStatementAndroidSafetyNetRootsCertPool
	webRoots *x509.CertPool
)

// trustLab has go-webauthn trust the lab's makers in place of those.
var trustLab = sync.OnceValue(func() error {
	webRoots = x509.NewCertPool()
	for format, pool := range map[string]*x509.CertPool{
		webauthn.FormatApple: appleRoots, webauthn.FormatAndroidKey: androidRoots, webauthn.FormatAndroidSafetyNet: webRoots,
	} {
		roots, err := makers().Roots(format)
		if err != nil {
			return err
		}
		pool.AddCert(roots[0])
	}
	return nil
})

// metadataOf is what a metadata service would say of the tests' only model.
func metadataOf(t testing.TB, roots []*x509.Certificate) metadata.Provider {
	t.Helper()
	mds, err := memory.New(memory.WithMetadata(map[uuid.UUID]*metadata.Entry{
		uuid.UUID(aaguid): {MetadataStatement: metadata.Statement{
			AttestationTypes: metadata.AuthenticatorAttestationTypes{
				metadata.BasicFull, metadata.BasicSurrogate, metadata.AttCA, metadata.AnonCA,
			},
			AttestationRootCertificates: roots,
		}},
	}))
	require.NoError(t, err)
	return mds
}

// verify has go-webauthn look at a statement, and at where its certificates lead.
func verify(t testing.TB, k kind, about *attestation.Subject) error {
	t.Helper()
	require.NoError(t, trustLab())
	response := protocol.AuthenticatorAttestationResponse{
		AuthenticatorResponse: protocol.AuthenticatorResponse{ClientDataJSON: []byte(clientData)},
		AttestationObject:     object(t, k.attester, about),
	}
	parsed, err := response.Parse()
	if err != nil {
		return err
	}
	policy := protocol.AttestationPolicy{}
	if k.policy.Software {
		policy.AndroidKey.AuthorizationScope = protocol.AndroidKeyAuthorizationScopeUnion
	}
	return parsed.AttestationObject.VerifyAttestation(about.ClientDataHash, metadataOf(t, k.policy.Roots), policy, protocol.SignaturePolicy{})
}

func TestGoWebauthnAccepts(t *testing.T) {
	t.Parallel()
	for _, k := range kinds(t) {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			assert.NoError(t, verify(t, k, subject(t)))
		})
	}
}

// Reasons are about defects that there are.
func TestReasonsAreOfDefects(t *testing.T) {
	t.Parallel()
	for _, v := range attestationtest.Verifiers {
		for _, pattern := range v.Patterns() {
			matched := slices.ContainsFunc(attestation.Defects(), func(d attestation.Defect) bool {
				ok, err := path.Match(pattern, d.ID)
				return ok && err == nil
			})
			assert.True(t, matched, "%s: %s is no defect", v.Name, pattern)
		}
	}
}
