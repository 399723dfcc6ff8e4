package passkeylab

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/authenticator/profile"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/internal/report"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/transport"
)

// Device is something with an authenticator in it: a phone or a laptop, which
// also has a browser, or a security key, which is plugged into one.
type Device struct {
	lab           *Lab
	name          string
	model         authenticator.Model
	authenticator *authenticator.Authenticator
	env           authenticator.Env          // of the authenticator
	store         *authenticator.MemoryStore // the device's own
	cloud         *Cloud                     // that it has joined; nil = none
	person        *person
	plugged       []*Device
	elsewhere     *elsewhere   // the phone that its user scans codes with; nil without
	vanishing     atomic.Int32 // the hybrid.StepKind at which it does, as a phone; 0 is none
	lost          bool
	liberties     []*client.Seams
	answers       answers
	pins          pins
	enterprise    func(rpID string) client.Enterprise // of the browser on the device; nil where nobody manages it
	identified    identified
	random        io.Reader // of the browser on the device
	faults        []string  // IDs of those it has now
	away          putAway   // what it does not show because a site does not accept it
	info          atomic.Pointer[ctap.GetInfoResponse]
}

// Passkey is what a device holds for an account.
type Passkey struct {
	RPID, User, DisplayName  string
	ID                       []byte
	BackupEligible, BackedUp bool
	SignCount                uint32
}

// Phone adds a phone whose passkeys are synced.
func (l *Lab) Phone(name string) *Device { return l.device(name, authenticator.Phone()) }

// Laptop adds a laptop with a fingerprint reader whose passkeys are synced.
func (l *Lab) Laptop(name string) *Device { return l.device(name, authenticator.Laptop()) }

// SecurityKey adds a roaming key with a fingerprint reader. It has no browser:
// [Device.Plug] it into a device that does.
func (l *Lab) SecurityKey(name string) *Device { return l.device(name, authenticator.SecurityKey()) }

// Device adds a device that stands for a product, as far as its [profile.Profile]
// knows it: it attests as that does, under roots of the lab. One that is a security key has no browser: [Device.Plug] it into a
// device that does, and where it verifies by PIN give it one with [Device.SetPIN].
func (l *Lab) Device(name string, p profile.Profile) *Device {
	l.t.Helper()
	model, err := p.AttestedBy(l.stage.makersAt(l.options.start))
	l.must("a new device", err)
	return l.device(name, model)
}

func (l *Lab) device(name string, model authenticator.Model) *Device {
	l.t.Helper()
	return l.deviceWith(name, model, authenticator.NewMemoryStore())
}

func (l *Lab) deviceWith(name string, model authenticator.Model, store *authenticator.MemoryStore) *Device {
	l.t.Helper()
	if slices.ContainsFunc(l.devices, func(d *Device) bool { return d.name == name }) {
		l.fail("a new device", "a name of its own", fmt.Sprintf("there is already a device called %q", name))
	}
	d := &Device{lab: l, name: name, person: newPerson(), store: store}
	d.env = authenticator.Env{
		Store: store, User: transport.Attend(d.person), Clock: l.clock, Random: seed.Stream(l.options.seed, "device", name, l.visit()),
	}
	d.random = &inTurn{from: seed.Stream(l.options.seed, "browser", name, l.visit())}
	l.must("a new device", d.become(model))
	l.devices = append(l.devices, d)
	return d
}

// become makes the device one of a model, with what it keeps.
func (d *Device) become(model authenticator.Model) error {
	device, err := authenticator.New(model, d.env)
	if err != nil {
		return err
	}
	device.Attach(authenticator.Seams{Refused: d.refused, Result: d.noteIdentified})
	d.authenticator, d.model = device, model
	return nil
}

// Name is what the device was called when it was added.
func (d *Device) Name() string { return d.name }

// Plug connects a security key to the device, for every request from now on.
func (d *Device) Plug(key *Device) {
	d.lab.t.Helper()
	d.lab.atHand("plugging a key into "+d.name, key)
	d.plugged = append(d.plugged, key)
	key.introduce(d.lab.t.Context())
	d.replug()
	d.lab.record.step(fmt.Sprintf("%s is plugged into %s", key.name, d.name), nil)
}

// Unplug takes a security key out again. It loses its power.
func (d *Device) Unplug(key *Device) {
	d.plugged = slices.DeleteFunc(d.plugged, func(p *Device) bool { return p == key })
	d.replug()
	key.authenticator.PowerCycle()
	d.lab.record.step(fmt.Sprintf("%s is unplugged from %s", key.name, d.name), nil)
}

