package clients

import (
	"bytes"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// severalCases are about more than one authenticator at a time (WebAuthn L3 §5.1.3,
// §5.1.4: all are asked, the first that the user touches answers), and about what
// happens to those that nobody touches.
func severalCases() []testCase { return severals }

var everyCeremony = map[ctap.Command]bool{ctap.CommandMakeCredential: true, ctap.CommandGetAssertion: true}

// waiting puts one more authenticator within reach, which waits for a touch that never
// comes.
func (t *trial) waiting(r *Request) *Device {
	other := t.another()
	other.script.hold = everyCeremony
	r.Others = append(r.Others, other)
	return other
}

// cancelled complains unless an authenticator was told to stop waiting.
func (t *trial) cancelled(d *Device) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.ContainsFunc(d.packets, func(p packet) bool { return p.initial && p.command == hidCancel }) {
		t.Fatalf("CTAPHID_CANCEL is not sent to the authenticator that was not touched")
	}
}

const severalTouched = "several/create/touched"

var severalNeeds = needs(OverHID, ReachesSeveral)

var severals = []testCase{
	{
		ID: severalTouched, Spec: page("5.1.3"), Level: conformance.Must, Needs: severalNeeds, Twin: createPlain,
		Doc:     "Of two authenticators that wait for a touch, the one that is touched makes the credential.",
		Catches: []string{"several/one-asked"},
		Run: on(func(t *trial) {
			r := t.creation()
			t.device.script.after = t.waiting(r).Held()
			got := t.accepted(r)
			t.same("the ID", t.device.passkeys[0].id, got.CredentialID)
		}),
	},
	{
		ID: "several/create/cancelled", Spec: page("5.1.3"), Level: conformance.Should, Needs: severalNeeds, Twin: severalTouched,
		Doc:     "The authenticator that is not touched is told to stop waiting.",
		Catches: []string{"hid/never-cancels"},
		Run: on(func(t *trial) {
			r := t.creation()
			other := t.waiting(r)
			t.device.script.after = other.Held()
			t.accepted(r)
			t.cancelled(other)
		}),
	},
	{
		ID: "several/create/one-fails", Spec: page("5.1.3"), Level: conformance.Must, Needs: severalNeeds, Twin: severalTouched,
		Doc:     "An authenticator that fails does not keep another from making a credential.",
		Catches: []string{"several/failure-ends-all"},
		Run: on(func(t *trial) {
			r, other := t.creation(), t.another()
			other.script.status = map[ctap.Command]func(int) ctap.Status{ctap.CommandMakeCredential: func(int) ctap.Status { return ctap.Other }}
			r.Others, t.device.script.after = []*Device{other}, other.served
			t.accepted(r)
		}),
	},
	{
		ID: "several/create/one-garbles", Spec: page("5.1.3"), Level: conformance.Should, Needs: severalNeeds, Twin: severalTouched,
		Doc:     "An authenticator whose getInfo cannot be read does not keep another from making a credential.",
		Catches: []string{"several/failure-ends-all"},
		Run: on(func(t *trial) {
			r, other := t.creation(), t.another()
			other.script.raw = map[ctap.Command]func([]byte) []byte{ctap.CommandGetInfo: func([]byte) []byte { return []byte{0, 0xFF} }}
			r.Others = []*Device{other}
			t.accepted(r)
		}),
	},
	{
		ID: "several/get/one-garbles", Spec: page("5.1.4"), Level: conformance.Should, Needs: severalNeeds, Twin: "several/get/touched",
		Doc:     "An authenticator whose getInfo cannot be read does not keep another from signing.",
		Catches: []string{"several/failure-ends-all"},
		Run: on(func(t *trial) {
			r, other := t.assertion(), t.another()
			other.script.raw = map[ctap.Command]func([]byte) []byte{ctap.CommandGetInfo: func([]byte) []byte { return []byte{0, 0xFF} }}
			r.Others = []*Device{other}
			t.accepted(r)
		}),
	},
	{
		ID: "several/create/pin", Spec: at("6.9", ""), Level: conformance.Should, Needs: append(needs(ServesPages, TypesPIN), severalNeeds...), Twin: severalTouched,
		Doc:     "Of two authenticators with a PIN, the PIN is sent to the one that is touched, and to no other.",
		Catches: []string{"several/pin-for-all"},
		Run: on(func(t *trial) {
			t.device.givePIN(thePIN, 2)
			r := t.creation(verifiedByPIN)
			other := t.waiting(r)
			other.givePIN(thePIN, 2)
			other.script.hold = map[ctap.Command]bool{ctap.CommandSelection: true, ctap.CommandMakeCredential: true}
			t.device.script.after = other.Held()
			t.accepted(r)
			for _, m := range other.messages() {
				if m.params.Has(pinHashEnc) && m.command == ctap.CommandClientPIN {
					t.Fatalf("the PIN is sent to the authenticator that was not touched")
				}
			}
		}),
	},
	{
		ID: "several/create/excluded", Spec: page("5.1.3"), Level: conformance.Must, Needs: append(needs(ServesPages), severalNeeds...), Twin: severalTouched,
		Doc:     "Where the authenticator that is touched holds an excluded credential, the page learns so by InvalidStateError, and the other one is told to stop waiting.",
		Catches: []string{"error/excluded-hidden", "hid/never-cancels"},
		Run: on(func(t *trial) {
			r := t.creation(func(r *Request) { r.List = [][]byte{t.hold(false)} })
			other := t.waiting(r)
			t.device.script.after = other.Held()
			t.refusedAs(r, "InvalidStateError")
			t.cancelled(other)
		}),
	},
	{
		ID: "several/create/declined", Spec: page("5.1.3"), Level: conformance.Should, Needs: append(needs(ServesPages), severalNeeds...), Twin: severalTouched,
		Doc:     "A user who declines at one authenticator is not waited for at another.",
		Catches: []string{"several/waits-on"},
		Run: on(func(t *trial) {
			r := t.creation()
			other := t.waiting(r)
			t.device.script.after = other.Held()
			t.refuse(ctap.CommandMakeCredential, ctap.OperationDenied)
			t.endsByItself(r, "NotAllowedError")
			t.cancelled(other)
		}),
	},
	{
		ID: "several/get/touched", Spec: page("5.1.4"), Level: conformance.Must, Needs: severalNeeds, Twin: getPlain,
		Doc:     "Of two authenticators that wait for a touch, the one that is touched signs.",
		Catches: []string{"several/one-asked"},
		Run: on(func(t *trial) {
			r := t.assertion()
			other := t.waiting(r)
			r.List = append(r.List, t.holdOn(other, false))
			t.device.script.after = other.Held()
			got := t.accepted(r)
			if !bytes.Equal(got.CredentialID, r.List[0]) && got.CredentialID != nil {
				t.Fatalf("the assertion is of another credential: %x", got.CredentialID)
			}
		}),
	},
	{
		ID: "several/get/holder", Spec: page("5.1.4"), Level: conformance.Must, Needs: severalNeeds, Twin: getPlain,
		Doc:     "Of two authenticators, the one that holds the credential signs.",
		Catches: []string{"several/one-asked"},
		Run: on(func(t *trial) {
			r := t.assertion()
			t.waiting(r)
			t.accepted(r)
		}),
	},
	{
		ID: "page/timeout", Spec: page("5.1.3"), Level: conformance.Should, Needs: needs(ServesPages, KeepsTime), Twin: createPlain,
		Doc:     "A request that nobody answers ends with its timeout, by NotAllowedError.",
		Catches: []string{"page/timeout-ignored"},
		Run: on(func(t *trial) {
			t.device.script.hold = everyCeremony
			t.endsByItself(t.creation(func(r *Request) { r.Timeout = time.Second }), "NotAllowedError")
		}),
	},
	{
		ID: "page/timeout-get", Spec: page("5.1.4"), Level: conformance.Should, Needs: needs(ServesPages, KeepsTime), Twin: getPlain,
		Doc:     "The same is so of get().",
		Catches: []string{"page/timeout-ignored"},
		Run: on(func(t *trial) {
			t.device.script.hold = everyCeremony
			t.endsByItself(t.assertion(func(r *Request) { r.Timeout = time.Second }), "NotAllowedError")
		}),
	},
	{
		ID: "page/timeout-cancels", Spec: page("5.1.3"), Level: conformance.Should, Needs: needs(ServesPages, OverHID, KeepsTime), Twin: createPlain,
		Doc:     "The authenticator is told to stop waiting when a request has timed out.",
		Catches: []string{"hid/never-cancels"},
		Run: on(func(t *trial) {
			t.device.script.hold = everyCeremony
			t.endsByItself(t.creation(func(r *Request) { r.Timeout = time.Second }), "NotAllowedError")
			t.cancelled(t.device)
		}),
	},
}

// endsByItself is for requests that the client has to end without being told to: a page
// that has waited long withdraws them, which is another error.
func (t *trial) endsByItself(r *Request, name string) {
	const long = 6 * time.Second
	enough := make(chan struct{})
	timer := time.AfterFunc(long, func() { close(enough) })
	defer timer.Stop()
	r.Cancel = enough
	t.refusedAs(r, name)
	select {
	case <-enough:
		t.Fatalf("the request did not end within %v", long)
	default:
	}
}
