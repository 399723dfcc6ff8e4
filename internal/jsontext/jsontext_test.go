package jsontext_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/jsontext"
)

// read is every kind of value in one shape.
func read(text string) (got document, err error) {
	r := jsontext.NewReader([]byte(text))
	for name := range r.Members {
		switch string(name) {
		case "text":
			got.Text = r.Known("plain", "first")
		case "on":
			got.On = r.Bool()
		case "signed":
			got.Signed = int16(r.Int(16))
		case "count":
			got.Count = uint8(r.Uint(8))
		case "raw":
			got.Raw = r.Raw()
		case "list":
			for range r.Elements {
				got.List = append(got.List, r.String())
			}
		default:
			r.Skip()
		}
	}
	return got, r.End()
}

type document struct {
	Text   string          `json:"text"`
	On     bool            `json:"on"`
	Signed int16           `json:"signed"`
	Count  uint8           `json:"count"`
	Raw    json.RawMessage `json:"raw"`
	List   []string        `json:"list"`
}

func TestReadsWhatEncodingJSONReads(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{}`, ` { } `, `null`,
		`{"text":"plain","on":true,"signed":-32768,"count":255,"raw":{"a":[1,2.5e-3,"x"]},"list":["a","b"]}`,
		"{\t\"text\" : \"two\" ,\r\n\"on\" : false }",
		`{"text":"\u00e9\n\"\\\ud83d\ude00 é 😀","other":[{"deep":[null,true,false,-0,0.5,1E9]}]}`,
		`{"text":null,"on":null,"signed":null,"count":null,"list":null,"raw":1}`,
		`{"text":"first","text":"second"}`,
		"{\"text\":\"not UTF-8: \xff\"}",
		`{"text":"\ud800 alone"}`,
		`{"list":[],"unknown":[[],{}]}`,
	} {
		got, err := read(text)
		require.NoError(t, err, text)
		var want document
		require.NoError(t, json.Unmarshal([]byte(text), &want), text)
		if got.List == nil {
			want.List = nil
		}
		assert.Equal(t, want, got, text)
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, ` `, `{`, `}`, `[]`, `"text"`, `7`, `{} {}`, `{}x`, `nul`, `nullx`, `{"text"}`, `{"text":}`, `{"text":"a",}`, `{,}`, `{text:1}`,
		`{"a":1 "b":2}`, `{"a":[1 2]}`, `{"a":[1,]}`, `{"a":[,1]}`, `{"a":tru}`, `{"a":True}`, `{"a":'x'}`,
		`{"a":01}`, `{"a":-}`, `{"a":+1}`, `{"a":.5}`, `{"a":1.}`, `{"a":1e}`, `{"a":1e+}`, `{"a":0x1}`, `{"a":NaN}`,
		`{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"cut`, `{"a":"cut\`, "{\"a\":\"line\nbreak\"}", `{"a":[}`, `{"a":{]}`,
		`{"text":1}`, `{"text":{}}`, `{"on":"true"}`, `{"on":1}`, `{"list":"a"}`, `{"list":{}}`, `{"list":[1]}`,
		`{"signed":32768}`, `{"signed":1.0}`, `{"signed":1e1}`, `{"signed":"1"}`, `{"count":-1}`, `{"count":256}`, `{"count":-0}`,
	} {
		_, err := read(text)
		require.Error(t, err, text)
		require.Error(t, json.Unmarshal([]byte(text), new(document)), text)
	}
}

func TestDepthIsBounded(t *testing.T) {
	t.Parallel()
	nested := func(n int) string {
		return `{"raw":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`
	}
	_, err := read(nested(jsontext.MaxDepth - 1))
	require.NoError(t, err)
	_, err = read(nested(jsontext.MaxDepth))
	assert.ErrorContains(t, err, "nested deeper than 100")
}

func TestFailureIsFinal(t *testing.T) {
	t.Parallel()
	why := errors.New("the caller's reason")
	r := jsontext.NewReader([]byte(`["a","b",3]`))
	seen := 0
	for range r.Elements {
		seen++
		assert.Equal(t, "a", r.String())
		r.Fail(why)
		r.Fail(errors.New("a later one"))
		assert.Empty(t, r.String(), "nothing is read after a failure")
	}
	assert.Equal(t, 1, seen)
	assert.ErrorIs(t, r.End(), why)
}

func TestOffset(t *testing.T) {
	t.Parallel()
	r := jsontext.NewReader([]byte(`{ "a":  7, "b": x}`))
	var offsets []int
	for range r.Members {
		offsets = append(offsets, r.Offset())
		r.Skip()
	}
	assert.Equal(t, []int{8, 16}, offsets)
	assert.Equal(t, 16, r.Offset(), "where the walk failed")
	r.Rewind(8)
	assert.Equal(t, 16, r.Offset(), "a failure is final")

	r = jsontext.NewReader([]byte(` [1,"two"]`))
	start := r.Offset()
	assert.Equal(t, `[1,"two"]`, string(r.Raw()))
	r.Rewind(start)
	for range r.Elements {
		r.Skip()
	}
	require.NoError(t, r.End())
}

func TestErrorsSayWhere(t *testing.T) {
	t.Parallel()
	_, err := read(`{"text": 7}`)
	assert.EqualError(t, err, `JSON byte 9: want a string, found '7'`)
	_, err = read(`{"text":`)
	assert.EqualError(t, err, `JSON byte 8: want a string, found the end of the text`)
}

func TestAppend(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "plain", `quote " and \`, "a\x01b\n", "<script>&", "é 😀\u2028", "\xff"} {
		want, err := json.Marshal(s)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(jsontext.AppendString(nil, s)))
	}
	assert.Equal(t, `x[]`, string(jsontext.AppendStrings[string]([]byte("x"), nil)))
	assert.Equal(t, `["a","\""]`, string(jsontext.AppendStrings(nil, []string{"a", `"`})))
	assert.Equal(t, `"-_8"`, string(jsontext.AppendBase64URL(nil, []byte{0xfb, 0xff})))
}

// FuzzReader holds the reader to encoding/json: both read a text or neither,
// and to the same effect. They may differ over depth, which is bounded sooner
// here, and over names, which encoding/json also takes in the wrong case.
func FuzzReader(f *testing.F) {
	f.Add(`{"text":"\u00e9","on":true,"signed":-1,"count":3,"raw":[null,{"a":1.5e3}],"list":["x"]}`)
	f.Add(`{"text":null,"raw":"\ud83d\ude00"} `)
	f.Add("[\"\xff\", 01]")
	f.Fuzz(func(t *testing.T, text string) {
		r := jsontext.NewReader([]byte(text))
		raw := r.Raw()
		if err := r.End(); err == nil || !strings.Contains(err.Error(), "nested deeper") {
			require.Equal(t, json.Valid([]byte(text)), err == nil, "%v", err)
		}
		if s := ""; json.Unmarshal([]byte(text), &s) == nil && s != "" {
			again := jsontext.NewReader(raw)
			require.Equal(t, s, again.String())
			require.NoError(t, again.End())
		}
		got, err := read(text)
		if err != nil || foldedNames(text) {
			return
		}
		var want document
		require.NoError(t, json.Unmarshal([]byte(text), &want))
		require.Equal(t, want.Text, got.Text)
		require.Equal(t, want.Count, got.Count)
	})
}

// foldedNames reports whether a member's name is known in another case only.
func foldedNames(text string) (folded bool) {
	r := jsontext.NewReader([]byte(text))
	for name := range r.Members {
		for _, known := range []string{"text", "on", "signed", "count", "raw", "list"} {
			folded = folded || string(name) != known && strings.EqualFold(string(name), known)
		}
		r.Skip()
	}
	return folded
}