// replug shows the browsers on the device which keys are plugged in now.
func (d *Device) replug() {
	for _, p := range d.lab.pages {
		if c, ok := p.tab.(*chromeTab); ok && p.device == d {
			d.lab.must("plugging keys into "+d.name, c.replug())
		}
	}
}

// Lose takes the device out of its owner's hands for good: whoever tries to
// use it fails the journey.
func (d *Device) Lose() {
	d.lost = true
	d.lab.record.step(d.name+" is lost", nil)
}

// atHand ends the journey if a device that is to be used is lost. nil is at hand.
func (l *Lab) atHand(doing string, d *Device) {
	l.t.Helper()
	if d != nil && d.lost {
		l.fail(doing, "a device that is at hand", d.name+" is lost")
	}
}

// UserDeclines makes the user answer the device's next prompt with "no".
func (d *Device) UserDeclines() {
	d.person.Then(authenticator.Decline)
	d.lab.record.step("the user of "+d.name+" will decline", nil)
}

// UserTimesOut makes the user leave the device's next prompt unanswered until
// the device gives up.
func (d *Device) UserTimesOut() {
	d.person.Then(authenticator.TimeOut)
	d.lab.record.step("the user of "+d.name+" will not react", nil)
}

// WrongFinger makes the user fail verification n times in a row.
func (d *Device) WrongFinger(n int) {
	d.person.WrongFinger(n)
	d.lab.record.step(fmt.Sprintf("the user of %s will present the wrong finger %d times", d.name, n), nil)
}

// UserPicks makes the user choose the account of this name whenever there is a
// choice.
func (d *Device) UserPicks(user string) { d.person.picks(user) }

// UserReachesFor makes the user touch only this device when several could
// answer; nil goes back to whichever answers first.
func (d *Device) UserReachesFor(other *Device) {
	if other == nil {
		d.person.reachesFor("")
	} else {
		d.person.reachesFor(other.name)
	}
	d.replug()
}

// Misbehave makes the device faulty until restore is called. A browser on the
// device passes on what it answers, as one with the same fault would, so that
// it is the site that has to notice. A fault of client data is one of that browser,
// which must be ours. Faults of how a device speaks by USB or NFC do nothing here.
func (d *Device) Misbehave(f fault.Fault) (restore func()) {
	detach := d.authenticator.Attach(f.Seams)
	inBrowser := &f.Client
	d.liberties = append(d.liberties, inBrowser)
	d.faults = append(d.faults, f.ID)
	d.lab.record.step(fmt.Sprintf("%s has a fault: %s", d.name, f.Doc), nil)
	return func() {
		detach()
		d.liberties = slices.DeleteFunc(d.liberties, func(s *client.Seams) bool { return s == inBrowser })
		d.faults = slices.DeleteFunc(d.faults, func(id string) bool { return id == f.ID })
		d.lab.record.step(d.name+" is repaired", nil)
	}
}

func (d *Device) faulty() bool { return len(d.faults) > 0 }

func (d *Device) has(f fault.Fault) bool { return slices.Contains(d.faults, f.ID) }

// Cheat makes the browser on the device take a liberty for the rest of the
// journey. The browser itself must be ours: see [Needs] of a scenario.
func (d *Device) Cheat(liberty client.Liberty) {
	d.liberties = append(d.liberties, &liberty.Seams)
	d.lab.record.step(fmt.Sprintf("the browser on %s cheats: %s", d.name, liberty.Doc), nil)
}

// Replay makes the browser on the device answer with the response of the last
// login on it, for the rest of the journey.
func (d *Device) Replay() {
	d.lab.t.Helper()
	last := d.answers.last()
	if last == nil {
		d.lab.fail("replaying a login on "+d.name, "a login on it to replay", "there was none yet")
	}
	d.Cheat(client.ReplayAuthentication(last))
}

// Copy makes a device of the same model that holds the same passkeys, as a
// thief or a backup would have it.
func (d *Device) Copy(name string) *Device {
	d.lab.t.Helper()
	twin := d.lab.device(name, d.model)
	held, err := d.authenticator.Credentials(d.lab.t.Context())
	d.lab.must("copying "+d.name, err)
	d.lab.must("copying "+d.name, twin.authenticator.Import(d.lab.t.Context(), held...))
	d.lab.record.step(fmt.Sprintf("%s is a copy of %s", name, d.name), nil)
	return twin
}

// Passkeys lists what the device holds, by RP ID and oldest first.
func (d *Device) Passkeys() []Passkey {
	d.lab.t.Helper()
	held, err := d.authenticator.Credentials(d.lab.t.Context())
	d.lab.must("reading "+d.name, err)
	out := make([]Passkey, len(held))
	for i, c := range held {
		out[i] = Passkey{
			RPID: c.RPID, User: c.User.Name, DisplayName: c.User.DisplayName, ID: c.ID,
			BackupEligible: c.BackupEligible, BackedUp: c.BackedUp, SignCount: c.SignCount,
		}
	}
	return out
}

