package jsondoc_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/jsondoc"
)

// document is one of every kind of value.
type document struct {
	Name   string
	Bytes  []byte
	Count  uint64
	On     bool
	List   []string
	Others []string
}

func read(text string) (d document, err error) {
	err = jsondoc.Read([]byte(text), 200, func(r *jsondoc.Reader) {
		r.Object([]string{"name"}, map[string]func(){
			"name":  func() { d.Name = r.String(8) },
			"bytes": func() { d.Bytes = r.Base64URL(1, 4) },
			"any":   func() { d.Bytes = r.AnyBase64(1, 4) },
			"count": func() { d.Count = r.Uint(8) },
			"on":    func() { d.On = r.Bool() },
			"list":  func() { r.Array(2, func() { d.List = append(d.List, r.String(3)) }) },
			"in":    func() { r.Object([]string{"a", "b"}, nil, nil) },
		}, func(name string) { d.Others = append(d.Others, name) })
	})
	return d, err
}

func TestReads(t *testing.T) {
	t.Parallel()
	d, err := read(`{"name":"n","bytes":"-_8","count":255,"on":true,"list":["a","b"],"other":{"x":[null]}}`)
	require.NoError(t, err)
	assert.Equal(t, document{"n", []byte{0xfb, 0xff}, 255, true, []string{"a", "b"}, []string{"other"}}, d)
	for _, whole := range []string{`\ud83d\ude00`, `\uFFFD`, "\ufffd", `\ud83d\ude00\ufffd`} {
		_, err = read(`{"name":"` + whole + `"}`)
		require.NoError(t, err, whole)
	}
	for _, form := range []string{"+/8", "+/8=", "-_8", "-_8="} {
		d, err = read(`{"name":"n","any":"` + form + `"}`)
		require.NoError(t, err, form)
		assert.Equal(t, []byte{0xfb, 0xff}, d.Bytes)
	}
}

