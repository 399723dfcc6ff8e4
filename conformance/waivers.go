package conformance

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Waiver excuses for a while that one case fails, or cannot be carried out.
type Waiver struct {
	ID     string
	Reason string
	Until  time.Time // the last day on which it holds, in UTC
	Line   int       // where it stands in its file
}

func (w *Waiver) expired(now time.Time) bool { return !now.Before(w.Until.AddDate(0, 0, 1)) }

// Waivers are what a file of them says.
type Waivers []Waiver

func (all Waivers) of(id string) (*Waiver, bool) {
	i := slices.IndexFunc(all, func(w Waiver) bool { return w.ID == id })
	if i < 0 {
		return nil, false
	}
	return &all[i], true
}

// Bounds on a file of waivers.
const (
	maxWaivers    = 10_000
	maxWaiverLine = 4096 // bytes
)

// ReadWaivers reads a file of waivers. Each line is the ID of a case, a day such
// as 2030-12-31 until which the waiver holds, and the reason, separated by
// spaces; empty lines and those that begin with "#" are passed over. known says
// which IDs there are. The error names the line and what is wrong with it.
func ReadWaivers(r io.Reader, known func(id string) bool) (Waivers, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxWaiverLine)
	var all Waivers
	number := 0
	for lines.Scan() {
		number++
		text := strings.TrimSpace(lines.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		w, err := readWaiver(text, known)
		if _, twice := all.of(w.ID); err == nil && twice {
			err = fmt.Errorf("%s has a waiver already", w.ID)
		}
		if err == nil && len(all) == maxWaivers {
			err = fmt.Errorf("more than %d waivers", maxWaivers)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		w.Line = number
		all = append(all, w)
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("line %d: longer than %d bytes", number+1, maxWaiverLine)
	} else if err != nil {
		return nil, err
	}
	return all, nil
}

func readWaiver(text string, known func(string) bool) (Waiver, error) {
	id, rest, _ := strings.Cut(text, " ")
	day, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
	reason = strings.TrimSpace(reason)
	if !known(id) {
		return Waiver{}, fmt.Errorf("no case is called %q", id)
	}
	until, err := time.Parse(time.DateOnly, day)
	switch {
	case day == "":
		return Waiver{}, fmt.Errorf("the waiver for %s says neither until when nor why: write %q", id, id+" 2030-12-31 the reason")
	case err != nil:
		return Waiver{}, fmt.Errorf("%q is no day: write it as 2030-12-31", day)
	case reason == "":
		return Waiver{}, fmt.Errorf("the waiver for %s gives no reason", id)
	}
	return Waiver{ID: id, Reason: reason, Until: until}, nil
}
