package authenticator

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"

	"github.com/passkeylab/passkeylab/webauthn"
)

// attestorU2F is who attests to U2F registrations: the maker's key where there is
// one that can, otherwise one that the model has by itself.
func (a *Authenticator) attestorU2F() (*AttestationKey, error) {
	if a.model.Attestation.servesU2F() {
		return a.model.Attestation, nil
	}
	if a.session.attestor == nil {
		k, err := a.model.ownAttestor()
		if err != nil {
			return nil, fmt.Errorf("U2F attestation: %w", err)
		}
		a.session.attestor = k
	}
	return a.session.attestor, nil
}

const p256ScalarSize = 32 // in bytes

// ownAttestor makes a key of the AAGUID and a certificate that it signs itself.
// Like the keys of makers, it is the same on all devices of a model, so that it
// tells nobody one from another; unlike those, anybody can make it.
func (m *Model) ownAttestor() (*AttestationKey, error) {
	secret, err := hkdf.Key(sha256.New, m.AAGUID[:], nil, "passkeylab U2F attestation", p256ScalarSize)
	if err != nil {
		return nil, err
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), secret)
	if err != nil {
		return nil, err
	}
	transports, err := m.transportsU2F()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          new(big.Int).SetBytes(m.AAGUID[:]),
		Subject:               pkix.Name{Organization: []string{"passkeylab"}, OrganizationalUnit: []string{"Authenticator Attestation"}, CommonName: "U2F " + m.Name},
		BasicConstraintsValid: true, // and no CA
		NotBefore:             time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:              time.Date(2049, 12, 31, 23, 59, 59, 0, time.UTC),
		ExtraExtensions:       []pkix.Extension{transports},
	}
	// Without a source of randomness the signature is that of RFC 6979.
	der, err := x509.CreateCertificate(nil, template, template, private.Public(), private)
	if err != nil {
		return nil, err
	}
	return &AttestationKey{Algorithm: webauthn.ES256, Private: secret, Certificates: [][]byte{der}}, nil
}

// transportsOID is the extension by which a U2F certificate lists transports, and
// transportBits where they stand in its BIT STRING (FIDO U2F Authenticator
// Transports Extension §3).
var (
	transportsOID = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 2, 1, 1}
	transportBits = map[string]int{webauthn.TransportBLE: 1, webauthn.TransportUSB: 2, webauthn.TransportNFC: 3, webauthn.TransportInternal: 4}
)

func (m *Model) transportsU2F() (pkix.Extension, error) {
	bits := asn1.BitString{Bytes: make([]byte, 1)}
	for _, transport := range m.Transports {
		if bit, known := transportBits[transport]; known {
			bits.Bytes[0] |= 0x80 >> bit
			bits.BitLength = max(bits.BitLength, bit+1)
		}
	}
	value, err := asn1.Marshal(bits)
	return pkix.Extension{Id: transportsOID, Value: value}, err
}
