package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// The XML is the dialect that CI systems read: a suite per variant, a case per
// entry. Every text has passed through visible, which leaves only characters
// that XML 1.0 allows; CDATA keeps longer texts readable in the file itself.
type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitTotals
	Suites []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name      string `xml:"name,attr"`
	Timestamp string `xml:"timestamp,attr"`
	junitTotals
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class      string          `xml:"classname,attr"`
	Name       string          `xml:"name,attr"`
	Time       string          `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Failure    *junitProblem   `xml:"failure"`
	Error      *junitProblem   `xml:"error"`
	Skipped    *junitProblem   `xml:"skipped"`
	Flaky      []junitProblem  `xml:"flakyFailure"` // earlier tries of what passed in the end
	Rerun      []junitProblem  `xml:"rerunFailure"` // and of what did not
	Output     *junitText      `xml:"system-out"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",cdata"`
}

type junitText struct {
	Text string `xml:",cdata"`
}

// junitTotals are the attributes that a suite and the whole share.
type junitTotals struct {
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Skipped  int    `xml:"skipped,attr"`
	Time     string `xml:"time,attr"` // seconds
}

func (t *junitTotals) add(v Verdict) {
	t.Tests++
	switch v.or() {
	case Pass:
	case Fail:
		t.Failures++
	case Waived, Skipped, NotApplicable:
		t.Skipped++
	default:
		t.Errors++
	}
}

// writeJUnit writes r as described in docs/report.md.
func writeJUnit(w io.Writer, r *Report) error {
	doc := junitSuites{Name: visible(r.Title)}
	for _, variant := range matrixColumns(r) {
		doc.Suites = append(doc.Suites, newJUnitSuite(r, variant))
	}
	for i := range r.Entries {
		doc.add(r.Entries[i].Verdict)
	}
	doc.Time = seconds(r.Duration)

	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func newJUnitSuite(r *Report, variant string) junitSuite {
	suite := junitSuite{
		Name:      visible(variant),
		Timestamp: r.Started.UTC().Format("2006-01-02T15:04:05"),
		Properties: []junitProperty{
			{"tool", visible(r.Tool)},
			{"version", visible(r.Version)},
			{"seed", decimal(r.Seed)},
		},
	}
	var took time.Duration
	for i := range r.Entries {
		if e := &r.Entries[i]; e.Variant == variant {
			took += e.Duration
			suite.add(e.Verdict)
			suite.Cases = append(suite.Cases, newJUnitCase(e))
		}
	}
	suite.Time = seconds(took)
	return suite
}

func newJUnitCase(e *Entry) junitCase {
	c := junitCase{
		Class: visible(e.Variant),
		Name:  visible(e.ID),
		Time:  seconds(e.Duration),
		Properties: []junitProperty{
			{"seed", decimal(e.Seed)},
			{"story", visible(e.Story)},
		},
	}
	if e.Rule != "" {
		c.Properties = append(c.Properties, junitProperty{"rule", visible(e.Rule)})
	}
	if e.Repeat != "" {
		c.Properties = append(c.Properties, junitProperty{"repeat", visible(e.Repeat)})
	}
	var earlier []junitProblem
	for _, why := range e.Earlier {
		earlier = append(earlier, junitProblem{Message: oneLine(why), Type: Fail.String(), Text: visible(why)})
	}
	if e.unsteady() {
		c.Flaky = earlier
	} else {
		c.Rerun = earlier
	}
	switch e.Verdict.or() {
	case Pass:
	case Fail:
		c.Failure = &junitProblem{Message: headline(e), Type: Fail.String(), Text: explain(e)}
		c.Output = stepText(e)
	case Skipped:
		c.Skipped = &junitProblem{Message: visible(e.Reason)}
	case Waived:
		c.Skipped = &junitProblem{Message: "waived: " + visible(e.Reason)}
	case NotApplicable:
		c.Skipped = &junitProblem{Message: "not applicable: " + visible(e.Reason)}
	default:
		c.Error = &junitProblem{Message: headline(e), Type: Error.String(), Text: explain(e)}
		c.Output = stepText(e)
	}
	return c
}

// headline is the one line by which a failure is known in lists.
func headline(e *Entry) string {
	switch {
	case e.Reason != "":
		return oneLine(e.Reason)
	case e.Seen != "":
		return oneLine(e.Seen)
	case e.Verdict.or() == Error:
		return "no verdict was reached"
	}
	return "not as expected"
}

// explain tells a failure in full.
func explain(e *Entry) string {
	var b strings.Builder
	for _, part := range []struct{ label, text string }{
		{"reason:   ", e.Reason},
		{"expected: ", e.Expected},
		{"seen:     ", e.Seen},
		{"repeat:   ", e.Repeat},
	} {
		if part.text != "" {
			b.WriteString("\n" + part.label + strings.ReplaceAll(part.text, "\n", "\n          "))
		}
	}
	return visible(b.String())
}

// stepText lists what was done up to a failure, nil when nothing was.
func stepText(e *Entry) *junitText {
	if len(e.Steps) == 0 {
		return nil
	}
	var b strings.Builder
	for i, s := range e.Steps {
		mark := ""
		if s.Failed {
			mark = "  <- failed here"
		}
		fmt.Fprintf(&b, "\n%d. [%s s] %s%s", i+1, seconds(s.At), s.Text, mark)
	}
	return &junitText{visible(b.String())}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
