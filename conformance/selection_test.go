package conformance_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance"
)

func openFile(t *testing.T, dir, name string) io.Reader {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, name))
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func suite() []conformance.Case {
	all := []conformance.Case{is("b/two/y", pass), is("b/two/x", pass), is("b/one", pass), is("a/one", pass)}
	all[0].Twin = "a/one"
	all[2].Level = conformance.Should
	return all
}

func ids(cases []conformance.Case) (out []string) {
	for _, c := range cases {
		out = append(out, c.ID)
	}
	return out
}

func TestSelect(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s    conformance.Selection
		want []string
	}{
		{conformance.Selection{}, []string{"a/one", "b/two/x", "b/two/y"}},
		{conformance.Selection{Level: conformance.Should}, []string{"a/one", "b/one", "b/two/x", "b/two/y"}},
		{conformance.Selection{Match: []string{"a"}}, []string{"a/one"}},
		{conformance.Selection{Match: []string{"*/one"}, Level: conformance.May}, []string{"a/one", "b/one"}},
		{conformance.Selection{Match: []string{"b/two"}}, []string{"a/one", "b/two/x", "b/two/y"}},
		{conformance.Selection{Match: []string{"b/*/x"}}, []string{"b/two/x"}},
		{conformance.Selection{Match: []string{"b/two/x", "a/one"}}, []string{"a/one", "b/two/x"}},
	} {
		got, err := conformance.Select(suite(), c.s)
		require.NoError(t, err)
		assert.Equal(t, c.want, ids(got), "%+v", c.s)
	}
	for pattern, says := range map[string]string{"b/two/z": `no case fits "b/two/z"; did you mean "b/two/`, "zzzzzz": "`passkeylab cases` lists them", "[": "syntax error"} {
		_, err := conformance.Select(suite(), conformance.Selection{Match: []string{pattern}})
		assert.ErrorContains(t, err, says)
	}
}

// Each case is in one shard, whatever other cases there are.
func TestShards(t *testing.T) {
	t.Parallel()
	var all []conformance.Case
	for i := range 100 {
		all = append(all, is(fmt.Sprintf("a/%d", i), pass))
	}
	seen := map[string]int{}
	for shard := 1; shard <= 3; shard++ {
		part, err := conformance.Select(all, conformance.Selection{Shard: shard, Shards: 3})
		require.NoError(t, err)
		assert.NotEmpty(t, part)
		for _, id := range ids(part) {
			seen[id]++
		}
	}
	assert.Len(t, seen, 100)
	for id, times := range seen {
		assert.Equal(t, 1, times, id)
	}
	for _, bad := range []conformance.Selection{{Shard: 4, Shards: 3}, {Shards: 3}, {Shard: -1, Shards: 3}, {Shard: 1}} {
		_, err := conformance.Select(all, bad)
		assert.ErrorContains(t, err, "there is no shard")
	}
}

// fakeT is a *testing.T that remembers.
type fakeT struct {
	said map[string]string
	name string
}

func (f *fakeT) Helper()                  {}
func (f *fakeT) Context() context.Context { return context.Background() }
func (f *fakeT) Run(name string, test func(*fakeT)) bool {
	test(&fakeT{f.said, name})
	return true
}
func (f *fakeT) say(what, format string, args []any) {
	f.said[f.name+" "+what] = fmt.Sprintf(format, args...)
}
func (f *fakeT) Logf(format string, args ...any)   { f.say("log", format, args) }
func (f *fakeT) Errorf(format string, args ...any) { f.say("error", format, args) }
func (f *fakeT) Skipf(format string, args ...any)  { f.say("skip", format, args) }
func (f *fakeT) Fatalf(format string, args ...any) { f.say("fatal", format, args) }

func TestSubtests(t *testing.T) {
	t.Parallel()
	cases := []conformance.Case{
		is("a/good", pass), is("a/bad", func(c *conformance.Check) { c.Differ("1", "2", "not one") }),
		is("a/skipped", func(c *conformance.Check) { c.Skipf("no hand") }),
	}
	f := &fakeT{said: map[string]string{}}
	conformance.Test(f, &bench{}, cases, conformance.Options{})
	assert.Equal(t, map[string]string{
		"a/bad error":    "Does it.\nMUST, Text §1 step 2\nfailed: not one\nexpected: 1\nseen:     2",
		"a/skipped skip": "skipped: no hand", " log": "1 failed",
	}, f.said)

	f = &fakeT{said: map[string]string{}}
	conformance.Test(f, &bench{}, cases[2:], conformance.Options{Strict: true})
	assert.Contains(t, f.said["a/skipped error"], "no hand")

	f = &fakeT{said: map[string]string{}}
	conformance.Test(f, &bench{}, nil, conformance.Options{})
	assert.Equal(t, "nothing was judged", f.said[" fatal"])
}

func TestBadge(t *testing.T) {
	t.Parallel()
	for want, cases := range map[string][]conformance.Case{
		"1 of 1": {is("a/a", pass)},
		"1 of 2": {is("a/a", pass), is("a/b", func(c *conformance.Check) { c.FailNow() })},
		"0 of 0": nil,
	} {
		var out bytes.Buffer
		require.NoError(t, run(t, conformance.Options{}, cases...).WriteBadge(&out))
		require.NoError(t, xml.Unmarshal(out.Bytes(), new(struct{})))
		assert.Contains(t, out.String(), want)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	out := run(t, conformance.Options{Target: "self", Seed: 5, Repeat: func(id string) string { return "again " + id }},
		is("a/bad", func(c *conformance.Check) { c.Logf("a note"); c.Differ("1", "2", "not one") }))
	e := out.Report().Entries[0]
	assert.Equal(t, "a/bad", e.ID)
	assert.Equal(t, "self", e.Variant)
	assert.Equal(t, "MUST, Text §1 step 2", e.Rule)
	assert.Equal(t, "again a/bad", e.Repeat)
	assert.Equal(t, []string{"1", "2", "not one"}, []string{e.Expected, e.Seen, e.Reason})
	assert.Len(t, e.Steps, 2)
	assert.True(t, e.Steps[1].Failed)
}
