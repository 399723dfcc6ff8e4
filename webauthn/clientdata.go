package webauthn

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// Types of client data (§5.8.1).
const (
	ClientDataCreate = "webauthn.create"
	ClientDataGet    = "webauthn.get"
)

// ClientData is CollectedClientData (§5.8.1): what the client tells the
// relying party about the ceremony, under the authenticator's signature.
type ClientData struct {
	Type        string    `json:"type"`
	Challenge   Base64URL `json:"challenge"`
	Origin      string    `json:"origin"`
	CrossOrigin bool      `json:"crossOrigin"`
	TopOrigin   string    `json:"topOrigin,omitempty"`
}

// Marshal serialises the client data byte for byte as §5.8.1.1 prescribes,
// so that verifiers without a JSON parser can compare a prefix (§5.8.1.2).
func (c *ClientData) Marshal() []byte {
	out := make([]byte, 0, 96+len(c.Challenge)*4/3+len(c.Origin)+len(c.TopOrigin))
	out = append(out, `{"type":`...)
	out = appendCCDString(out, c.Type)
	out = append(out, `,"challenge":"`...)
	out = strictBase64URL.AppendEncode(out, c.Challenge)
	out = append(out, `","origin":`...)
	out = appendCCDString(out, c.Origin)
	if c.CrossOrigin {
		out = append(out, `,"crossOrigin":true`...)
	} else {
		out = append(out, `,"crossOrigin":false`...)
	}
	if c.TopOrigin != "" {
		out = append(out, `,"topOrigin":`...)
		out = appendCCDString(out, c.TopOrigin)
	}
	return append(out, '}')
}

// appendCCDString is CCDToString (§5.8.1.1). It differs from encoding/json:
// "<", ">", "&", U+007F, U+2028 and U+2029 are not escaped.
func appendCCDString(out []byte, s string) []byte {
	const hex = "0123456789abcdef"
	out = append(out, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r < 0x20:
			out = append(out, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return append(out, '"')
}

// ParseClientData reads client data as a JSON document (§7.1, §7.2). Unknown
// members are ignored: clients may add some.
func ParseClientData(data []byte) (*ClientData, error) {
	c := new(ClientData)
	if err := parseJSON(data, c); err != nil {
		return nil, fmt.Errorf("client data: %w", err)
	}
	if c.Type == "" || c.Challenge == nil || c.Origin == "" {
		return nil, missing("client data", "type, challenge or origin")
	}
	return c, nil
}

// String shows the client data for people.
func (c *ClientData) String() string {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}
