package mds

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
)

// RogueList names single authenticators that are not to be trusted, by keys that
// have become known (MDS §3.1.5). The keys are those of ECDAA, which WebAuthn has
// given up, so a relying party of today finds nothing in one.
type RogueList []RogueListEntry

// RogueListEntry is one authenticator.
type RogueListEntry struct {
	SK   string `json:"sk"` // the secret key, base64url
	Date Date   `json:"date"`
}

// JSON is what is found at an entry's rogueListURL.
func (l RogueList) JSON() []byte {
	if l == nil {
		l = RogueList{}
	}
	text, _ := json.Marshal(l) // cannot fail: strings only
	return text
}

// Hash is the entry's rogueListHash: SHA-256, the hash of the BLOB's signature, of
// the base64url form of the list.
func (l RogueList) Hash() string {
	sum := sha256.Sum256([]byte(base64.RawURLEncoding.EncodeToString(l.JSON())))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
