package relyingparties

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// shownText is how much of a text is told in a sentence.
const shownText = 200

// brief is a body as part of a sentence.
func brief(body []byte) string {
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(string(body[:min(len(body), shownText)]), "\uFFFD"))
	switch {
	case len(body) == 0:
		return "no body"
	case len(body) > shownText:
		return text + "…"
	}
	return text
}

// describe tells a body: its JSON in lines, and below what its byte strings have in
// them.
func describe(body []byte) string {
	var indented bytes.Buffer
	if json.Indent(&indented, body, "", "  ") != nil {
		return brief(body)
	}
	var out strings.Builder
	out.WriteString(indented.String())
	var parsed struct {
		Response struct {
			ClientDataJSON, AttestationObject, AuthenticatorData any
		} `json:"response"`
	}
	if json.Unmarshal(body, &parsed) != nil {
		return out.String()
	}
	for _, part := range []struct {
		name   string
		value  any
		decode func([]byte) string
	}{
		{"clientDataJSON", parsed.Response.ClientDataJSON, func(b []byte) string { return string(b) }},
		{"attestationObject", parsed.Response.AttestationObject, describeObject},
		{"authenticatorData", parsed.Response.AuthenticatorData, describeAuthData},
	} {
		text, is := part.value.(string)
		if !is {
			continue
		}
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			fmt.Fprintf(&out, "\n\n%s is not base64url: %v", part.name, err)
			continue
		}
		fmt.Fprintf(&out, "\n\n%s:\n%s", part.name, part.decode(raw))
	}
	return out.String()
}

func describeObject(raw []byte) string {
	item, rest, err := cbor.DecodeFirst(raw)
	if err != nil {
		return fmt.Sprintf("(not CBOR: %v)", err)
	}
	text := cbor.Text(item.Value, nil)
	for _, d := range item.Defects {
		text += fmt.Sprintf("\n(not canonical: %s)", d)
	}
	if len(rest) > 0 {
		text += fmt.Sprintf("\n(%d bytes follow)", len(rest))
	}
	if m, is := item.Value.(cbor.Map); is {
		if auth, _ := m.Get("authData"); auth != nil {
			if b, is := auth.([]byte); is {
				text += "\nauthData:\n" + describeAuthData(b)
			}
		}
	}
	return text
}

var flagNames = []struct {
	bit  byte
	name string
}{{forge.UP, "UP"}, {forge.RFU1, "RFU1"}, {forge.UV, "UV"}, {forge.BE, "BE"}, {forge.BS, "BS"}, {forge.RFU2, "RFU2"}, {forge.AT, "AT"}, {forge.ED, "ED"}}

func describeAuthData(b []byte) string {
	const head, attestedHead = 37, 18
	if len(b) < head {
		return fmt.Sprintf("%x (%d bytes, too few)", b, len(b))
	}
	var flags []string
	for _, f := range flagNames {
		if b[32]&f.bit != 0 {
			flags = append(flags, f.name)
		}
	}
	text := fmt.Sprintf("  rpIdHash %x\n  flags %02x %s\n  signCount %d", b[:32], b[32], strings.Join(flags, " "), binary.BigEndian.Uint32(b[33:]))
	rest := b[head:]
	if b[32]&forge.AT != 0 && len(rest) >= attestedHead {
		n := int(binary.BigEndian.Uint16(rest[16:]))
		text += fmt.Sprintf("\n  aaguid %x\n  credentialIdLength %d", rest[:16], n)
		if rest = rest[attestedHead:]; len(rest) >= n {
			text += fmt.Sprintf("\n  credentialId %x", rest[:n])
			rest = rest[n:]
			if key, after, err := cbor.DecodeFirst(rest); err == nil {
				text += "\n  credentialPublicKey\n" + indent(cbor.Text(key.Value, nil))
				rest = after
			}
		}
	}
	if b[32]&forge.ED != 0 {
		if outputs, after, err := cbor.DecodeFirst(rest); err == nil {
			text += "\n  extensions\n" + indent(cbor.Text(outputs.Value, nil))
			rest = after
		}
	}
	if len(rest) > 0 {
		text += fmt.Sprintf("\n  (%d bytes follow: %x)", len(rest), rest[:min(len(rest), 64)])
	}
	return text
}

func indent(text string) string { return "    " + strings.ReplaceAll(text, "\n", "\n    ") }
