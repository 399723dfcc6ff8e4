package passkeylab

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/internal/report"
	"github.com/passkeylab/passkeylab/transport/hybrid"
	"github.com/passkeylab/passkeylab/webauthn"
)

// UserScansWith makes the user of the device take "another device" from now on: the
// browser shows a QR code, and this phone scans it. nil leaves the code unscanned,
// as somebody does who has no phone at hand; they give up after a look at it.
// [Device.UserStaysHere] ends that.
func (d *Device) UserScansWith(phone *Device) {
	d.lab.t.Helper()
	d.lab.atHand("taking another device at "+d.name, phone)
	d.elsewhere = &elsewhere{phone}
	name := "no phone"
	if phone != nil {
		name = phone.name
		phone.introduce(d.lab.t.Context())
	}
	d.person.reachesFor(name)
	d.follow()
	d.lab.record.step(fmt.Sprintf("at %s the user takes another device: %s scans the QR code", d.name, name), nil)
}

// UserStaysHere ends what UserScansWith began: the user takes what is in the device
// or plugged into it.
func (d *Device) UserStaysHere() {
	d.lab.t.Helper()
	d.elsewhere = nil
	d.person.reachesFor("")
	d.follow()
	d.lab.record.step("at "+d.name+" the user takes this device", nil)
}

// follow has the browsers on the device ask for what its user takes from now on.
func (d *Device) follow() {
	d.lab.t.Helper()
	for _, p := range d.lab.pages {
		if c, ok := p.tab.(*chromeTab); ok && p.device == d && d.lab.options.link == Hybrid {
			d.lab.must("changing devices at "+d.name, d.lab.within(c.follow))
		}
	}
}

// elsewhere is what the user of a computer takes instead of what is in it.
type elsewhere struct{ phone *Device } // nil: nobody scans

func (e *elsewhere) name() string {
	if e.phone == nil {
		return "no phone"
	}
	return e.phone.name
}

// encounter is that phone in one ceremony. To the client on the computer it is an
// authenticator, reached by a code that is shown when it is first asked for
// something, until the ceremony is over.
type encounter struct {
	*elsewhere
	computer *Device
	hint     protocol.Hint // what the ceremony is for

	mu      sync.Mutex
	remote  *hybrid.Remote
	scanned <-chan error // what came of it at the phone
}

var _ ctap.Transport = (*encounter)(nil)

// encounter is with the phone that the user of the device takes, if they do. part
// ends it. In autofill, which nobody has asked for yet, no browser shows a code.
func (d *Device) encounter(hint protocol.Hint, mediation string) *encounter {
	if d.elsewhere == nil || mediation == client.Conditional {
		return nil
	}
	return &encounter{elsewhere: d.elsewhere, computer: d, hint: hint}
}

// What comes of a code that nobody scans, and of one that was scanned in vain.
var (
	errNoPhone     = fmt.Errorf("%w: nobody scans the QR code", client.ErrCancelled)
	errNobodyComes = fmt.Errorf("%w: the phone has scanned the QR code and does not come", client.ErrCancelled)
)

// asAuthenticator is the phone as the client on the computer sees it.
func (e *encounter) asAuthenticator() client.Authenticator {
	a := client.Authenticator{Name: e.name(), Transport: e, Attachment: webauthn.CrossPlatform}
	if e.phone != nil {
		a.Info = e.phone.info.Load()
	}
	return a
}

// Exchange shows a code and waits for the phone, unless it is there already, and
// asks it.
func (e *encounter) Exchange(ctx context.Context, request []byte) ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.phone == nil {
		return nil, errNoPhone
	}
	if e.remote == nil {
		if err := e.meet(ctx); err != nil {
			return nil, err
		}
	}
	return e.remote.Exchange(ctx, request)
}

// meet returns once the phone is connected, or has left again.
func (e *encounter) meet(ctx context.Context) error {
	near, err := e.computer.lab.around()
	if err != nil {
		return err
	}
	computer, err := near.computer(e.computer)
	if err != nil {
		return err
	}
	code, err := computer.Show(e.hint)
	if err != nil {
		return err
	}
	waiting, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	// The phone stays for the ceremony, which outlasts a request.
	scanning, leave := context.WithCancel(context.WithoutCancel(ctx))
	scanned := make(chan error, 1)
	go func() {
		defer leave()
		_, err := e.phone.scan(scanning, code.Text(), near.phone(e.phone))
		giveUp(errNobodyComes) // without an effect where somebody came
		scanned <- err
	}()
	remote, err := code.Connect(waiting)
	if err != nil {
		leave()
		e.told(<-scanned)
		return err
	}
	e.remote, e.scanned = remote, scanned
	return nil
}

// part ends the encounter, and waits for the phone to have noticed.
func (e *encounter) part() {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.remote == nil {
		return
	}
	e.told(e.remote.Close())
	e.told(<-e.scanned)
	e.remote = nil
}

// told writes down what went wrong where no ceremony tells.
func (e *encounter) told(err error) {
	if err != nil {
		e.computer.lab.Note("%s: %v", e.phone.name, err)
	}
}

// scan has the phone scan a code, and carry on to the end or to where it vanishes.
// near puts a device into a phone that is near the computer. met reports whether
// the computer has heard what the phone is, which it notices the end of.
func (d *Device) scan(ctx context.Context, text string, near func(ctap.Transport, func(hybrid.Step)) (*hybrid.Phone, error)) (met bool, err error) {
	ctx, vanish := context.WithCancelCause(ctx)
	defer vanish(nil)
	phone, err := near(&wiretap{d}, func(step hybrid.Step) {
		d.tellStep(step)
		met = met || step.Kind == hybrid.StepIntroduced
		if d.vanishing.CompareAndSwap(int32(step.Kind), 0) {
			vanish(errVanished)
		}
	})
	if err != nil {
		return false, err
	}
	err = phone.Scan(ctx, text)
	return met, err
}

// Moment is how far a phone gets with a QR code.
type Moment hybrid.StepKind

// The moments.
const (
	// Scanned is when the phone has read the code, and nobody has heard of it yet.
	Scanned = Moment(hybrid.StepScanned)
	// Connected is when the phone and the computer have met in the tunnel, and
	// shaken hands there. What the phone is it has not told yet.
	Connected = Moment(hybrid.StepHandshake)
	// Asked is when the computer has asked the phone for a passkey.
	Asked = Moment(hybrid.StepRequest)
)

var errVanished = errors.New("the phone has vanished")

// Vanishes makes the phone vanish once, at that moment of a transaction by QR code:
// its battery is empty, or somebody has run off with it.
func (d *Device) Vanishes(at Moment) {
	d.vanishing.Store(int32(at))
	when := map[Moment]string{Scanned: "has read a QR code", Connected: "is connected", Asked: "is asked for a passkey"}[at]
	d.lab.record.step(fmt.Sprintf("%s will vanish once it %s", d.name, when), nil)
}

// tellStep writes down what a phone does, in its own words.
func (d *Device) tellStep(step hybrid.Step) {
	d.lab.record.message(report.Message{From: d.name, To: d.name, Layer: "hybrid", Name: step.Text})
}
