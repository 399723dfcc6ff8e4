package fault

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf16"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// single is the value of a list of one; nil for anything else.
func single(raw json.RawMessage) json.RawMessage {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil || len(list) != 1 {
		return nil
	}
	return list[0]
}

// unlisted takes members out of lists of one, as JavaScript does that makes a text of a
// list. It reports whether there were any.
func unlisted(in members, names []string) (changed bool) {
	for _, name := range names {
		if one := single(in[name]); one != nil {
			in[name], changed = one, true
		}
	}
	return changed
}

// firstMembers reads an object in which the first of members counts that have the same
// name; nil for what is none.
func firstMembers(data []byte) members {
	d := json.NewDecoder(bytes.NewReader(data))
	if !json.Valid(data) {
		return nil
	}
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil
	}
	in := members{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return nil
		}
		if text, _ := name.(string); in[text] == nil {
			in[text] = value
		}
	}
	return in
}

var (
	lastComma = regexp.MustCompile(`,\s*([}\]])`)
	comment   = regexp.MustCompile(`/\*.*?\*/`)
)

// asScript reads what JSON is not, but literals of JavaScript are: with commas after the
// last member, comments, and apostrophes for quotation marks. nil is for what is JSON.
func asScript(data []byte) []byte {
	if json.Valid(data) {
		return nil
	}
	text := comment.ReplaceAll(lastComma.ReplaceAll(data, []byte("$1")), nil)
	if !bytes.ContainsRune(text, '"') {
		text = bytes.ReplaceAll(text, []byte("'"), []byte(`"`))
	}
	if !json.Valid(text) {
		return nil
	}
	return text
}

// white is what counts as white space.
var white = strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "")

func lenientJSONFaults() []Fault {
	const shape = "WebAuthn L3 §5.1, §7.1 step 3, §7.2 step 3"
	return []Fault{
		{
			ID: "rp/json/white-space-accepted", Spec: "WebAuthn L3 §3 (Base64url Encoding), RFC 4648 §3.3",
			Doc:   "White space in base64url is passed over.",
			Seams: onText(white.Replace),
		}, {
			ID: "rp/json/list-of-one-accepted", Spec: shape,
			Doc: "A member that is a list of one text is taken for the text, as JavaScript makes one of it.",
			Seams: onMembers(func(_ ceremony.Ceremony, outer, inner members) bool {
				a, b := unlisted(outer, encoded), unlisted(inner, encoded)
				c := unlisted(outer, []string{"type"})
				return a || b || c
			}),
		}, {
			ID: "rp/json/first-of-duplicates-accepted", Spec: "RFC 8259 §4",
			Doc: "Where a member comes twice the first one counts, so that a check behind may see another.",
			Seams: onResponse(func(data []byte) []byte {
				outer := firstMembers(data)
				if outer == nil {
					return nil
				}
				if inner := firstMembers(outer["response"]); inner != nil {
					outer["response"] = laid(inner)
				}
				if last := objectOf(data)["id"]; bytes.Equal(outer["rawId"], last) {
					outer["rawId"] = outer["id"] // which the interface has not, so that it was made of the other
				}
				return laid(outer)
			}),
		}, {
			ID: "rp/json/script-accepted", Spec: "RFC 8259 §2",
			Doc:   "What JavaScript would read is taken for JSON: commas after the last member, comments, apostrophes.",
			Seams: onResponse(asScript), Doors: []ceremony.Door{relyingparty.DoorPages, relyingparty.DoorConformance},
		},
	}
}

func lenientClientDataFaults() []Fault {
	const parsed = "WebAuthn L3 §7.1 steps 5 and 6, §7.2 steps 8 and 9"
	return []Fault{
		{
			ID: "rp/clientdata/list-of-one-accepted", Spec: "WebAuthn L3 §7.1 steps 7 to 9, §7.2 steps 10 to 12",
			Doc: "A member of client data that is a list of one text is taken for the text, as comparing with == does in JavaScript.",
			Seams: onClientData(func(data []byte) []byte {
				in := objectOf(bytes.TrimPrefix(data, mark))
				if in == nil || !unlisted(in, clientDataNames) {
					return nil
				}
				return laid(in)
			}),
		}, {
			ID: "rp/clientdata/first-of-duplicates-accepted", Spec: parsed,
			Doc: "Where a member of client data comes twice the first one counts.",
			Seams: onClientData(func(data []byte) []byte {
				in := firstMembers(bytes.TrimPrefix(data, mark))
				if in == nil {
					return nil
				}
				return laid(in)
			}),
		}, {
			ID: "rp/clientdata/script-accepted", Spec: parsed,
			Doc:   "What JavaScript would read is taken for JSON: commas after the last member, comments, apostrophes.",
			Seams: onClientData(asScript),
		}, {
			ID: "rp/clientdata/marks-passed-over", Spec: "WebAuthn L3 §7.1 step 5, §7.2 step 8",
			Doc: "Any number of byte order marks before client data are taken away, where UTF-8 decode takes one.",
			Seams: onClientData(func(data []byte) []byte {
				for bytes.HasPrefix(data, mark) {
					data = data[len(mark):]
				}
				return data
			}),
		}, {
			ID: "rp/clientdata/encoding-guessed", Spec: "WebAuthn L3 §7.1 step 5, §7.2 step 8",
			Doc:   "Client data may be UTF-16: how they are encoded is guessed, as readers of JSON for Python and .NET do.",
			Seams: onClientData(fromUTF16),
		},
	}
}

// fromUTF16 reads UTF-16 that begins with a byte order mark; nil for anything else.
func fromUTF16(data []byte) []byte {
	if len(data) < 2 || len(data)%2 != 0 || data[0] != 0xff || data[1] != 0xfe {
		return nil
	}
	var units []uint16
	for i := 2; i < len(data); i += 2 {
		units = append(units, uint16(data[i])|uint16(data[i+1])<<8)
	}
	return []byte(string(utf16.Decode(units)))
}
