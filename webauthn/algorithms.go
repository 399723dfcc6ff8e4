package webauthn

import "fmt"

// Algorithm is a COSE algorithm identifier (§5.8.5; IANA COSE Algorithms).
type Algorithm int64

// Algorithms that WebAuthn relying parties ask for. §5.8.5 ties ES256, ES384,
// ES512 and EdDSA to one curve each, so that ESP256, ESP384, ESP512 and Ed25519
// (RFC 9864) mean the same signatures under other numbers.
const (
	ES256   Algorithm = -7     // ECDSA on P-256 with SHA-256
	EdDSA   Algorithm = -8     // Ed25519
	ESP256  Algorithm = -9     // ECDSA on P-256 with SHA-256
	Ed25519 Algorithm = -19    // Ed25519
	ES384   Algorithm = -35    // ECDSA on P-384 with SHA-384
	ES512   Algorithm = -36    // ECDSA on P-521 with SHA-512
	PS256   Algorithm = -37    // RSASSA-PSS with SHA-256 and a salt of 32 bytes (RFC 8230 §2)
	ES256K  Algorithm = -47    // ECDSA on secp256k1 with SHA-256 (RFC 8812 §3.2)
	MLDSA44 Algorithm = -48    // ML-DSA-44, pure, with an empty context (RFC 9964)
	MLDSA65 Algorithm = -49    // ML-DSA-65, likewise
	MLDSA87 Algorithm = -50    // ML-DSA-87, likewise
	ESP384  Algorithm = -51    // ECDSA on P-384 with SHA-384
	ESP512  Algorithm = -52    // ECDSA on P-521 with SHA-512
	Ed448   Algorithm = -53    // Ed448
	RS256   Algorithm = -257   // RSASSA-PKCS1-v1_5 with SHA-256
	RS1     Algorithm = -65535 // RSASSA-PKCS1-v1_5 with SHA-1: TPMs attest with it, credentials should not
)

var algorithmNames = map[Algorithm]string{
	ES256: "ES256", ES384: "ES384", ES512: "ES512", ES256K: "ES256K",
	ESP256: "ESP256", ESP384: "ESP384", ESP512: "ESP512",
	EdDSA: "EdDSA", Ed25519: "Ed25519", Ed448: "Ed448",
	RS256: "RS256", RS1: "RS1", PS256: "PS256",
	MLDSA44: "ML-DSA-44", MLDSA65: "ML-DSA-65", MLDSA87: "ML-DSA-87",
}

// String returns the IANA name, or the number where we know none.
func (a Algorithm) String() string {
	if name, ok := algorithmNames[a]; ok {
		return name
	}
	return fmt.Sprintf("COSE algorithm %d", int64(a))
}
