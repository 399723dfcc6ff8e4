package scenarios_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/internal/report"
	"github.com/passkeylab/passkeylab/scenarios"
)

var every = flag.Bool("every", false, "run every journey in a browser, too")

// chosen reports whether a journey is run on a link: all are without a browser, in
// browsers the first of each suite that the link can carry, and those that -run names.
// "make run" runs the rest.
func chosen(s scenarios.Scenario, link passkeylab.Link) bool {
	if s.NotOn(link) != "" {
		return false
	}
	if *every || !link.InBrowser() || strings.Count(flag.Lookup("test.run").Value.String(), "/") > 1 {
		return true
	}
	first := slices.IndexFunc(scenarios.All(), func(other scenarios.Scenario) bool {
		return other.Suite() == s.Suite() && other.NotOn(link) == ""
	})
	return scenarios.All()[first].ID == s.ID
}

// TestJourneys runs journeys on every link that can carry them.
func TestJourneys(t *testing.T) {
	t.Parallel()
	stage := passkeylab.NewStage(passkeylab.StageOptions{})
	t.Cleanup(func() {
		if err := stage.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, link := range passkeylab.Links() {
		t.Run(string(link), func(t *testing.T) {
			t.Parallel()
			for _, s := range scenarios.All() {
				if chosen(s, link) {
					t.Run(s.ID, func(t *testing.T) {
						t.Parallel()
						var skipped *passkeylab.Skipped
						err := s.Rehearse(t.Context(), scenarios.Options(s, link, stage)...)
						if errors.As(err, &skipped) && os.Getenv("CI") == "" {
							t.Skip(skipped.Reason)
						}
						require.NoError(t, err)
					})
				}
			}
		})
	}
}

// A journey is made once more when the browser ended by itself, and the record says
// so; every other failure stands.
func TestRehearseTriesAgainWhereTheBrowserEnded(t *testing.T) {
	t.Parallel()
	stage := passkeylab.NewStage(passkeylab.StageOptions{})
	t.Cleanup(func() { require.NoError(t, stage.Close()) })
	tries := 0
	s := scenarios.Scenario{ID: "test/ends", Run: func(lab *passkeylab.Lab) {
		page := lab.Site.OpenOn(lab.Phone("the phone"))
		if tries++; tries == 1 {
			page.Open("chrome://crash")
		}
		page.SignUp(lab.Someone("alice"))
	}}
	var entry report.Entry
	require.NoError(t, s.Rehearse(t.Context(), passkeylab.WithLink(passkeylab.Proxy), passkeylab.WithStage(stage), passkeylab.WithRecord(&entry)))
	assert.Equal(t, 2, tries)
	require.NotEmpty(t, entry.Steps)
	assert.Contains(t, entry.Steps[0].Text, "second try")
	assert.Contains(t, entry.Steps[0].Text, "process for the page ended by itself")
}

func TestRehearseTriesNothingElseAgain(t *testing.T) {
	t.Parallel()
	stage := passkeylab.NewStage(passkeylab.StageOptions{})
	t.Cleanup(func() { require.NoError(t, stage.Close()) })
	for name, c := range map[string]struct {
		run   func(*passkeylab.Lab)
		tries int
		want  error
	}{
		"a failure":  {func(lab *passkeylab.Lab) { lab.Site.OpenOn(lab.Phone("the phone")).Press("nothing") }, 1, new(passkeylab.Failed)},
		"a panic":    {func(*passkeylab.Lab) { panic("a mistake") }, 1, new(passkeylab.Crashed)},
		"ends twice": {func(lab *passkeylab.Lab) { lab.Site.OpenOn(lab.Phone("the phone")).Open("chrome://crash") }, 2, new(passkeylab.BrowserEnded)},
	} {
		tries := 0
		s := scenarios.Scenario{ID: "test/fails", Run: func(lab *passkeylab.Lab) { tries++; c.run(lab) }}
		link := passkeylab.Wire
		if c.tries > 1 {
			link = passkeylab.Proxy
		}
		require.IsType(t, c.want, s.Rehearse(t.Context(), passkeylab.WithLink(link), passkeylab.WithStage(stage)), name)
		assert.Equal(t, c.tries, tries, name)
	}
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	all := scenarios.All()
	assert.GreaterOrEqual(t, len(all), 20)
	seen := map[string]bool{}
	for _, s := range all {
		assert.Regexp(t, `^[a-z-]+/[a-z0-9-]+$`, s.ID)
		assert.False(t, seen[s.ID], "%s is there twice", s.ID)
		seen[s.ID] = true
		assert.Regexp(t, `^[A-Z].*\.$`, s.Story, s.ID)
		assert.NotEmpty(t, s.Covers, s.ID)
		assert.Less(t, len(s.Needs.Cannot), len(passkeylab.Links()), "%s can be made on no link", s.ID)
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	cases := []struct {
		patterns []string
		want     int // how many journeys
		err      string
	}{
		{nil, len(scenarios.All()), ""},
		{[]string{"policy"}, 10, ""},
		{[]string{"policy/*"}, 10, ""},
		{[]string{"policy/both", "policy/b*"}, 2, ""},
		{[]string{"sign-up/paskey"}, 0, `did you mean "sign-up/passkey"?`},
		{[]string{"policy", "zzz"}, 0, "no journey fits"},
		{[]string{"["}, 0, "malformed"},
	}
	for _, c := range cases {
		got, err := scenarios.Match(c.patterns...)
		if c.err != "" {
			assert.ErrorContains(t, err, c.err)
			continue
		}
		require.NoError(t, err)
		assert.Len(t, got, c.want, "%q", c.patterns)
	}
}

// ledger is an Observer that counts.
type ledger struct{ started, done atomic.Int32 }

func (l *ledger) Start(string, string) { l.started.Add(1) }
func (l *ledger) Done(*report.Entry)   { l.done.Add(1) }

func TestPlanJudges(t *testing.T) {
	t.Parallel()
	made := []scenarios.Scenario{
		{ID: "made/good", Story: "All is well.", Run: func(lab *passkeylab.Lab) { lab.Note("hello") }},
		{ID: "made/bad", Story: "It fails.", Run: func(lab *passkeylab.Lab) {
			lab.Site.OpenOn(lab.Phone("a phone")).LogInFails("SecurityError")
		}},
		{ID: "made/broken", Story: "It panics.", Run: func(*passkeylab.Lab) { panic("oh") }},
		{ID: "made/elsewhere", Story: "Not here.", Needs: scenarios.Needs{Cannot: map[passkeylab.Link]string{passkeylab.Wire: "no wire"}}},
	}
	var told ledger
	stage := passkeylab.NewStage(passkeylab.StageOptions{})
	plan := scenarios.Plan{Scenarios: made, Links: []passkeylab.Link{passkeylab.Wire}, Stage: stage, Seed: 7, Parallel: 2, Observer: &told}
	entries := plan.Run(t.Context())

	require.Len(t, entries, 4)
	for i, want := range []report.Verdict{report.Pass, report.Fail, report.Error, report.NotApplicable} {
		assert.Equal(t, want, entries[i].Verdict, entries[i].ID)
		assert.Equal(t, made[i].ID, entries[i].ID)
	}
	assert.EqualValues(t, 4, told.started.Load())
	assert.EqualValues(t, 4, told.done.Load())
	assert.Equal(t, "hello", entries[0].Steps[0].Text)
	assert.Contains(t, entries[1].Expected, "SecurityError")
	assert.Contains(t, entries[1].Seen, "NotAllowedError")
	assert.Equal(t, "passkeylab run made/bad --link wire --seed 7", entries[1].Repeat)
	assert.Contains(t, entries[2].Reason, "oh")
	assert.Equal(t, "no wire", entries[3].Reason)

	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	for _, e := range plan.Run(stopped) {
		assert.NotEqual(t, report.Pass, e.Verdict, "%s ran after the end", e.ID)
	}
}

// A journey that did not pass is made again where the plan has tries to give, and
// what was seen before is kept.
func TestPlanTriesAgain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		bad, retries int // tries that fail; tries beyond the first
		want         report.Verdict
		earlier      int
	}{
		"no tries to give":  {1, 0, report.Fail, 0},
		"passes in the end": {2, 3, report.Pass, 2},
		"passes at once":    {0, 3, report.Pass, 0},
		"never passes":      {9, 2, report.Fail, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made := 0
			once := scenarios.Scenario{ID: "made/unsteady", Run: func(lab *passkeylab.Lab) {
				if made++; made <= tt.bad {
					lab.Site.OpenOn(lab.Phone("a phone")).LogInFails("SecurityError")
				}
			}}
			plan := scenarios.Plan{
				Scenarios: []scenarios.Scenario{once}, Links: []passkeylab.Link{passkeylab.Wire},
				Stage: passkeylab.NewStage(passkeylab.StageOptions{}), Retries: tt.retries, Observer: new(ledger),
			}
			e := plan.Run(t.Context())[0]
			assert.Equal(t, tt.want, e.Verdict)
			require.Len(t, e.Earlier, tt.earlier)
			for _, why := range e.Earlier {
				assert.Contains(t, why, "NotAllowedError", "why it failed before")
			}
			if e.Verdict == report.Pass {
				assert.Empty(t, e.Reason+e.Expected+e.Seen)
			}
		})
	}
}

