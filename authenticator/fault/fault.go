// Package fault is the catalogue of deviations: each a documented value that
// makes a correct authenticator, or a correct client, wrong in exactly one way.
//
// It owns what can go wrong with a device and with what is between it and a
// relying party. It acts through seams alone and must never need a change in the
// behaviour it spoils; nor does it know who is to notice.
package fault

import (
	"fmt"
	"strings"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/ctap/nfc"
	"github.com/passkeylab/passkeylab/internal/nearest"
)

// Fault is one deviation. The absence of faults is correct behaviour. Most faults
// act inside the device alone; those of a transport act where the device speaks it,
// those of client data in the client.
//
// A fault may remember what it saw, so a value is for one device.
type Fault struct {
	ID    string              // permanent, "what/how"
	Spec  string              // the rule that it breaks, or that a verifier checks to notice
	Doc   string              // one sentence
	Seams authenticator.Seams // hand these to authenticator.New or Attach

	HID    hid.Seams    // to hid.DeviceConfig, or transport.Speaking
	NFC    nfc.Seams    // to nfc.CardConfig, or transport.NFCServerConfig
	Client client.Seams // to client.New
}

// Group is the part of the ID that faults of one kind share.
func (f Fault) Group() string {
	group, _, _ := strings.Cut(f.ID, "/")
	return group
}

// All returns every fault, sorted by ID. Each call returns values of their own.
func All() []Fault { return catalogue() }

// Lookup returns the fault with an ID, each time a value of its own. The error names
// the ID most like it.
func Lookup(id string) (Fault, error) {
	var ids []string
	for _, group := range groups {
		for _, f := range group() {
			if f.ID == id {
				return f, nil
			}
			ids = append(ids, f.ID)
		}
	}
	if meant := nearest.Name(id, ids); meant != "" {
		return Fault{}, fmt.Errorf("no fault is called %q: did you mean %q?", id, meant)
	}
	return Fault{}, fmt.Errorf("no fault is called %q: fault.All lists them", id)
}
