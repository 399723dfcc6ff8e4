package authenticator

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"encoding/asn1"
	"errors"
	"fmt"
)

// asymmetricKey is OneAsymmetricKey (RFC 5958 §2).
type asymmetricKey struct {
	Version    int
	Algorithm  asn1.RawValue
	PrivateKey []byte
	Attributes asn1.RawValue  `asn1:"optional,tag:0"`
	PublicKey  asn1.BitString `asn1:"optional,tag:1"`
}

// ecPrivateKey is ECPrivateKey (RFC 5915 §3).
type ecPrivateKey struct {
	Version    int
	PrivateKey []byte
	Parameters asn1.RawValue  `asn1:"optional,explicit,tag:0"`
	PublicKey  asn1.BitString `asn1:"optional,explicit,tag:1"`
}

// checkPublicHalf refuses a private key that comes with a public key which is not
// its own. Parsers pass over it, since they can work it out.
func checkPublicHalf(der []byte, private any) error {
	var outer asymmetricKey
	rest, err := asn1.Unmarshal(der, &outer)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return fmt.Errorf("%d bytes after the key", len(rest))
	}
	told := []asn1.BitString{outer.PublicKey}
	var own []byte
	switch k := private.(type) {
	case *ecdsa.PrivateKey:
		var inner ecPrivateKey
		if _, err := asn1.Unmarshal(outer.PrivateKey, &inner); err != nil {
			return err
		}
		told = append(told, inner.PublicKey)
		if own, err = k.PublicKey.Bytes(); err != nil {
			return err
		}
	case ed25519.PrivateKey:
		own = k.Public().(ed25519.PublicKey)
	default:
		return nil
	}
	for _, public := range told {
		if public.BitLength > 0 && !bytes.Equal(public.RightAlign(), own) {
			return errors.New("the public key that comes with it is not its own")
		}
	}
	return nil
}
