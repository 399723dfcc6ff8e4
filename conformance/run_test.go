package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/internal/report"
)

// bench is a target whose subjects do nothing.
type bench struct {
	fresh func(ctx context.Context) error
	made  int
}

func (b *bench) Fresh(ctx context.Context, _ uint64) (conformance.Subject, error) {
	b.made++
	if b.fresh != nil {
		if err := b.fresh(ctx); err != nil {
			return nil, err
		}
	}
	return nothing{}, nil
}

type nothing struct{}

func (nothing) Close() error { return nil }

// is a case with a function.
func is(id string, run func(*conformance.Check)) conformance.Case {
	return conformance.Case{
		ID: id, Spec: conformance.Spec{Document: "Text", Section: "1", Step: "2"}, Level: conformance.Must, Doc: "Does it.",
		Limit: time.Minute, Run: run,
	}
}

func run(t *testing.T, o conformance.Options, cases ...conformance.Case) *conformance.Outcome {
	t.Helper()
	return conformance.Run(t.Context(), &bench{}, cases, o)
}

func pass(*conformance.Check) {}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	lacks := func(bench bool) []conformance.Need {
		return []conformance.Need{{Name: "a third hand", Bench: bench, Met: func(*conformance.Check) bool { return false }}}
	}
	for name, c := range map[string]struct {
		run     func(*conformance.Check)
		needs   []conformance.Need
		verdict conformance.Verdict
		reason  string
	}{
		"pass":             {run: pass, verdict: conformance.Pass},
		"errorf goes on":   {run: func(c *conformance.Check) { c.Errorf("first %d", 1); c.Errorf("second") }, verdict: conformance.Fail, reason: "first 1"},
		"fatalf ends":      {run: func(c *conformance.Check) { c.Fatalf("over"); panic("not reached") }, verdict: conformance.Fail, reason: "over"},
		"fail now":         {run: func(c *conformance.Check) { c.FailNow(); panic("not reached") }, verdict: conformance.Fail},
		"differs":          {run: func(c *conformance.Check) { c.Differ("a", "b", "not a") }, verdict: conformance.Fail, reason: "not a"},
		"broken":           {run: func(c *conformance.Check) { c.Brokenf("no wire"); panic("not reached") }, verdict: conformance.Error, reason: "no wire"},
		"skipped":          {run: func(c *conformance.Check) { c.Skipf("no hand") }, verdict: conformance.Skipped, reason: "no hand"},
		"unsupported":      {run: func(c *conformance.Check) { c.Unsupportedf("no eye") }, verdict: conformance.Unsupported, reason: "no eye"},
		"a need of its":    {run: pass, needs: lacks(false), verdict: conformance.Unsupported, reason: "needs a third hand"},
		"a need of ours":   {run: pass, needs: lacks(true), verdict: conformance.Skipped, reason: "the bench lacks a third hand"},
		"a panic":          {run: func(*conformance.Check) { panic("oh") }, verdict: conformance.Error, reason: "the case panicked: oh"},
		"failure outlasts": {run: func(c *conformance.Check) { c.Errorf("wrong"); c.Skipf("and no hand") }, verdict: conformance.Fail, reason: "wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test := is("a/b", c.run)
			test.Needs = c.needs
			r := run(t, conformance.Options{}, test).Results[0]
			assert.Equal(t, c.verdict, r.Verdict)
			assert.Contains(t, r.Reason, c.reason)
		})
	}
}

func TestCleanupsRunLastFirst(t *testing.T) {
	t.Parallel()
	var order []int
	run(t, conformance.Options{}, is("a/b", func(c *conformance.Check) {
		c.Cleanup(func() { order = append(order, 1) })
		c.Cleanup(func() { order = append(order, 2) })
		c.FailNow()
	}))
	assert.Equal(t, []int{2, 1}, order)
}

// A case that does not end is given up, and the others are judged.
func TestHangingCaseIsGivenUp(t *testing.T) {
	t.Parallel()
	never := make(chan struct{})
	deaf := is("a/deaf", func(*conformance.Check) { <-never })
	deaf.Limit = time.Millisecond
	heeds := is("a/heeds", func(c *conformance.Check) { <-c.Context().Done(); c.Brokenf("no answer came") })
	heeds.Limit = time.Millisecond
	out := run(t, conformance.Options{}, deaf, heeds, is("a/other", pass))
	assert.Equal(t, conformance.Error, out.Results[0].Verdict)
	assert.Contains(t, out.Results[0].Reason, "does not let go")
	assert.Equal(t, conformance.Error, out.Results[1].Verdict)
	assert.Equal(t, "no answer came", out.Results[1].Reason)
	assert.Equal(t, conformance.Pass, out.Results[2].Verdict)
	close(never) // what the case says now is not heard
}