// HoldsPasskeys checks how many passkeys are on a device.
func (l *Lab) HoldsPasskeys(d *Device, n int) {
	l.t.Helper()
	what := fmt.Sprintf("%s holds %d passkeys", d.name, n)
	if got := len(d.Passkeys()); got != n {
		l.fail(what, what, fmt.Sprintf("it holds %d", got))
	}
	l.record.step(what, nil)
}

// Forget removes the device's passkeys of an account, without telling the site.
func (d *Device) Forget(user string) {
	d.lab.t.Helper()
	for _, p := range d.Passkeys() {
		if p.User == user {
			d.lab.must("removing a passkey from "+d.name, d.authenticator.Delete(d.lab.t.Context(), p.ID))
		}
	}
	d.lab.record.step(fmt.Sprintf("%s forgets its passkeys of %s", d.name, user), nil)
}

// client is the browser's part on the device in one ceremony, with everything it can
// reach. phone is nil where the user takes none.
func (d *Device) client(phone *encounter) (*client.Client, error) {
	seams := []client.Seams{d.answers.seams()}
	for _, s := range d.liberties {
		seams = append(seams, *s)
	}
	return client.New(client.Config{
		Authenticators:        func() []client.Authenticator { return d.reachable(phone) },
		User:                  d.person,
		PIN:                   pinPad{d},
		Random:                d.random,
		RelatedOrigins:        client.WellKnown{Transport: world{d.lab}},
		Enterprise:            d.enterprise,
		Consents:              d.consents,
		SignalFailed:          d.signalFailed,
		BelieveAuthenticators: d.faulty() || slices.ContainsFunc(d.plugged, (*Device).faulty),
	}, seams...)
}

func (d *Device) reachable(phone *encounter) []client.Authenticator {
	all := []client.Authenticator{d.asAuthenticator(d.person)}
	for _, key := range d.plugged {
		all = append(all, key.asAuthenticator(d.person))
	}
	if phone != nil {
		all = append(all, phone.asAuthenticator())
	}
	return all
}

// introduce has browsers learn what the device is, as they do when they start
// and when a key is plugged in. A device that does not say is asked again in
// every ceremony.
func (d *Device) introduce(ctx context.Context) {
	if d.fromBeforeCTAP2() {
		return
	}
	info, err := ctap.Call(ctx, &wiretap{d}, &ctap.GetInfoRequest{})
	if err != nil {
		info = nil
	}
	d.info.Store(info)
}

// fromBeforeCTAP2 reports whether the device speaks U2F alone.
func (d *Device) fromBeforeCTAP2() bool {
	return slices.Equal(d.model.Versions, []string{ctap.VersionU2FV2})
}

// asAuthenticator is the device as the client of user sees it.
func (d *Device) asAuthenticator(user *person) client.Authenticator {
	if d.fromBeforeCTAP2() {
		return client.Authenticator{Name: d.name, U2F: &wiretap{d}}
	}
	a := client.Authenticator{Name: d.name, Transport: &wiretap{d}, Info: d.info.Load(), Changed: d.info.Store}
	if d.model.Platform {
		a.Signals, a.Silently = hearing{d}, d.silently
		a.Discover = func(ctx context.Context, rpID string) ([]client.Account, error) {
			accounts, err := d.discover(ctx, rpID)
			if err == nil && len(accounts) == 0 {
				user.nothingToOffer()
			}
			return accounts, err
		}
	}
	return a
}

// discover is what a platform lists in autofill: the names it keeps beside its
// passkeys, newest first.
func (d *Device) discover(ctx context.Context, rpID string) ([]client.Account, error) {
	held, err := d.authenticator.Credentials(ctx)
	if err != nil {
		return nil, err
	}
	var accounts []client.Account
	for _, c := range slices.Backward(held) {
		if c.Discoverable && c.RPID == rpID {
			accounts = append(accounts, client.Account{
				CredentialID: c.ID, UserHandle: c.User.ID, Name: c.User.Name, DisplayName: c.User.DisplayName,
			})
		}
	}
	return accounts, nil
}

// refused writes down why the device refused, which no party to the protocol
// learns.
func (d *Device) refused(_ ctap.Request, err error) {
	d.lab.record.message(report.Message{From: d.name, To: d.name, Layer: layerCTAP, Name: "refuses", Decoded: err.Error()})
}

// wiretap writes down what goes to a device and what comes back.
type wiretap struct{ device *Device }

var (
	_ ctap.Transport = (*wiretap)(nil)
	_ u2f.Transport  = (*wiretap)(nil)
)
