package attestation

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// SafetyNetOptions describe what Google Play Services say about a device.
type SafetyNetOptions struct {
	Version string // of Google Play Services, in digits; "" = one of 2021
	App     App    // that asked; the zero value is Google Play Services themselves

	Distribution []string // addresses of the issuer's revocation list
}

// safetyNet has Google vouch for the device (§8.5), which it no longer does.
type safetyNet struct {
	options SafetyNetOptions
	issuer  *Authority
	key     func() (*Key, error)
	bend    bend[safetyNetDraft]
}

// safetyNetDraft is an android-safetynet statement being made.
type safetyNetDraft struct {
	chained
	key       *Key
	nonced    []byte
	header    map[string]any // of the JWS, but for x5c
	payload   map[string]any // of the JWS, but for the nonce
	encode    func(nonce []byte) string
	chain     func(x5c []string) any // what becomes of the header's x5c
	signature func([]byte) []byte    // what becomes of the JWS's signature
}

// safetyNetHost is whom the service's certificates are for.
const safetyNetHost = "attest.android.com"

// SafetyNet returns an attester in place of Google's service, whose key of RS256 is
// drawn at the first statement, and takes a while.
func SafetyNet(issuer *Authority, o SafetyNetOptions) Attester {
	if o.Version == "" {
		o.Version = "212116028"
	}
	if o.App.Package == "" {
		signer := sha256.Sum256([]byte("passkeylab, signer of system apps"))
		o.App = App{Package: "com.google.android.gms", Signer: signer[:]}
	}
	return &safetyNet{options: o, issuer: issuer, key: sync.OnceValues(func() (*Key, error) {
		return NewKey(issuer.ca.secret, "android-safetynet", webauthn.RS256)
	})}
}

func (s *safetyNet) Format() string { return webauthn.FormatAndroidSafetyNet }

// leaf is a certificate for a web server, good for three months.
func (s *safetyNet) leaf(about *Subject, key *Key) leaf {
	const age, life = 30, 90 // days
	made := about.Time.UTC().AddDate(0, 0, -age).Truncate(24 * time.Hour)
	return leaf{&x509.Certificate{
		Subject: named(
			attribute{Type: country, Value: "US"}, attribute{Type: province, Value: "California"}, attribute{Type: locality, Value: "Mountain View"},
			attribute{Type: organization, Value: "Passkeylab"}, attribute{Type: commonName, Value: safetyNetHost},
		),
		DNSNames: []string{safetyNetHost}, NotBefore: made, NotAfter: made.AddDate(0, 0, life), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		CRLDistributionPoints: s.options.Distribution,
	}, key.Public(), s.issuer}
}

func (s *safetyNet) Attest(about *Subject) (canon.Raw, error) {
	key, err := s.key()
	if err != nil {
		return nil, err
	}
	draft := safetyNetDraft{key: key, nonced: about.message(), header: map[string]any{"alg": "RS256"}, payload: s.payload(about)}
	draft.about, draft.leaf, draft.encode = about, s.leaf(about, key), base64.StdEncoding.EncodeToString
	s.bend.shaped(&draft)
	response, err := draft.respond()
	if err != nil {
		return nil, err
	}
	draft.statement = statement{"ver": s.options.Version, "response": response}
	s.bend.spoiled(&draft)
	return draft.statement.encode()
}

// payload is what the service says.
func (s *safetyNet) payload(about *Subject) map[string]any {
	apk := sha256.Sum256([]byte(s.options.App.Package))
	return map[string]any{
		"timestampMs":                about.Time.UnixMilli(),
		"apkPackageName":             s.options.App.Package,
		"apkDigestSha256":            base64.StdEncoding.EncodeToString(apk[:]),
		"apkCertificateDigestSha256": []string{base64.StdEncoding.EncodeToString(s.options.App.Signer)},
		"ctsProfileMatch":            true,
		"basicIntegrity":             true,
		"evaluationType":             "BASIC,HARDWARE_BACKED",
	}
}

// respond is the JWS in compact serialization (RFC 7515 §7.1).
func (d *safetyNetDraft) respond() ([]byte, error) {
	x5c, err := d.x5c()
	if err != nil {
		return nil, err
	}
	certificates := make([]string, len(x5c))
	for i, der := range x5c {
		certificates[i] = base64.StdEncoding.EncodeToString(der)
	}
	d.header["x5c"] = certificates
	if d.chain != nil {
		d.header["x5c"] = d.chain(certificates)
	}
	if nonce := sha256.Sum256(d.nonced); d.encode != nil {
		d.payload["nonce"] = d.encode(nonce[:])
	}
	header, err := json.Marshal(d.header)
	if err != nil {
		return nil, fmt.Errorf("attestation: %w", err)
	}
	payload, err := json.Marshal(d.payload)
	if err != nil {
		return nil, fmt.Errorf("attestation: %w", err)
	}
	signed := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)
	signature, err := d.key.Sign([]byte(signed))
	if err != nil {
		return nil, err
	}
	if d.signature != nil {
		signature = d.signature(signature)
	}
	return []byte(signed + "." + base64.RawURLEncoding.EncodeToString(signature)), nil
}

func (s *safetyNet) broken(b any) (Attester, bool) {
	bent, ok := b.(bend[safetyNetDraft])
	copied := *s
	copied.bend = bent
	return &copied, ok
}
