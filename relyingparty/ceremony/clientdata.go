package ceremony

import (
	"bytes"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/passkeylab/passkeylab/internal/jsontext"
)

var clientDataMembers = []string{"type", "challenge", "origin", "crossOrigin", "topOrigin"}

// byteOrderMark may precede client data; UTF-8 decode takes it away (§7.1 step 5).
var byteOrderMark = []byte("\uFEFF")

// readClientData reads CollectedClientData (WebAuthn L3 §5.8.1, §7.1 steps 5 and 6).
// Other members are ignored: clients may add some.
func readClientData(data []byte) (c protocol.CollectedClientData, err error) {
	r := jsontext.NewReader(bytes.TrimPrefix(data, byteOrderMark))
	var seen once
	for name := range r.Members {
		seen.note(r, name, clientDataMembers)
		switch string(name) {
		case "type":
			c.Type = protocol.CeremonyType(r.Known(string(protocol.CreateCeremony), string(protocol.AssertCeremony)))
		case "challenge":
			c.Challenge = r.String()
		case "origin":
			c.Origin = r.String()
		case "crossOrigin":
			c.CrossOrigin = r.Bool()
		case "topOrigin":
			c.TopOrigin = r.String()
		default:
			r.Skip()
		}
	}
	if err := r.End(); err != nil {
		return c, fmt.Errorf("client data: %w", err)
	}
	return c, nil
}
