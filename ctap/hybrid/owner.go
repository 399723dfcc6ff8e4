package hybrid

import (
	"crypto/ecdh"
	"fmt"
)

// OwnerSize is the length of an [Owner] in bytes.
const OwnerSize = 32

// Owner is the one secret that an authenticator keeps to be linked: its identity
// and the secrets of all its links follow from it, so that no link takes room. It
// prints as "(secret)".
type Owner [OwnerSize]byte

// Format keeps the secret out of logs, whatever the verb.
func (Owner) Format(out fmt.State, _ rune) { redact(out) }

// Identity is the authenticator's key. It fails for one secret in 2³².
func (o Owner) Identity() (*ecdh.PrivateKey, error) {
	key, err := ecdh.P256().NewPrivateKey(Derive(32, o[:], nil, PurposeIdentityKey))
	if err != nil {
		return nil, fmt.Errorf("the authenticator's identity: %w", err)
	}
	return key, nil
}

// LinkSecret is the secret of a link. It depends on the contact ID, so that a new
// contact ID ends all links.
func (o Owner) LinkSecret(contactID []byte, link [LinkIDSize]byte) [LinkSecretSize]byte {
	contact := Derive(OwnerSize, o[:], contactID, PurposeContactSecret)
	return [LinkSecretSize]byte(Derive(LinkSecretSize, contact, link[:], PurposePairedSecret))
}
