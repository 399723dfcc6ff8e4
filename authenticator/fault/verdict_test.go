package fault_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"

	"github.com/passkeylab/passkeylab/webauthn"
)

// verdict says what a relying party finds of a signature.
func verdict(key, authData, hash, signature []byte) string {
	spelling := spelled(signature)
	_, public, err := webauthn.ParseCOSEKey(key)
	if err != nil {
		return "cannot be verified without a key"
	}
	message := slices.Concat(authData, hash)
	digest := sha256.Sum256(message)
	verifies := false
	switch k := public.(type) {
	case *ecdsa.PublicKey:
		verifies = ecdsa.VerifyASN1(k, digest[:], signature)
		if other := otherwise(k, authData, hash, signature); !verifies && other != "" {
			return "does not verify, but " + other
		}
	case ed25519.PublicKey:
		verifies = ed25519.Verify(k, message, signature)
	}
	if verifies {
		return "verifies" + spelling
	}
	return "does not verify" + spelling
}

// otherwise says in which other way a signature verifies.
func otherwise(key *ecdsa.PublicKey, authData, hash, signature []byte) string {
	long := sha512.Sum384(slices.Concat(authData, hash))
	again := sha256.Sum256(hash)
	of := func(parts ...[]byte) []byte {
		digest := sha256.Sum256(slices.Concat(parts...))
		return digest[:]
	}
	for _, way := range []struct {
		name   string
		digest []byte
	}{
		{"with SHA-384", long[:]}, {"without a hash", authData[:min(len(authData), 32)]},
		{"of authenticator data alone", of(authData)}, {"of client data alone", of(hash)},
		{"of the parts swapped", of(hash, authData)}, {"of client data hashed twice", of(authData, again[:])},
		{"of a counter one higher", of(counted(authData), hash)},
	} {
		if ecdsa.VerifyASN1(key, way.digest, signature) {
			return way.name
		}
	}
	return ""
}

func counted(authData []byte) []byte {
	higher := slices.Clone(authData)
	if len(higher) > 36 {
		higher[36]++
	}
	return higher
}

// spelled tells the kinds of signatures apart.
func spelled(signature []byte) string {
	var value struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(signature, &value)
	switch {
	case err != nil:
		return fmt.Sprintf(" (%d bytes, no DER)", min(len(signature), 64))
	case len(rest) > 0:
		return " (DER and more)"
	case value.S.Sign() < 0:
		return " (a negative number)"
	case value.S.Sign() == 0:
		return " (zeros)"
	}
	return ""
}

// upperHalf reports whether s of an ECDSA signature is the larger of the two that
// verify.
func upperHalf(signature []byte) bool {
	var value struct{ R, S *big.Int }
	_, err := asn1.Unmarshal(signature, &value)
	return err == nil && value.S.Cmp(new(big.Int).Rsh(elliptic.P256().Params().N, 1)) > 0
}

func sha(text string) [32]byte { return sha256.Sum256([]byte(text)) }

// pointVerifies reports whether a signature is by the key with this point of P-256.
func pointVerifies(point, message, signature []byte) bool {
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	digest := sha256.Sum256(message)
	return err == nil && ecdsa.VerifyASN1(key, digest[:], signature)
}

// certified reports whether a signature is by the key of a certificate.
func certified(certificate, message, signature []byte) string {
	parsed, err := x509.ParseCertificate(certificate)
	if err != nil {
		return "unreadable"
	}
	key, is := parsed.PublicKey.(*ecdsa.PublicKey)
	digest := sha256.Sum256(message)
	return fmt.Sprintf("its key signed the registration: %v", is && ecdsa.VerifyASN1(key, digest[:], signature))
}
