package attestation

import (
	"crypto"
	"crypto/x509"
	"fmt"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// statement is the members of an attStmt before they are encoded.
type statement map[string]any

func (s statement) encode() (canon.Raw, error) {
	encoded, err := canon.Marshal(map[string]any(s))
	if err != nil {
		return nil, fmt.Errorf("attestation: %w", err)
	}
	return encoded, nil
}

// leaf is an attestation certificate before it is issued, and who issues it.
type leaf struct {
	template *x509.Certificate
	public   crypto.PublicKey
	issuer   *Authority
}

// x5c issues the leaf and puts it before what is above it.
func (l *leaf) x5c() ([][]byte, error) {
	der, err := l.issuer.Issue(l.template, l.public)
	if err != nil {
		return nil, err
	}
	return append([][]byte{der}, l.issuer.Chain()...), nil
}
