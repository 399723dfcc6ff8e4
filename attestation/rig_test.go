package attestation_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/attestation/attestationtest"
	"github.com/passkeylab/passkeylab/webauthn"
)

var (
	secret = []byte("a secret of tests")
	aaguid = webauthn.AAGUID([]byte("passkeylab:test "))
)

// makers are those of all tests, as RSA keys take a while. Other people's verifiers
// read the machine's clock, so the lab's is that one here.
var makers = sync.OnceValue(func() *attestation.Makers { return attestation.NewMakers(secret, time.Now().Truncate(24*time.Hour)) })

const clientData = `{"type":"webauthn.create","challenge":"AAAA","origin":"https://example.com"}`

// subject is a credential that was just made.
func subject(t testing.TB) *attestation.Subject {
	t.Helper()
	scalar := sha256.Sum256([]byte("credential"))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	require.NoError(t, err)
	cose, err := webauthn.EncodeCOSEKey(webauthn.ES256, key.Public())
	require.NoError(t, err)
	data := webauthn.AuthenticatorData{
		RPIDHash: sha256.Sum256([]byte("example.com")),
		Flags:    webauthn.Flags(0).With(webauthn.UserPresent, true),
		Attested: &webauthn.AttestedCredential{AAGUID: aaguid, CredentialID: make([]byte, 32), PublicKey: cose},
	}
	hash := sha256.Sum256([]byte(clientData))
	return &attestation.Subject{
		AuthData: data.Marshal(), ClientDataHash: hash[:], Time: time.Now().Truncate(time.Millisecond),
		Sign: func(message []byte) ([]byte, error) {
			sum := sha256.Sum256(message)
			return key.Sign(nil, sum[:], crypto.SHA256)
		},
	}
}

// kind is a way of attesting that is whole.
type kind struct {
	name     string
	attester attestation.Attester
	policy   attestationtest.Policy // but for the time
}

// kinds has every format, and what differs within one. The first that takes a defect
// is what the defect is tried on.
func kinds(t testing.TB) []kind {
	t.Helper()
	making.Lock()
	defer making.Unlock()
	if len(allKinds) == 0 {
		allKinds = makeKinds(t)
	}
	return allKinds
}

// allKinds are made once, as RSA keys take a while.
var (
	making   sync.Mutex
	allKinds []kind
)

func makeKinds(t testing.TB) []kind {
	t.Helper()
	key := attestation.Product{AAGUID: aaguid, Line: "1.3.6.1.4.1.41482.1.7", Transports: []string{webauthn.TransportUSB, webauthn.TransportNFC}, Firmware: 0x050701}
	chained, enterprise, soft, strongBox := key, key, key, key
	chained.Chained, enterprise.Serial = true, []byte("17339872")
	soft.Level, strongBox.Level, strongBox.Certificates = attestation.SoftwareLevel, attestation.StrongBox, 4
	phone := key
	phone.Level = attestation.TrustedEnvironment
	all := []kind{
		made(t, "packed", webauthn.FormatPacked, key),
		made(t, "packed, chained", webauthn.FormatPacked, chained),
		made(t, "packed, enterprise", webauthn.FormatPacked, enterprise),
		{"packed, self", attestation.PackedSelf(), attestationtest.Policy{}},
		made(t, "fido-u2f", webauthn.FormatFIDOU2F, key),
		made(t, "none", webauthn.FormatNone, key),
		made(t, "compound", webauthn.FormatCompound, phone),
		made(t, "apple", webauthn.FormatApple, key),
		made(t, "android-key", webauthn.FormatAndroidKey, phone),
		made(t, "android-key, StrongBox", webauthn.FormatAndroidKey, strongBox),
		made(t, "android-key, software", webauthn.FormatAndroidKey, soft),
		made(t, "android-safetynet", webauthn.FormatAndroidSafetyNet, key),
		made(t, "tpm", webauthn.FormatTPM, attestation.Product{}),
		made(t, "tpm, RS256", webauthn.FormatTPM, attestation.Product{Algorithm: webauthn.RS256}),
		made(t, "tpm, ES256", webauthn.FormatTPM, attestation.Product{Algorithm: webauthn.ES256}),
	}
	for _, algorithm := range []webauthn.Algorithm{webauthn.ES384, webauthn.ES512, webauthn.RS256, webauthn.RS1, webauthn.EdDSA} {
		other := chained
		other.Algorithm = algorithm
		all = append(all, made(t, "packed, "+algorithm.String(), webauthn.FormatPacked, other))
	}
	for n, name := range map[int]string{2: "android-key, two certificates", 3: "android-key, three certificates"} {
		old := phone
		old.Certificates = n
		all = append(all, made(t, name, webauthn.FormatAndroidKey, old))
	}
	return all
}

func made(t testing.TB, name, format string, p attestation.Product) kind {
	t.Helper()
	a, err := makers().Attester(format, p)
	require.NoError(t, err)
	roots, err := makers().Roots(format)
	require.NoError(t, err)
	return kind{name, a, attestationtest.Policy{
		Roots: roots, Enterprise: p.Serial != nil, Software: format == webauthn.FormatAndroidKey && p.Level == attestation.SoftwareLevel,
	}}
}

// broken is a kind with a defect.
func broken(t testing.TB, d attestation.Defect) kind {
	t.Helper()
	for _, k := range kinds(t) {
		if a, err := d.Break(k.attester); err == nil {
			k.attester = a
			return k
		}
	}
	require.Failf(t, "nothing has the defect", "%s: add what has it to kinds", d.ID)
	return kind{}
}

// object is what an attester makes for a subject, as it is sent.
func object(t testing.TB, a attestation.Attester, about *attestation.Subject) []byte {
	t.Helper()
	statement, err := a.Attest(about)
	require.NoError(t, err)
	o := webauthn.AttestationObject{Format: a.Format(), Statement: statement, AuthData: about.AuthData}
	return o.Marshal()
}

// failures is what the strict verifier objects to.
func failures(t testing.TB, k kind, about *attestation.Subject) []string {
	t.Helper()
	k.policy.Time = about.Time
	return attestationtest.Failures(object(t, k.attester, about), about.ClientDataHash, k.policy)
}
