package testdata

import (
	"encoding/base64"
	"io/fs"
)

// WebAuthnVector is a registration and an authentication with one credential,
// inputs and outputs (WebAuthn L3 §16). README.md explains each value.
type WebAuthnVector struct {
	Name    string // of the file, without its ending
	Comment string
	Section string // where the text has it
	Info    string // what sets the randomness of this vector apart

	Algorithm   int64  // of the credential, a COSE identifier
	Format      string // of the attestation statement
	RPID        string
	Origin      string
	CrossOrigin bool
	TopOrigin   string // "" where the client does not name it

	Registration   Registration
	Authentication Authentication
}

// Ceremony is what a registration and an authentication have in common.
type Ceremony struct {
	Challenge       []byte
	ClientDataFlags byte   // bit 0: the client data has a member that nobody knows
	ExtraRandom     []byte // what that member is made of, 16 bytes; nil without it
	ClientDataJSON  []byte
	UserVerified    bool
	BackedUp        bool
	FlagsRandom     []byte // one byte that UserVerified, BackupEligible and BackedUp are made of; nil where it was not drawn
}

// Registration is the first ceremony of a vector. The attestation key and
// serial number are nil where the format has none.
type Registration struct {
	Ceremony
	PrivateKey        []byte   // scalar, big-endian, or EdDSA seed; nil for RSA
	Primes            [][]byte // of an RSA key: p and q, big-endian; nil otherwise
	AAGUID            [16]byte
	CredentialID      []byte
	BackupEligible    bool
	AttestationKey    []byte // P-256 scalar
	AttestationSerial []byte // of the attestation certificate
	AttestationObject []byte
}

// Authentication is the second ceremony of a vector.
type Authentication struct {
	Ceremony
	AuthenticatorData []byte
	Signature         []byte
}

// The bits of authenticator data's flags that vectors draw.
const (
	bitUV, bitBE, bitBS = 0x04, 0x08, 0x10
	bitExtra            = 0x01 // of client_data_gen_flags
)

// ExtraData is the value of the client data's member "extraData", or "" where
// there is no such member.
func (c *Ceremony) ExtraData() string {
	if c.ExtraRandom == nil {
		return ""
	}
	return "clientDataJSON may be extended with additional fields in the future, such as this: " +
		base64.RawURLEncoding.EncodeToString(c.ExtraRandom)
}

// WebAuthnVectors returns every vector of WebAuthn L3 §16 that is a pair of
// ceremonies, by name. An error names the file that is malformed, and how.
func WebAuthnVectors() ([]WebAuthnVector, error) {
	return readAll("vectors/webauthn", ParseWebAuthnVector)
}

// ParseWebAuthnVector reads the text of one vector.
func ParseWebAuthnVector(name string, text []byte) (WebAuthnVector, error) {
	f := parseFile(name, text)
	v := WebAuthnVector{
		Name: name, Comment: f.text("comment"), Section: f.text("section"), Info: f.text("info"),
		Algorithm: f.number("algorithm"), Format: f.text("format"),
		RPID: f.text("rp_id"), Origin: f.text("origin"),
		CrossOrigin: f.flag("cross_origin"), TopOrigin: f.optionalText("top_origin"),
	}
	if v.TopOrigin != "" && !v.CrossOrigin {
		f.failf("top_origin without cross_origin")
	}
	v.Registration = readRegistration(f)
	v.Authentication = readAuthentication(f, v.Registration.BackupEligible)
	return v, f.done()
}

func readRegistration(f *file) Registration {
	r := Registration{
		AAGUID:            [16]byte(f.sized("registration.aaguid", 16)),
		CredentialID:      f.bytes("registration.credential_id"),
		AttestationKey:    f.optionalSized("registration.attestation_private_key", 32),
		AttestationSerial: f.optionalSized("registration.attestation_cert_serial_number", 16),
		AttestationObject: f.bytes("registration.attestationObject"),
	}
	if f.has("registration.credential_private_key_p") {
		r.Primes = [][]byte{f.bytes("registration.credential_private_key_p"), f.bytes("registration.credential_private_key_q")}
	} else {
		r.PrivateKey = f.bytes("registration.credential_private_key")
	}
	r.Ceremony = readCeremony(f, "registration.", "auth_data_UV_BE_BS")
	r.BackupEligible = r.FlagsRandom != nil && r.FlagsRandom[0]&bitBE != 0
	r.BackedUp = r.BackedUp && r.BackupEligible
	return r
}

func readAuthentication(f *file, backupEligible bool) Authentication {
	a := Authentication{
		Ceremony:          readCeremony(f, "authentication.", "auth_data_UV_BS"),
		AuthenticatorData: f.bytes("authentication.authenticatorData"),
		Signature:         f.bytes("authentication.signature"),
	}
	a.BackedUp = a.BackedUp && backupEligible
	return a
}

// readCeremony leaves BackedUp as drawn: whether it counts is for the caller.
func readCeremony(f *file, prefix, flags string) Ceremony {
	c := Ceremony{
		Challenge:       f.bytes(prefix + "challenge"),
		ClientDataFlags: f.sized(prefix+"client_data_gen_flags", 1)[0],
		ExtraRandom:     f.optionalSized(prefix+"extraData_random", 16),
		ClientDataJSON:  f.bytes(prefix + "clientDataJSON"),
		FlagsRandom:     f.optionalSized(prefix+flags, 1),
	}
	if wanted := c.ClientDataFlags&bitExtra != 0; wanted != (c.ExtraRandom != nil) {
		f.failf("%sextraData_random goes with bit 0 of client_data_gen_flags", prefix)
	}
	if c.FlagsRandom != nil {
		c.UserVerified = c.FlagsRandom[0]&bitUV != 0
		c.BackedUp = c.FlagsRandom[0]&bitBS != 0
	}
	return c
}

// AttestationCA is the root of every attestation certificate in the vectors.
type AttestationCA struct {
	Info         string
	Key          []byte // P-256 scalar
	SerialNumber []byte
	Certificate  []byte // X.509, DER
}

// WebAuthnAttestationCA returns the root that all vectors share.
func WebAuthnAttestationCA() (AttestationCA, error) {
	text, err := fs.ReadFile(FS, "vectors/attestation-ca.txt")
	if err != nil {
		return AttestationCA{}, err
	}
	return ParseAttestationCA("attestation-ca", text)
}

// ParseAttestationCA reads the text of an attestation root.
func ParseAttestationCA(name string, text []byte) (AttestationCA, error) {
	f := parseFile(name, text)
	f.text("comment")
	f.text("section")
	ca := AttestationCA{
		Info:         f.text("info"),
		Key:          f.sized("attestation_ca_key", 32),
		SerialNumber: f.sized("attestation_ca_serial_number", 16),
		Certificate:  f.bytes("attestation_ca_cert"),
	}
	return ca, f.done()
}