// Journeys that need the keyboard go one by one, and the rest goes on meanwhile.
func TestPlanKeepsTheDisplayToOne(t *testing.T) {
	t.Parallel()
	rest := make(chan struct{})
	var together atomic.Int32
	popup := func(lab *passkeylab.Lab) {
		if n := together.Add(1); n > 1 {
			t.Errorf("%d journeys at a display", n)
		}
		defer together.Add(-1)
		select {
		case <-rest:
		case <-t.Context().Done():
		}
	}
	made := []scenarios.Scenario{
		{ID: "made/one", Needs: scenarios.Needs{Popup: true}, Run: popup},
		{ID: "made/two", Needs: scenarios.Needs{Popup: true}, Run: popup},
		{ID: "made/three", Needs: scenarios.Needs{Popup: true}, Run: popup},
		{ID: "made/rest", Run: func(*passkeylab.Lab) { close(rest) }},
	}
	stage := passkeylab.NewStage(passkeylab.StageOptions{})
	plan := scenarios.Plan{Scenarios: made, Links: []passkeylab.Link{passkeylab.CDP}, Stage: stage, Parallel: 2, Observer: new(ledger)}
	for i, e := range plan.Run(t.Context()) {
		assert.Equal(t, report.Pass, e.Verdict, e.Reason)
		assert.Equal(t, made[i].ID, e.ID)
	}
}

// A run is the same again from the same seed: same messages, same log.
func TestSeedRepeatsAJourney(t *testing.T) {
	t.Parallel()
	one, err := scenarios.Match("button/two-accounts-on-a-key")
	require.NoError(t, err)
	stage := passkeylab.NewStage(passkeylab.StageOptions{})
	run := func(seed uint64) report.Entry {
		plan := scenarios.Plan{Scenarios: one, Links: []passkeylab.Link{passkeylab.Wire}, Stage: stage, Seed: seed, Observer: new(ledger)}
		return plan.Run(t.Context())[0]
	}
	bytesOf := func(e report.Entry) (out [][]byte) {
		for _, m := range e.Transcript {
			// What waits behind the email field asks devices about themselves at
			// its own time; what they sign comes in the order of the journey.
			if m.Name == "authenticatorMakeCredential" || m.Name == "authenticatorGetAssertion" {
				out = append(out, m.Bytes)
			}
		}
		return out
	}
	first := run(1)
	require.Equal(t, report.Pass, first.Verdict, first.Reason)
	assert.Equal(t, bytesOf(first), bytesOf(run(1)))
	assert.NotEqual(t, bytesOf(first), bytesOf(run(2)))
}
