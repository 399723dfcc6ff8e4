package mds

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// payloadFaults are those of what a BLOB says of itself.
var payloadFaults = []Fault{
	{
		ID: "payload/rolled-back", Spec: "MDS §3.2 step 6", Doc: "The BLOB is one less than the last: an old one is served again, to hide what is known since.",
		seams: seams{payload: func(p *Payload) { p.Number -= 2 }},
	}, {
		ID: "payload/number-repeated", Spec: "MDS §3.1.6", Doc: "The BLOB says something new under the number of the last.",
		seams: seams{payload: func(p *Payload) { p.Number--; p.LegalHeader += " Amended." }},
	}, {
		ID: "payload/number-skipped", Spec: "MDS §3.1.6", Doc: "The number is 100 more than it should be; readers who were away see the same.",
		seams: seams{payload: func(p *Payload) { p.Number += 100 }},
	}, {
		ID: "payload/number-missing", Spec: "MDS §3.1.6", Doc: "The BLOB has no number.",
		seams: seams{text: onMember("no", nil)},
	}, {
		ID: "payload/number-text", Spec: "MDS §3.1.6", Doc: "The number is in quotes.",
		seams: seams{text: onMember("no", func(no any) any { n, _ := no.(float64); return strconv.Itoa(int(n)) })},
	}, {
		ID: "payload/number-negative", Spec: "MDS §3.1.6", Doc: "The number is less than zero.",
		seams: seams{payload: func(p *Payload) { p.Number = -p.Number }},
	}, {
		ID: "payload/number-fraction", Spec: "MDS §3.1.6", Doc: "The number has a fraction.",
		seams: seams{text: onMember("no", func(no any) any { n, _ := no.(float64); return n + 0.5 })},
	}, {
		ID: "payload/expired", Spec: "MDS §3.1.6", Doc: "The next BLOB was due 25 years ago.",
		seams: seams{payload: func(p *Payload) { p.NextUpdate = On(p.NextUpdate.Time().AddDate(-longAgo, 0, 0)) }},
	}, {
		ID: "payload/date-and-time", Spec: "MDS §3.1.6", Doc: "The next BLOB's date has a time of day.",
		seams: seams{text: onMember("nextUpdate", func(day any) any { return fmt.Sprint(day) + "T00:00:00Z" })},
	}, {
		ID: "payload/date-missing", Spec: "MDS §3.1.6", Doc: "The BLOB does not say when the next is due.",
		seams: seams{text: onMember("nextUpdate", nil)},
	}, {
		ID: "payload/entries-missing", Spec: "MDS §3.1.6", Doc: "The BLOB has no list of entries.",
		seams: seams{text: onMember("entries", nil)},
	}, {
		ID: "payload/entries-object", Spec: "MDS §3.1.6", Doc: "The entries are one object in place of a list.",
		seams: seams{text: onMember("entries", func(any) any { return map[string]any{} })},
	}, {
		ID: "payload/legal-header-missing", Spec: "MDS §3.1.6", Doc: "The BLOB does not say under what terms it may be used.",
		seams: seams{text: onMember("legalHeader", nil)},
	}, {
		ID: "payload/list", Spec: "MDS §3.1.6", Doc: "The payload is JSON, but a list.",
		seams: seams{text: func(text []byte) []byte { return append(append([]byte("["), text...), ']') }},
	}, {
		ID: "payload/not-json", Spec: "MDS §3.1.7", Doc: "The payload is well signed, and no JSON.",
		seams: seams{text: func([]byte) []byte { return []byte("no=1; nextUpdate=tomorrow") }},
	}, {
		ID: "payload/cut-off", Spec: "MDS §3.1.7", Doc: "The payload is well signed, and ends in the middle.",
		seams: seams{text: func(text []byte) []byte { return text[:len(text)/2] }},
	}, {
		ID: "payload/deep", Spec: "RFC 8259 §9", Doc: "A member that nobody knows holds 20,000 lists in each other.",
		seams: seams{text: func(text []byte) []byte {
			const depth = 20_000
			deep := append(bytes.Repeat([]byte("["), depth), bytes.Repeat([]byte("]"), depth)...)
			return append(append(append(text[:len(text)-1:len(text)-1], `,"deep":`...), deep...), '}')
		}},
	}, {
		ID: "payload/number-twice", Spec: "RFC 8259 §4", Doc: "The number is there twice; the first says 1, and the second is right.",
		seams: seams{text: func(text []byte) []byte { return append([]byte(`{"no":1,`), text[1:]...) }},
	},
}

// onMember changes a member of the payload, or drops it.
func onMember(name string, change func(any) any) func([]byte) []byte {
	return edited(func(payload map[string]any) {
		if change == nil {
			delete(payload, name)
			return
		}
		payload[name] = change(payload[name])
	})
}

// edited changes JSON where types would not let it be wrong.
func edited(change func(map[string]any)) func([]byte) []byte {
	return func(text []byte) []byte {
		var payload map[string]any
		if json.Unmarshal(text, &payload) != nil {
			return text // another fault was here before
		}
		change(payload)
		text, _ = json.Marshal(payload) // cannot fail: it was JSON
		return text
	}
}
