package jsontext

import (
	"encoding/base64"
	"encoding/json"
	"unicode/utf8"
)

// AppendString appends s as a JSON string, escaped as encoding/json does it, so
// that the text may also stand in HTML.
func AppendString(out []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c == '"', c == '\\', c == '<', c == '>', c == '&', c >= utf8.RuneSelf:
			return appendEscaped(out, s)
		}
	}
	out = append(out, '"')
	out = append(out, s...)
	return append(out, '"')
}

func appendEscaped(out []byte, s string) []byte {
	text, err := json.Marshal(s)
	if err != nil { // a string always has a form
		return append(out, `""`...)
	}
	return append(out, text...)
}

// AppendStrings appends a JSON array of strings.
func AppendStrings[S ~string](out []byte, all []S) []byte {
	out = append(out, '[')
	for i, s := range all {
		if i > 0 {
			out = append(out, ',')
		}
		out = AppendString(out, string(s))
	}
	return append(out, ']')
}

// AppendBase64URL appends data as a JSON string in base64url without padding.
func AppendBase64URL(out, data []byte) []byte {
	out = append(out, '"')
	out = base64.RawURLEncoding.AppendEncode(out, data)
	return append(out, '"')
}
