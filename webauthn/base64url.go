package webauthn

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// strictBase64URL is base64url without padding (WebAuthn L3 §3, "Base64url
// Encoding"), refusing spare bits that are not zero.
var strictBase64URL = base64.RawURLEncoding.Strict()

// Base64URL is a byte string that JSON carries as base64url without padding,
// white space or line breaks.
type Base64URL []byte

// ParseBase64URL decodes s and refuses every spelling but the canonical one.
func ParseBase64URL(s string) (Base64URL, error) { return decodeBase64URL([]byte(s)) }

func decodeBase64URL(text []byte) (Base64URL, error) {
	for _, lineBreak := range [...]byte{'\n', '\r'} { // encoding/base64 would skip them
		if i := bytes.IndexByte(text, lineBreak); i >= 0 {
			return nil, fmt.Errorf("base64url: line break: %w", base64.CorruptInputError(i))
		}
	}
	b := make([]byte, strictBase64URL.DecodedLen(len(text)))
	n, err := strictBase64URL.Decode(b, text)
	if err != nil {
		return nil, fmt.Errorf("base64url: %w", err)
	}
	return b[:n], nil
}

// String returns the base64url form.
func (b Base64URL) String() string { return strictBase64URL.EncodeToString(b) }

// MarshalText lets the value serve as a JSON string or map key.
func (b Base64URL) MarshalText() ([]byte, error) {
	return strictBase64URL.AppendEncode(nil, b), nil
}

// UnmarshalJSON takes a JSON string in base64url. null leaves b unchanged, as
// for an absent member.
func (b *Base64URL) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	parsed, err := ParseBase64URL(s)
	if err != nil {
		return err
	}
	*b = parsed
	return nil
}
