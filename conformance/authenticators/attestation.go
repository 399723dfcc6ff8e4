package authenticators

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
)

// attestation holds a statement to the formats that getInfo lists, and verifies a
// packed one as far as that goes without trust anchors.
func (k *key) attestation(c *credential) {
	if c.format == "" || c.statement == nil {
		k.Fatalf("fmt or attStmt is missing or of the wrong type")
	}
	if c.format == "none" {
		if len(c.statement) > 0 {
			k.Errorf("a statement of the format none has %d members, want none", len(c.statement))
		}
		return
	}
	if listed := k.info().texts(infoFormats); listed != nil && !slices.Contains(listed, c.format) {
		k.Differ(fmt.Sprint(listed), c.format, "getInfo does not list the format")
	}
	if c.format == "packed" {
		k.packed(c)
	}
}

// packed verifies a statement of that format (WebAuthn L3 §8.2): by the key of the
// credential where there is no certificate, else by the first certificate's.
func (k *key) packed(c *credential) {
	alg, hasAlg := c.statement.Get("alg")
	sig, _ := c.statement.Get("sig")
	signature, ok := sig.([]byte)
	if !hasAlg || !ok {
		k.Fatalf("a packed statement without alg or sig")
	}
	signed := append(bytes.Clone(c.data.raw), c.hash...)
	chain, attested := c.statement.Get("x5c")
	if !attested {
		if n, _ := alg.(int64); n != c.publicKey.alg {
			k.Differ(fmt.Sprint(c.publicKey.alg), fmt.Sprint(alg), "self attestation by another algorithm than the credential's")
		}
		if c.publicKey.verify != nil && !c.publicKey.verify(signed, signature) {
			k.Errorf("the signature of the self attestation does not verify by the new credential")
		}
		return
	}
	leaf, err := firstCertificate(chain)
	if err != nil {
		k.Fatalf("x5c: %v", err)
	}
	if err := leaf.CheckSignature(certificateAlgorithm(leaf), signed, signature); err != nil {
		k.Errorf("the signature of the attestation does not verify by its certificate: %v", err)
	}
}

func firstCertificate(chain any) (*x509.Certificate, error) {
	list, _ := chain.(cbor.Array)
	if len(list) == 0 {
		return nil, errors.New("no array of certificates")
	}
	der, _ := list[0].([]byte)
	return x509.ParseCertificate(der)
}

// certificateAlgorithm is the one that keys of this kind sign statements with.
func certificateAlgorithm(c *x509.Certificate) x509.SignatureAlgorithm {
	switch key := c.PublicKey.(type) {
	case *ecdsa.PublicKey:
		switch key.Curve.Params().BitSize {
		case 384:
			return x509.ECDSAWithSHA384
		case 521:
			return x509.ECDSAWithSHA512
		}
		return x509.ECDSAWithSHA256
	case ed25519.PublicKey:
		return x509.PureEd25519
	}
	return x509.SHA256WithRSA
}
