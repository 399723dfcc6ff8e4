package testdata_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/binary"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/testdata"
)

// attestationObject is an attestation object, its statement split (§6.5.4).
type attestationObject struct {
	Format    string         `cbor:"fmt"`
	Statement map[string]any `cbor:"attStmt"`
	AuthData  []byte         `cbor:"authData"`
}

func object(t *testing.T, v *testdata.WebAuthnVector) *attestationObject {
	t.Helper()
	o := new(attestationObject)
	require.NoError(t, canon.Unmarshal(v.Registration.AttestationObject, o), v.Name)
	return o
}

// credentialAt is where a credential ID begins in authenticator data (§6.1, §6.5.1).
const credentialAt = 32 + 1 + 4 + 16 + 2

// credentialKey is the COSE_Key in the attestation object.
func credentialKey(t *testing.T, v *testdata.WebAuthnVector) map[int]any {
	t.Helper()
	key := map[int]any{}
	require.NoError(t, canon.Unmarshal(object(t, v).AuthData[credentialAt+len(v.Registration.CredentialID):], &key))
	return key
}

// hashed is what a signature is over: authenticator data and the hash of the
// client data.
func hashed(authData []byte, c *testdata.Ceremony) []byte {
	hash := sha256.Sum256(c.ClientDataJSON)
	return slices.Concat(authData, hash[:])
}

// Every assertion verifies, and is the one that its key makes of its message.
func TestAssertionsAreReproduced(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			a := &v.Authentication
			message := hashed(a.AuthenticatorData, &a.Ceremony)
			assert.True(t, verify(t, &v, message, a.Signature), "the signature verifies")
			assert.False(t, verify(t, &v, append(message, 0), a.Signature), "and not for another message")
			assert.Equal(t, sign(t, &v, message), a.Signature)
		})
	}
}

// statements makes the attestation statement of each format anew (§8). The
// certificate is the vector's own; TestCertificates looks into it.
var statements = map[string]func(*testing.T, *testdata.WebAuthnVector) map[string]any{
	"none": func(*testing.T, *testdata.WebAuthnVector) map[string]any { return map[string]any{} },
	"packed": func(t *testing.T, v *testdata.WebAuthnVector) map[string]any {
		message := hashed(attestedData(t, v), &v.Registration.Ceremony)
		if v.Registration.AttestationKey == nil {
			return map[string]any{"alg": v.Algorithm, "sig": sign(t, v, message)}
		}
		return map[string]any{"alg": es256, "sig": attest(t, v, message), "x5c": x5c(t, v)}
	},
	"fido-u2f": func(t *testing.T, v *testdata.WebAuthnVector) map[string]any {
		rpIDHash, hash := sha256.Sum256([]byte(v.RPID)), sha256.Sum256(v.Registration.ClientDataJSON)
		key := coseKey(t, v)
		message := slices.Concat([]byte{0}, rpIDHash[:], hash[:], v.Registration.CredentialID, []byte{4}, key[-2].([]byte), key[-3].([]byte))
		return map[string]any{"sig": attest(t, v, message), "x5c": x5c(t, v)}
	},
	"android-key": func(t *testing.T, v *testdata.WebAuthnVector) map[string]any {
		message := hashed(attestedData(t, v), &v.Registration.Ceremony)
		return map[string]any{"alg": es256, "sig": sign(t, v, message), "x5c": x5c(t, v)}
	},
	"apple": func(t *testing.T, v *testdata.WebAuthnVector) map[string]any {
		return map[string]any{"x5c": x5c(t, v)}
	},
	"tpm": func(t *testing.T, v *testdata.WebAuthnVector) map[string]any {
		area := pubArea(t, v)
		info := certInfo(t, v, area)
		return map[string]any{
			"ver": "2.0", "alg": es256, "x5c": x5c(t, v), "sig": attest(t, v, info), "certInfo": info, "pubArea": area,
		}
	},
}

func TestStatementsAreReproduced(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			again, err := canon.Marshal(attestationObject{v.Format, statements[v.Format](t, &v), attestedData(t, &v)})
			require.NoError(t, err)
			assert.Equal(t, again, v.Registration.AttestationObject)
		})
	}
}

// attest signs with the attestation key of a vector.
func attest(t *testing.T, v *testdata.WebAuthnVector, message []byte) []byte {
	t.Helper()
	return signECDSA(t, crypto.SHA256, ecdsaKey(t, curves[es256], v.Registration.AttestationKey), message)
}

// pubArea is the TPMT_PUBLIC of a P-256 key (TPM 2.0 Structures, 12.2.4).
func pubArea(t *testing.T, v *testdata.WebAuthnVector) []byte {
	t.Helper()
	key := coseKey(t, v)
	area := []byte("\x00\x23\x00\x0b" + // ECC, named with SHA-256
		"\x00\x04\x00\x00" + // only attribute: sign
		"\x00\x00" + // no policy
		"\x00\x10\x00\x10\x00\x03\x00\x10") // no symmetric algorithm, scheme or KDF; P-256
	for _, coordinate := range []int{-2, -3} {
		area = append(area, 0, 32)
		area = append(area, key[coordinate].([]byte)...)
	}
	return area
}

