package attestation

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// statement is the members of an attStmt before they are encoded.
type statement map[string]any

func (s statement) encode() (canon.Raw, error) { return encode(map[string]any(s)) }

// encode also encodes what is no statement.
func encode(made any) (canon.Raw, error) {
	encoded, err := canon.Marshal(made)
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

// replace puts an extension in place of the one it is another value of, if there is
// any.
func (l *leaf) replace(e pkix.Extension) {
	l.template.ExtraExtensions = append(without(l.template.ExtraExtensions, e.Id), e)
}

// without leaves out an extension.
func without(extensions []pkix.Extension, id asn1.ObjectIdentifier) []pkix.Extension {
	return slices.DeleteFunc(slices.Clone(extensions), func(e pkix.Extension) bool { return e.Id.Equal(id) })
}

// x5c issues the leaf and puts it before what is above it.
func (l *leaf) x5c() ([][]byte, error) {
	der, err := l.issuer.Issue(l.template, l.public)
	if err != nil {
		return nil, err
	}
	return append([][]byte{der}, l.issuer.Chain()...), nil
}
