package webauthn

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// AAGUID names an authenticator's make and model: 16 bytes, all zero where
// the authenticator does not tell (WebAuthn L3 §6.5.1).
type AAGUID [16]byte

// ParseAAGUID reads the hyphenated form 8-4-4-4-12.
func ParseAAGUID(s string) (AAGUID, error) {
	var id AAGUID
	plain := strings.ReplaceAll(s, "-", "")
	if len(s) != 36 || len(plain) != 32 {
		return id, fmt.Errorf("AAGUID %q: want 32 hexadecimal digits as 8-4-4-4-12", s)
	}
	if _, err := hex.Decode(id[:], []byte(plain)); err != nil {
		return id, fmt.Errorf("AAGUID %q: %w", s, err)
	}
	if id.String() != strings.ToLower(s) {
		return id, fmt.Errorf("AAGUID %q: hyphens belong after digits 8, 12, 16 and 20", s)
	}
	return id, nil
}

// String returns the hyphenated form in lower case.
func (a AAGUID) String() string {
	h := hex.EncodeToString(a[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