// Of very many messages the first and the last are kept, and it is said that there
// were more.
func TestManyMessages(t *testing.T) {
	t.Parallel()
	many := is("a/b", func(c *conformance.Check) {
		for i := range 1000 {
			c.Record(report.Message{Name: fmt.Sprint(i)}, func() string { return "decoded" })
		}
	})
	assert.Empty(t, run(t, conformance.Options{}, many).Results[0].Messages, "nobody asks for those of a case that passed")
	r := run(t, conformance.Options{Transcripts: true}, many).Results[0]
	assert.Equal(t, "decoded", r.Messages[0].Decoded)
	require.Len(t, r.Messages, 24)
	assert.Equal(t, "0", r.Messages[0].Name)
	assert.Equal(t, "11", r.Messages[11].Name)
	assert.Equal(t, "988", r.Messages[12].Name)
	assert.Equal(t, "999", r.Messages[23].Name)
	assert.Contains(t, r.Steps[0].Text, "976 messages in the middle are left out")
}

// A target that is gone is not waited for case after case.
func TestLostTargetIsGivenUp(t *testing.T) {
	t.Parallel()
	b := &bench{fresh: func(context.Context) error { return errors.New("unplugged") }}
	var cases []conformance.Case
	for i := range 10 {
		cases = append(cases, is(fmt.Sprintf("a/%d", i), pass))
	}
	out := conformance.Run(t.Context(), b, cases, conformance.Options{})
	assert.Equal(t, 10, out.Count(conformance.Error))
	assert.Equal(t, 3, b.made)
	assert.Contains(t, out.Results[9].Reason, "the target was given up: unplugged")
}

// Where the bench lacks something, that is told as such, and asked for once: the subject
// is not to blame. A run of which nothing is left does not pass for it.
func TestBenchThatCannotMakeSubjectsFresh(t *testing.T) {
	t.Parallel()
	made := 0
	b := &bench{}
	b.fresh = func(context.Context) error {
		if made++; made > 2 {
			return fmt.Errorf("%w: nobody is there", conformance.ErrBench)
		}
		return nil
	}
	var cases []conformance.Case
	for i := range 10 {
		cases = append(cases, is(fmt.Sprintf("a/%d", i), pass))
	}
	out := conformance.Run(t.Context(), b, cases, conformance.Options{})
	assert.Equal(t, 2, out.Count(conformance.Pass))
	assert.Equal(t, 8, out.Count(conformance.Skipped))
	assert.Equal(t, 3, b.made)
	assert.Equal(t, out.Results[2].Reason, out.Results[9].Reason, "one reason, which a summary tells once")
	assert.Empty(t, out.Objections())
	out.Options.Strict = true
	assert.Equal(t, []string{"8 were skipped"}, out.Objections())
	assert.Equal(t, []string{"nothing was judged"}, conformance.Run(t.Context(), b, cases, conformance.Options{}).Objections())
}

func TestTwins(t *testing.T) {
	t.Parallel()
	twin := func(id, of string, run func(*conformance.Check)) conformance.Case {
		c := is(id, run)
		c.Twin = of
		return c
	}
	out := run(t, conformance.Options{},
		is("a/bad", func(c *conformance.Check) { c.FailNow() }), is("a/good", pass),
		is("a/none", func(c *conformance.Check) { c.Unsupportedf("no eye") }),
		twin("b/of-bad", "a/bad", pass), twin("b/of-good", "a/good", pass), twin("b/of-none", "a/none", pass), twin("b/alone", "a/not-run", pass),
		twin("b/failed", "a/bad", func(c *conformance.Check) { c.FailNow() }))
	verdicts := map[string]conformance.Verdict{}
	for _, r := range out.Results {
		verdicts[r.Case.ID] = r.Verdict
	}
	assert.Equal(t, conformance.Error, verdicts["b/of-bad"])
	assert.Equal(t, conformance.Pass, verdicts["b/of-good"])
	assert.Equal(t, conformance.Unsupported, verdicts["b/of-none"])
	assert.Equal(t, conformance.Pass, verdicts["b/alone"])
	assert.Equal(t, conformance.Fail, verdicts["b/failed"])
}

func TestRunsRepeat(t *testing.T) {
	t.Parallel()
	drawn := func(seed uint64) (all []string) {
		draw := func(c *conformance.Check) {
			b := make([]byte, 8)
			_, _ = c.Random.Read(b)
			all = append(all, fmt.Sprintf("%s %x", c.Name(), b))
		}
		run(t, conformance.Options{Seed: seed}, is("a/1", draw), is("a/2", draw))
		return all
	}
	assert.Equal(t, drawn(7), drawn(7))
	assert.NotEqual(t, drawn(7), drawn(8))
	two := drawn(7)
	assert.NotEqual(t, strings.Fields(two[0])[1], strings.Fields(two[1])[1], "each case draws for itself")
}

