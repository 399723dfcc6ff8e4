package passkeylab

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/report"
)

// SecurityKeyWithPIN adds a roaming key without a fingerprint reader: it verifies
// its owner by this PIN, which has 4 to 63 characters. An empty one is none: the
// key is as it comes from the shop, and a browser may have its owner set one.
func (l *Lab) SecurityKeyWithPIN(name, pin string) *Device {
	l.t.Helper()
	key := l.device(name, authenticator.PINKey())
	if pin != "" {
		key.SetPIN(pin)
	}
	return key
}

// SetPIN gives a security key another PIN, or its first, as the settings of a
// browser do. Its owner remembers it, and enters it where a browser asks.
func (d *Device) SetPIN(pin string) {
	d.lab.t.Helper()
	ctx := d.lab.t.Context()
	d.lab.must("setting the PIN of "+d.name, client.SetPIN(ctx, &wiretap{d}, d.random, d.pins.remembered(), pin))
	d.pins.remember(pin)
	if d.info.Load() != nil {
		d.introduce(ctx)
	}
	d.lab.record.step(fmt.Sprintf("the PIN of %s is now %s", d.name, pin), nil)
}

// UserEnters makes the user type these in the next dialogs that ask for the PIN of
// this key, one in each, wrong ones or new ones; an empty one cancels. After that
// the user types what they remember.
func (d *Device) UserEnters(pins ...string) {
	d.pins.queue(pins)
	d.lab.record.step(fmt.Sprintf("the user of %s will enter %s", d.name, strings.Join(pins, ", ")), nil)
}

// AskedForPIN checks why browsers have asked for the PIN of a key since the last
// such check, dialog by dialog.
func (l *Lab) AskedForPIN(d *Device, reasons ...client.PINReason) {
	l.t.Helper()
	what := fmt.Sprintf("the user has been asked for the PIN of %s: %v", d.name, reasons)
	if got := d.pins.answered(); !slices.Equal(got, reasons) {
		l.fail(what, what, fmt.Sprintf("the reasons were %v", got))
	}
	l.record.step(what, nil)
}

// pins are what the owner of a key knows of its PIN, and does about it. Browsers
// ask from goroutines of their own.
type pins struct {
	mu    sync.Mutex
	known string // "" is none
	next  []string
	asked []client.PINReason

	tryCount int           // PINs that the key has been told
	changed  chan struct{} // closed and replaced when the key is told one; nil before
}

// told notes that the key was told a PIN.
func (p *pins) told() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tryCount++
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
}

// tries is how many PINs the key has been told.
func (p *pins) tries() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tryCount
}

// tried waits until the key has been told so many PINs.
func (p *pins) tried(ctx context.Context, n int) error {
	for {
		p.mu.Lock()
		if p.tryCount >= n {
			p.mu.Unlock()
			return nil
		}
		if p.changed == nil {
			p.changed = make(chan struct{})
		}
		changed := p.changed
		p.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// tellsPIN reports whether a request tells the key a PIN (CTAP 2.3 §6.5.5).
func tellsPIN(request []byte) bool {
	if len(request) == 0 || ctap.Command(request[0]) != ctap.CommandClientPIN {
		return false
	}
	decoded, err := ctap.DecodeRequest(request)
	if err != nil {
		return false
	}
	pin, ok := decoded.(*ctap.ClientPINRequest)
	return ok && slices.Contains([]ctap.SubCommand{ctap.SetPIN, ctap.ChangePIN, ctap.GetPINToken, ctap.GetPinUvAuthTokenUsingPinWithPermissions}, pin.SubCommand)
}

func (p *pins) remembered() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known
}

func (p *pins) remember(pin string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known = pin
}

func (p *pins) queue(pins []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = append(p.next, pins...)
}

// answered returns the reasons of the dialogs, and forgets them.
func (p *pins) answered() []client.PINReason {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := p.asked
	p.asked = nil
	return asked
}

// answer is what the owner types. Somebody with nothing to type cancels; a new PIN
// is remembered.
func (p *pins) answer(why client.PINReason) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, why)
	isNew, typed := why == client.PINSet || why == client.PINChange, ""
	switch {
	case len(p.next) > 0:
		typed, p.next = p.next[0], p.next[1:]
	case !isNew:
		typed = p.known
	}
	if typed == "" {
		return "", client.ErrCancelled
	}
	if isNew {
		p.known = typed
	}
	return typed, nil
}

// pinPad is the dialog of a browser on a device that asks for the PIN of a key.
type pinPad struct{ on *Device }

var _ client.PINEntry = pinPad{}

// PIN implements client.PINEntry.
func (p pinPad) PIN(_ context.Context, prompt client.PINPrompt) (string, error) {
	reach := append([]*Device{p.on}, p.on.plugged...)
	i := slices.IndexFunc(reach, func(d *Device) bool { return d.name == prompt.Authenticator })
	if i < 0 {
		return "", fmt.Errorf("%w: no device here is called %q", client.ErrCancelled, prompt.Authenticator)
	}
	typed, err := reach[i].pins.answer(prompt.Reason)
	text := fmt.Sprintf("%d tries left; the user types %q", prompt.Retries, typed)
	if err != nil {
		text = "the user cancels"
	}
	if prompt.Refused != "" {
		text += "; the last was refused: " + prompt.Refused
	}
	p.on.lab.record.message(report.Message{
		From: "the browser on " + p.on.name, To: "its user", Layer: "dialog", Name: fmt.Sprintf("PIN of %s (%s)", prompt.Authenticator, prompt.Reason), Decoded: text,
	})
	return typed, err
}

// inTurn has one goroutine after the other read.
type inTurn struct {
	mu   sync.Mutex
	from io.Reader
}

func (r *inTurn) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.from.Read(p)
}