// certInfo is the TPMS_ATTEST that certifies pubArea (TPM 2.0 Structures, 10.12.12).
func certInfo(t *testing.T, v *testdata.WebAuthnVector, pubArea []byte) []byte {
	t.Helper()
	extraData := sha256.Sum256(hashed(attestedData(t, v), &v.Registration.Ceremony))
	name := sha256.Sum256(pubArea)
	info := []byte("\xffTCG\x80\x17" + "\x00\x00") // a certification, signer not named
	info = append(binary.BigEndian.AppendUint16(info, uint16(len(extraData))), extraData[:]...)
	info = append(info, "\x00\x00\x00\x00\x00\x00\x00\x00\x11\x11\x11\x11\x22\x22\x22\x22\x33"...) // clock, resets, restarts, safe
	info = append(info, make([]byte, 8)...)                                                        // firmware version
	info = append(info, 0, 2+sha256.Size, 0, 0x0b)
	info = append(info, name[:]...)
	return append(info, 0, 0) // no qualified name
}

// x5c is the certificate chain in the statement of a vector.
func x5c(t *testing.T, v *testdata.WebAuthnVector) []any {
	t.Helper()
	chain, _ := object(t, v).Statement["x5c"].([]any)
	require.Len(t, chain, 1, v.Name)
	return chain
}

// Attestation certificates are of the root, and of the key and serial number
// that were drawn. Android's and Apple's are for the credential's own key.
func TestCertificates(t *testing.T) {
	t.Parallel()
	ca := attestationCA(t)
	root := certificate(t, ca.Certificate)
	rootKey := ecdsaKey(t, curves[es256], ca.Key)
	requireIssued(t, root, root, rootKey, rootKey, ca.SerialNumber)
	for _, v := range vectors(t) {
		if v.Registration.AttestationSerial == nil {
			continue
		}
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			secret := v.Registration.AttestationKey
			if secret == nil {
				secret = v.Registration.PrivateKey
			}
			cert := certificate(t, x5c(t, &v)[0].([]byte))
			requireIssued(t, cert, root, ecdsaKey(t, curves[es256], secret), rootKey, v.Registration.AttestationSerial)
		})
	}
}

func certificate(t *testing.T, der []byte) *x509.Certificate {
	t.Helper()
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return cert
}

func requireIssued(t *testing.T, cert, issuer *x509.Certificate, key, issuerKey *ecdsa.PrivateKey, serial []byte) {
	t.Helper()
	require.NoError(t, cert.CheckSignatureFrom(issuer))
	assert.Equal(t, signECDSA(t, crypto.SHA256, issuerKey, cert.RawTBSCertificate), cert.Signature, "signed with the nonce of RFC 6979")
	assert.Equal(t, &key.PublicKey, cert.PublicKey)
	assert.Zero(t, cert.SerialNumber.Cmp(new(big.Int).SetBytes(serial)))
}

// The client data is named in an extension of the certificate where the
// statement's signature does not cover it, or where there is none.
func TestCertificateExtensions(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t) {
		switch v.Format {
		case "android-key":
			var description struct {
				AttestationVersion       int
				AttestationSecurityLevel asn1.Enumerated
				KeyMintVersion           int
				KeyMintSecurityLevel     asn1.Enumerated
				AttestationChallenge     []byte
				UniqueID                 []byte
				SoftwareEnforced         asn1.RawValue
				HardwareEnforced         asn1.RawValue
			}
			unmarshalExtension(t, &v, asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 1, 17}, &description)
			hash := sha256.Sum256(v.Registration.ClientDataJSON)
			assert.Equal(t, hash[:], description.AttestationChallenge)
			assert.Equal(t, 300, description.AttestationVersion)
		case "apple":
			var anonymous struct {
				Nonce []byte `asn1:"explicit,tag:1"`
			}
			unmarshalExtension(t, &v, asn1.ObjectIdentifier{1, 2, 840, 113635, 100, 8, 2}, &anonymous)
			nonce := sha256.Sum256(hashed(attestedData(t, &v), &v.Registration.Ceremony))
			assert.Equal(t, nonce[:], anonymous.Nonce)
		}
	}
}

func unmarshalExtension(t *testing.T, v *testdata.WebAuthnVector, id asn1.ObjectIdentifier, into any) {
	t.Helper()
	cert := certificate(t, x5c(t, v)[0].([]byte))
	for _, extension := range cert.Extensions {
		if extension.Id.Equal(id) {
			rest, err := asn1.Unmarshal(extension.Value, into)
			require.NoError(t, err)
			require.Empty(t, rest)
			return
		}
	}
	require.Failf(t, "no such extension", "%s: %v", v.Name, id)
}