func TestTellsWhatIsWrongAndWhere(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{}`:                                           `line 1: lacks "name"`,
		"\n\n{}":                                       `line 3: lacks "name"`,
		`null`:                                         `line 1: is null`,
		"{\n\"name\":null}":                            `line 2, name: is null`,
		`{"name":"123456789"}`:                         `line 1, name: 9 bytes, at most 8 are read`,
		"{\"name\":\"a\",\n\"name\":\"\"}":             `line 2, name: is there twice`,
		`{"name":"a","x":1,"x":2}`:                     `line 1, x: is there twice`,
		`{"name":"a","bytes":"-_8="}`:                  `line 1, bytes: is not in base64url, or not in canonical form`,
		`{"name":"a","bytes":"+/8"}`:                   `line 1, bytes: is not in base64url, or not in canonical form`,
		`{"name":"a","bytes":"-_9"}`:                   `line 1, bytes: is not in base64url, or not in canonical form`,
		`{"name":"a","bytes":"-_\n8"}`:                 `line 1, bytes: is not in base64url, or not in canonical form`,
		`{"name":"a","bytes":""}`:                      `line 1, bytes: 0 bytes, want 1 to 4`,
		`{"name":"a","bytes":"AAAAAAA"}`:               `line 1, bytes: 5 bytes, want 1 to 4`,
		`{"name":"a","bytes":"AAAAAAAAA"}`:             `line 1, bytes: 9 characters of base64, for at most 4 bytes`,
		`{"name":"a","any":"?"}`:                       `line 1, any: is not in base64url, or not in canonical form`,
		`{"name":"a","list":["a","b","c"]}`:            `line 1, list: has more than 2 elements`,
		"{\"name\":\"a\",\"list\":[\"a\",\n\"long\"]}": `line 2, list[1]: 4 bytes, at most 3 are read`,
		`{"name":"a","in":{"b":1}}`:                    `line 1, in: lacks "a"`,
		`{"name":"\ud800"}`:                            `line 1, name: has half of a surrogate pair`,
		`{"name":"a","on":null}`:                       `line 1, on: is null`,
		`{"name":"a","list":null}`:                     `line 1, list: is null`,
		`{"name":"a","count":256}`:                     `want a whole number of 8 bits`,
		`{"name":"a","count":-1}`:                      `want a whole number of 8 bits`,
		"{\"name\":\n7}":                               `line 2: JSON byte 9: want a string`,
		`{"name":"a"`:                                  `line 1: JSON byte 11: want`,
		`{"name":"a"}{}`:                               `want the end of the text`,
		"{\"name\":\"a\",\n\"x\":\"\xff\"}":            `line 2: not UTF-8`,
		`{"name":"` + strings.Repeat("a", 200) + `"}`:  `line 1: 211 bytes, at most 200 are read`,
		``: `line 1: JSON byte 0`,
	} {
		_, err := read(text)
		require.ErrorIs(t, err, jsondoc.ErrDocument, text)
		assert.ErrorContains(t, err, want, text)
	}
}

// All problems are told at once, in the order of the text, but not without end.
func TestTellsOfAllProblems(t *testing.T) {
	t.Parallel()
	_, err := read("{\"bytes\":\"?\",\n\"list\":[\"long\",\"longer\"],\n\"on\":null}")
	var refused *jsondoc.Error
	require.ErrorAs(t, err, &refused)
	var lines []int
	for _, p := range refused.Problems {
		lines = append(lines, p.Line)
	}
	assert.Equal(t, []int{1, 1, 2, 2, 3}, lines)

	text := "[" + strings.Repeat("null,", 1000) + "null]"
	err = jsondoc.Read([]byte(text), len(text), func(r *jsondoc.Reader) {
		r.Array(2000, func() { r.String(1) })
	})
	require.ErrorAs(t, err, &refused)
	assert.Len(t, refused.Problems, 100)
}

func TestWhere(t *testing.T) {
	t.Parallel()
	var where []jsondoc.Problem
	require.NoError(t, jsondoc.Read([]byte("{\"a\":\n[1,\n2]}"), 99, func(r *jsondoc.Reader) {
		r.Object(nil, map[string]func(){"a": func() {
			r.Array(9, func() { r.Uint(8); where = append(where, r.Where()) })
		}}, nil)
		assert.Zero(t, r.Problems())
	}))
	assert.Equal(t, []jsondoc.Problem{{Line: 2, Path: "a[0]"}, {Line: 3, Path: "a[1]"}}, where)
}

func TestTypeOf(t *testing.T) {
	t.Parallel()
	kinds := func(text string) (all []string, err error) {
		err = jsondoc.Read([]byte(text), 200, func(r *jsondoc.Reader) {
			r.Array(9, func() {
				if kind, is := r.TypeOf("type", 5); is {
					all = append(all, kind)
					r.Object([]string{"n"}, map[string]func(){"type": func() { r.String(5) }, "n": func() { r.Uint(8) }}, nil)
				}
			})
		})
		return all, err
	}
	all, err := kinds(`[{"type":"a","n":1}, {"x":{"type":7},"n":1,"type":"b","n":2}]`)
	require.ErrorContains(t, err, "line 1, [1].n: is there twice")
	assert.Equal(t, []string{"a", "b"}, all)
	for text, want := range map[string]string{
		`[{"n":1}]`:                        `[0]: is no object with one string "type"`,
		`[{"type":1}]`:                     `is no object with one string`,
		`[{"type":"toolong"}]`:             `is no object with one string`,
		`[{"type":"a","type":"a"}]`:        `is no object with one string`,
		`[null]`:                           `is no object with one string`,
		`["type"]`:                         `is no object with one string`,
		"[{\"type\":\"a\",\n\"n\":1},\n7]": `line 3, [1]: is no object with one string`,
		`[{"type":"a"`:                     `line 1: JSON byte 12: want`,
	} {
		_, err := kinds(text)
		assert.ErrorContains(t, err, want, text)
	}
}

// Nothing that is read makes the reader panic, or tell of more than it promises.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"name":"n","bytes":"-_8","count":255,"on":true,"list":["a","b"],"other":{"x":[null]}}`))
	f.Add([]byte("{\"bytes\":\"?\",\n\"list\":[\"long\",\"longer\"],\n\"on\":null}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := read(string(data))
		if err == nil {
			require.LessOrEqual(t, len(d.Name), 8)
			return
		}
		var refused *jsondoc.Error
		require.ErrorAs(t, err, &refused)
		require.NotEmpty(t, refused.Problems)
		for _, p := range refused.Problems {
			require.LessOrEqual(t, p.Line, 1+bytes.Count(data, []byte("\n")), fmt.Sprint(p))
		}
	})
}