func TestObjections(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 6, 1, 12, 0, 0, 0, time.UTC)
	failing := is("a/fails", func(c *conformance.Check) { c.Errorf("wrong") })
	skipped := is("a/skipped", func(c *conformance.Check) { c.Skipf("no hand") })
	waiver := func(id string, until time.Time) conformance.Waivers {
		return conformance.Waivers{{ID: id, Reason: "known", Until: until, Line: 3}}
	}
	for name, c := range map[string]struct {
		o     conformance.Options
		cases []conformance.Case
		want  []string
	}{
		"nothing run":        {want: []string{"nothing was judged"}},
		"only skipped":       {cases: []conformance.Case{skipped}, want: []string{"nothing was judged"}},
		"passed":             {cases: []conformance.Case{is("a/a", pass)}},
		"failed":             {cases: []conformance.Case{failing}, want: []string{"1 failed"}},
		"skipped passes":     {cases: []conformance.Case{is("a/a", pass), skipped}},
		"skipped, strictly":  {o: conformance.Options{Strict: true}, cases: []conformance.Case{is("a/a", pass), skipped}, want: []string{"1 were skipped"}},
		"waived":             {o: conformance.Options{Strict: true, Waivers: waiver("a/fails", now)}, cases: []conformance.Case{failing}},
		"skip waived":        {o: conformance.Options{Strict: true, Waivers: waiver("a/skipped", now)}, cases: []conformance.Case{is("a/a", pass), skipped}},
		"last day":           {o: conformance.Options{Strict: true, Waivers: waiver("a/fails", now.Truncate(24*time.Hour))}, cases: []conformance.Case{failing}},
		"expired":            {o: conformance.Options{Waivers: waiver("a/fails", now.AddDate(0, 0, -2))}, cases: []conformance.Case{failing}, want: []string{"1 failed"}},
		"expired, strictly":  {o: conformance.Options{Strict: true, Waivers: waiver("a/fails", now.AddDate(0, 0, -2))}, cases: []conformance.Case{failing}, want: []string{"1 failed", "line 3 of the waivers: the waiver for a/fails expired on 2030-05-30"}},
		"needless":           {o: conformance.Options{Waivers: waiver("a/a", now)}, cases: []conformance.Case{is("a/a", pass)}},
		"needless, strictly": {o: conformance.Options{Strict: true, Waivers: waiver("a/a", now)}, cases: []conformance.Case{is("a/a", pass)}, want: []string{"line 3 of the waivers: a/a was neither failed nor skipped; take the waiver away"}},
		"failed before":      {o: conformance.Options{Baseline: conformance.Baseline{"a/fails": true}}, cases: []conformance.Case{failing}},
		"a new failure":      {o: conformance.Options{Baseline: conformance.Baseline{"a/other": true}}, cases: []conformance.Case{failing}, want: []string{"1 failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.o.Now = now
			assert.Equal(t, c.want, run(t, c.o, c.cases...).Objections())
		})
	}
}

func TestReadWaivers(t *testing.T) {
	t.Parallel()
	known := func(id string) bool { return strings.HasPrefix(id, "a/") }
	got, err := conformance.ReadWaivers(strings.NewReader("# why\n\n  a/b 2030-12-31  the reason, in words \n"), known)
	require.NoError(t, err)
	assert.Equal(t, conformance.Waivers{{ID: "a/b", Reason: "the reason, in words", Until: time.Date(2030, 12, 31, 0, 0, 0, 0, time.UTC), Line: 3}}, got)
	for text, says := range map[string]string{
		"z/b 2030-12-31 why":                     `line 1: no case is called "z/b"`,
		"\na/b":                                  "line 2: the waiver for a/b says neither until when nor why",
		"a/b soon why":                           `line 1: "soon" is no day`,
		"a/b 2030-02-30 why":                     `line 1: "2030-02-30" is no day`,
		"a/b 2030-12-31":                         "line 1: the waiver for a/b gives no reason",
		"a/b 2030-12-31 x\na/b 2030-12-31 again": "line 2: a/b has a waiver already",
		"a/b 2030-12-31 " + strings.Repeat("x", 5000): "line 1: longer than 4096 bytes",
	} {
		_, err := conformance.ReadWaivers(strings.NewReader(text), known)
		assert.ErrorContains(t, err, says)
	}
}

func FuzzReadWaivers(f *testing.F) {
	f.Add("a/b 2030-12-31 why\n# x\n")
	f.Add("a/b\n\x00 2030")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := conformance.ReadWaivers(strings.NewReader(text), func(id string) bool { return id != "" })
		if err != nil {
			return
		}
		for _, w := range all {
			require.NotEmpty(t, w.ID)
			require.NotEmpty(t, w.Reason)
		}
	})
}

func TestBaseline(t *testing.T) {
	t.Parallel()
	out := run(t, conformance.Options{}, is("a/fails", func(c *conformance.Check) { c.FailNow() }), is("a/a", pass))
	dir := t.TempDir()
	require.NoError(t, report.WriteDir(dir, out.Report()))
	file := openFile(t, dir, "report.json")
	got, err := conformance.ReadBaseline(file)
	require.NoError(t, err)
	assert.Equal(t, conformance.Baseline{"a/fails": true}, got)
	for _, bad := range []string{"", "{}", "[]", "{"} {
		_, err := conformance.ReadBaseline(strings.NewReader(bad))
		assert.ErrorContains(t, err, "no report.json", bad)
	}
}
