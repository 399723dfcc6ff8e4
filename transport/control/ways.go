package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// way is something that can be asked of a panel.
type way struct {
	method, path string
	does         string
	answer       http.HandlerFunc
}

// ways lists our own words first, then those of suites that were there before:
// python-fido2's --controller, and the automation of the FIDO Alliance's tools.
func (p *Panel) ways() []way {
	all := []way{
		{"GET", "/{$}", "what the device and its user are at", p.status},
		{"GET", "/status", "the same", p.status},
		{"GET", "/prompt", "the same, once the device waits for its user", p.deed(p.awaitPrompt)},
		{"POST", "/touch/press", "touch, now or when the device asks for it, for as long as it asks for", p.deed(p.press)},
		{"POST", "/touch/tap", "the same, but briefly", p.deed(p.tap)},
		{"POST", "/touch/{manner}", "from now on: auto, manual, refuse, or a delay such as 2s", p.deed(p.setManner)},
		{"POST", "/wrong-finger/{times}", "let the next verifications fail", p.deed(p.wrongFinger)},
		{"POST", "/power/{to}", "on, off or cycle", p.deed(p.switchPower)},
		{"POST", "/clock/forward/{by}", "tell the device that time has passed, such as 11m", p.deed(p.forward)},
		{"POST", "/reset", "back to the factory, by way of a power cycle", p.deed(p.reset)},
		{"GET", "/{port}/touch/{to}", "usbN: on puts a finger on the device, off takes it away", p.deed(p.finger)},
		{"GET", "/{port}/power/{to}", "usbN: on or off", p.deed(p.portPower)},
		{"POST", "/conformance/userpresence", "as /touch/press", p.deed(p.press)},
		{"POST", "/conformance/powercycle", "as /power/cycle", p.deed(func(*http.Request) error { return p.Power.Cycle(nil) })},
		{"POST", "/conformance/results", "keep the results of a test run, as JSON", p.deed(p.keepResults)},
		{"GET", "/conformance/results", "the results that were kept last", p.showResults},
	}
	return append(all, way{"GET", "/help", "this list", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		for _, way := range all {
			fmt.Fprintf(w, "%-4s %-27s %s\n", way.method, strings.TrimSuffix(way.path, "{$}"), way.does)
		}
	}})
}

func (p *Panel) awaitPrompt(r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	return p.User.AwaitPrompt(ctx)
}

func (p *Panel) press(r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	return p.User.Press(ctx)
}

func (p *Panel) tap(r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	return p.User.Tap(ctx)
}

func (p *Panel) setManner(r *http.Request) error {
	manner, err := ParseManner(r.PathValue("manner"))
	if err != nil {
		return fmt.Errorf("%w: %w", errBadRequest, err)
	}
	p.User.SetManner(manner)
	return nil
}

// maxMisses is more often than any device lets a finger fail.
const maxMisses = 1000

func (p *Panel) wrongFinger(r *http.Request) error {
	n, err := strconv.Atoi(r.PathValue("times"))
	if err != nil || n < 0 || n > maxMisses {
		return fmt.Errorf("%w: how often? Give 0 to %d", errBadRequest, maxMisses)
	}
	p.User.WrongFinger(n)
	return nil
}

func (p *Panel) switchPower(r *http.Request) error {
	switch r.PathValue("to") {
	case "on":
		return p.Power.On()
	case "off":
		return p.Power.Off()
	case "cycle":
		return p.Power.Cycle(nil)
	}
	return fmt.Errorf("%w: give on, off or cycle", errBadRequest)
}

// maxForward is how far the time may be moved at once.
const maxForward = 24 * time.Hour

func (p *Panel) forward(r *http.Request) error {
	by, err := time.ParseDuration(r.PathValue("by"))
	switch {
	case p.Clock == nil:
		return fmt.Errorf("%w: the time of this device cannot be moved", errors.ErrUnsupported)
	case err != nil || by < 0 || by > maxForward:
		return fmt.Errorf("%w: how far? Give a time such as 30s or 11m, of at most %s", errBadRequest, maxForward)
	}
	p.Clock.Forward(by)
	return nil
}

func (p *Panel) reset(r *http.Request) error {
	if p.Erase == nil {
		return fmt.Errorf("%w: this device cannot be erased from here", errBadRequest)
	}
	return p.Power.Cycle(func() error { return p.Erase(r.Context()) })
}

// usbPort is how python-fido2's controllers name the port that a key is in. This
// device is in all of them.
var usbPort = regexp.MustCompile(`^usb[0-9]{1,3}$`)

func onOrOff(r *http.Request) (on bool, err error) {
	to := r.PathValue("to")
	if !usbPort.MatchString(r.PathValue("port")) || to != "on" && to != "off" {
		return false, fmt.Errorf("%w: give /usbN/touch/on, /usbN/power/off and the like", errBadRequest)
	}
	return to == "on", nil
}

func (p *Panel) finger(r *http.Request) error {
	on, err := onOrOff(r)
	switch {
	case err != nil:
		return err
	case on:
		p.User.Place()
	default:
		p.User.Lift()
	}
	return nil
}

func (p *Panel) portPower(r *http.Request) error {
	on, err := onOrOff(r)
	switch {
	case err != nil:
		return err
	case on:
		return p.Power.On()
	}
	return p.Power.Off()
}

func (p *Panel) keepResults(r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := json.Indent(&text, body, "", "  "); err != nil {
		return fmt.Errorf("%w: the results are no JSON: %w", errBadRequest, err)
	}
	p.mu.Lock()
	p.results = text.Bytes()
	p.mu.Unlock()
	if p.Report != nil {
		p.Report(text.Bytes())
	}
	return nil
}

func (p *Panel) showResults(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	results := p.results
	p.mu.Unlock()
	if results == nil {
		refuse(w, http.StatusNotFound, fmt.Errorf("no results were reported yet"))
		return
	}
	write(w, http.StatusOK, results)
}
