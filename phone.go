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
)

// UserScansWith makes the user of the device take "another device" from now on: the
// browser shows a QR code, and this phone scans it. nil leaves the code unscanned,
// as somebody does who has no phone at hand; they give up after a look at it.
// [Device.UserStaysHere] ends that.
func (d *Device) UserScansWith(phone *Device) {
	d.elsewhere = &elsewhere{computer: d, phone: phone}
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

// elsewhere is the phone that the user of a computer reaches by QR code. To the
// client on the computer it is an authenticator, reached anew in each ceremony.
type elsewhere struct {
	computer *Device
	phone    *Device // nil: nobody scans

	mu      sync.Mutex
	remote  *hybrid.Remote
	scanned chan error // what came of it at the phone
}

var _ ctap.Transport = (*elsewhere)(nil)

// errNoPhone is what comes of a code that nobody scans.
var errNoPhone = fmt.Errorf("%w: nobody scans the QR code", client.ErrCancelled)

func (e *elsewhere) name() string {
	if e.phone == nil {
		return "no phone"
	}
	return e.phone.name
}

// asAuthenticator is the phone as the client on the computer sees it.
func (e *elsewhere) asAuthenticator() client.Authenticator {
	a := client.Authenticator{Name: e.name(), Transport: e}
	if e.phone != nil {
		a.Info = e.phone.info.Load()
	}
	return a
}

// Exchange shows a code and waits for the phone, unless there is one already, and
// asks it. A phone is done after a ceremony.
func (e *elsewhere) Exchange(ctx context.Context, request []byte) ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.phone == nil {
		return nil, errNoPhone
	}
	if e.remote == nil {
		if err := e.connect(ctx, request); err != nil {
			return nil, err
		}
	}
	answer, err := e.remote.Exchange(ctx, request)
	if err != nil || isCeremony(request) {
		err = errors.Join(err, e.part())
	}
	return answer, err
}

func isCeremony(request []byte) bool {
	return len(request) > 0 && (ctap.Command(request[0]) == ctap.CommandMakeCredential || ctap.Command(request[0]) == ctap.CommandGetAssertion)
}

func (e *elsewhere) connect(ctx context.Context, request []byte) error {
	near, err := e.computer.lab.around()
	if err != nil {
		return err
	}
	hint := protocol.HintAssertion
	if len(request) > 0 && ctap.Command(request[0]) == ctap.CommandMakeCredential {
		hint = protocol.HintCredential
	}
	computer, err := near.computer(e.computer)
	if err != nil {
		return err
	}
	code, err := computer.Show(hint)
	if err != nil {
		return err
	}
	phone, err := near.phone(e.phone)
	if err != nil {
		return err
	}
	scanned := make(chan error, 1)
	go func() { scanned <- phone.Scan(context.WithoutCancel(ctx), code.Text()) }()
	if e.remote, err = code.Connect(ctx); err != nil {
		return err
	}
	e.scanned = scanned
	return nil
}

// part ends the transaction, and waits for the phone to have noticed.
func (e *elsewhere) part() error {
	err := e.remote.Close()
	e.remote = nil
	if scanned := <-e.scanned; scanned != nil {
		e.phone.lab.Note("%s: %v", e.phone.name, scanned)
	}
	return err
}

// tellStep writes down what a phone does, in its own words.
func (d *Device) tellStep(step hybrid.Step) {
	d.lab.record.message(report.Message{From: d.name, To: d.name, Layer: "hybrid", Name: step.Text})
}
