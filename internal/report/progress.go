package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// ProgressOptions says how a Progress writes.
type ProgressOptions struct {
	Total int  // how many entries there will be, 0 when unknown
	Live  bool // the writer is a terminal: keep a line that changes at the bottom
	Width int  // of that terminal in columns, 0 for 80
	Color bool // ANSI colours may be used
	Terse bool // only what failed or broke gets a line of its own
}

// Progress tells how far a run is: one line per finished entry and, live, a
// last line that counts and names what is running. It is safe for concurrent
// use. Write errors are dropped: progress is a courtesy, the report is the result.
type Progress struct {
	mu      sync.Mutex
	w       io.Writer
	opt     ProgressOptions
	done    int
	failed  int
	running []string
}

// NewProgress returns a Progress that writes to w, usually standard error.
func NewProgress(w io.Writer, opt ProgressOptions) *Progress {
	if opt.Width <= 0 {
		opt.Width = 80
	}
	return &Progress{w: w, opt: opt}
}

// Start notes that the entry named by id and variant is being carried out.
func (p *Progress) Start(id, variant string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = append(p.running, label(&Entry{ID: id, Variant: variant}))
	p.write("")
}

// Done writes the line of a finished entry.
func (p *Progress) Done(e *Entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	name := label(e)
	if i := slices.Index(p.running, name); i >= 0 {
		p.running = slices.Delete(p.running, i, i+1)
	}
	p.done++
	if v := e.Verdict.or(); v == Fail || v == Error {
		p.failed++
	}
	if p.opt.Terse && e.Verdict.or() != Fail && e.Verdict.or() != Error {
		p.write("")
		return
	}
	p.write(p.entryLine(e, name))
}

// Close takes the live line away. The Progress is not used afterwards.
func (p *Progress) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.opt.Live {
		_, _ = io.WriteString(p.w, eraseLine)
	}
}

// eraseLine returns to the first column and clears the line (ECMA-48 EL).
const eraseLine = "\r\x1b[K"

// write puts out a finished line, "" for none, above the live one, in a single
// Write so that other writers to the terminal cannot come between.
func (p *Progress) write(line string) {
	var b strings.Builder
	if p.opt.Live {
		b.WriteString(eraseLine)
	}
	if line != "" {
		b.WriteString(line + "\n")
	}
	if p.opt.Live {
		b.WriteString(ink(p.opt.Color).paint(dim, clip(p.liveLine(), p.opt.Width-1)))
	}
	if b.Len() > 0 {
		_, _ = io.WriteString(p.w, b.String())
	}
}

func (p *Progress) entryLine(e *Entry, name string) string {
	color := ink(p.opt.Color)
	line := color.paint(dim, p.counter()) + " " + color.verdict(e.Verdict, e.Verdict.Symbol()) + " " + name
	switch e.Verdict.or() {
	case Pass:
		return line + "  " + color.paint(dim, short(e.Duration))
	case Waived, Skipped, NotApplicable:
		return line + "  " + color.paint(dim, e.Verdict.Words()+": "+oneLine(e.Reason))
	}
	return line + "  " + color.verdict(e.Verdict, headline(e))
}

func (p *Progress) liveLine() string {
	text := p.counter()
	if p.failed > 0 {
		text += fmt.Sprintf(" · %d failed", p.failed)
	}
	if len(p.running) > 0 {
		text += " · " + strings.Join(p.running, ", ")
	}
	return text
}

// counter returns "[ 7/124]", or "[7]" when the total is unknown.
func (p *Progress) counter() string {
	if p.opt.Total <= 0 {
		return fmt.Sprintf("[%d]", p.done)
	}
	total := fmt.Sprint(p.opt.Total)
	return fmt.Sprintf("[%*d/%s]", len(total), p.done, total)
}
