package hybrid

import (
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/internal/canon"
)

// Linking is what an authenticator gives to a client that may ask for it without
// a QR code from then on.
type Linking struct {
	ContactID    []byte // by which the tunnel service finds the authenticator
	LinkID       [LinkIDSize]byte
	Secret       [LinkSecretSize]byte
	Key          *ecdh.PublicKey // identity of the authenticator
	Name         string          // for people, such as "Pixel 9"
	Signature    [sha256.Size]byte
	PlayServices bool // marker of one maker's implementation
}

// maxName bounds the name of an authenticator, in bytes.
const maxName = 1024

// ErrSignature says that linking information was not made by the authenticator at
// the other end of the session.
var ErrSignature = errors.New("the linking information is not signed by this authenticator")

// Keys of the map of a Linking.
const (
	linkContactID = iota + 1
	linkLinkID
	linkSecret
	linkKey
	linkName
	linkSignature

	linkPlayServices = 999
)

// Sign fills in Key and Signature. identity is the authenticator's, client the key
// in the QR code, hash that of the session (see [Session.Hash]).
func (l *Linking) Sign(identity *ecdh.PrivateKey, client *ecdh.PublicKey, hash [32]byte) error {
	signature, err := linkingSignature(identity, client, hash)
	if err != nil {
		return err
	}
	l.Key, l.Signature = identity.PublicKey(), signature
	return nil
}

// Verify returns [ErrSignature] where the linking information is not signed for
// the session. client is the private half of the key in the QR code.
func (l *Linking) Verify(client *ecdh.PrivateKey, hash [32]byte) error {
	want, err := linkingSignature(client, l.Key, hash)
	if err != nil || !hmac.Equal(want[:], l.Signature[:]) {
		return ErrSignature
	}
	return nil
}

// linkingSignature is the same for both, as only the two of them can agree on its
// key.
func linkingSignature(own *ecdh.PrivateKey, other *ecdh.PublicKey, hash [32]byte) (out [sha256.Size]byte, err error) {
	shared, err := own.ECDH(other)
	if err != nil {
		return out, fmt.Errorf("signing linking information: %w", err)
	}
	h := hmac.New(sha256.New, shared)
	h.Write(hash[:])
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// appendTo appends the map.
func (l *Linking) appendTo(out []byte) []byte {
	out, pairs := canon.OpenMap(out)
	out = canon.AppendBytes(pairs.IntKey(out, linkContactID), l.ContactID)
	out = canon.AppendBytes(pairs.IntKey(out, linkLinkID), l.LinkID[:])
	out = canon.AppendBytes(pairs.IntKey(out, linkSecret), l.Secret[:])
	out = canon.AppendBytes(pairs.IntKey(out, linkKey), l.Key.Bytes())
	out = canon.AppendText(pairs.IntKey(out, linkName), l.Name)
	out = canon.AppendBytes(pairs.IntKey(out, linkSignature), l.Signature[:])
	if l.PlayServices {
		out = canon.AppendBool(pairs.IntKey(out, linkPlayServices), true)
	}
	return out
}

// Encode returns the map alone, as a client keeps it.
func (l *Linking) Encode() []byte { return l.appendTo(nil) }

// DecodeLinking reads the map alone. The error wraps [ErrMessage].
func DecodeLinking(data []byte) (*Linking, error) {
	l := new(Linking)
	if err := canon.Read(data, l.read); err != nil {
		return nil, fmt.Errorf("%w: linking information: %w", ErrMessage, err)
	}
	return l, nil
}

func (l *Linking) read(r *canon.Reader) {
	const all = linkSignature
	found := 0
	for key := range r.IntKeys {
		if key >= linkContactID && key <= linkSignature {
			found++
		}
		switch key {
		case linkContactID:
			if l.ContactID = r.Bytes(); len(l.ContactID) == 0 || len(l.ContactID) > maxContactID {
				r.Fail(errContactID)
			}
		case linkLinkID:
			readFixed(r, l.LinkID[:])
		case linkSecret:
			readFixed(r, l.Secret[:])
		case linkKey:
			var err error
			l.Key, err = publicKey(r.Bytes())
			r.Fail(err)
		case linkName:
			if l.Name = r.Text(); len(l.Name) > maxName {
				r.Fail(fmt.Errorf("a name of %d bytes, at most %d are taken", len(l.Name), maxName))
			}
		case linkSignature:
			readFixed(r, l.Signature[:])
		case linkPlayServices:
			l.PlayServices = r.Bool()
		default:
			r.Skip()
		}
	}
	if found != all {
		r.Fail(fmt.Errorf("%d of the keys 1 to %d are there", found, all))
	}
}
