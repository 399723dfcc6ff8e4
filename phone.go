package passkeylab

import (
	"context"
	"fmt"
	"sync"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/internal/report"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

// UserScansWith makes the user of the device take "another device" from now on: the
// browser shows a QR code, and this phone scans it. nil leaves the code unscanned,
// as somebody does who has no phone at hand; they give up after a look at it.
// [Device.UserStaysHere] ends that.
func (d *Device) UserScansWith(phone *Device) {
	d.elsewhere = &elsewhere{phone}
	name := "no phone"
	if phone != nil {
		name = phone.name
		phone.introduce(d.lab.t.Context())
	}
	d.person.reachesFor(name)
	d.lab.record.step(fmt.Sprintf("at %s the user takes another device: %s scans the QR code", d.name, name), nil)
}

// UserStaysHere ends what UserScansWith began: the user takes what is in the device
// or plugged into it.
func (d *Device) UserStaysHere() {
	d.elsewhere = nil
	d.person.reachesFor("")
	d.lab.record.step("at "+d.name+" the user takes this device", nil)
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
// ends it.
func (d *Device) encounter(hint protocol.Hint) *encounter {
	if d.elsewhere == nil {
		return nil
	}
	return &encounter{elsewhere: d.elsewhere, computer: d, hint: hint}
}

// errNoPhone is what comes of a code that nobody scans.
var errNoPhone = fmt.Errorf("%w: nobody scans the QR code", client.ErrCancelled)

// asAuthenticator is the phone as the client on the computer sees it.
func (e *encounter) asAuthenticator() client.Authenticator {
	a := client.Authenticator{Name: e.name(), Transport: e}
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
	phone, err := near.phone(e.phone)
	if err != nil {
		return err
	}
	code, err := computer.Show(e.hint)
	if err != nil {
		return err
	}
	// The phone stays for the ceremony, which outlasts a request.
	scanning, leave := context.WithCancel(context.WithoutCancel(ctx))
	scanned := make(chan error, 1)
	go func() {
		defer leave()
		scanned <- phone.Scan(scanning, code.Text())
	}()
	remote, err := code.Connect(ctx)
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

// tellStep writes down what a phone does, in its own words.
func (d *Device) tellStep(step hybrid.Step) {
	d.lab.record.message(report.Message{From: d.name, To: d.name, Layer: "hybrid", Name: step.Text})
}
