package hybrid_test

import (
	"github.com/passkeylab/passkeylab/transport/bluez"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

// The machine's own Bluetooth fits, and what stands in for it.
var (
	_ hybrid.Advertiser = (*bluez.Radio)(nil)
	_ hybrid.Advertiser = (*bluez.StandIn)(nil)
	_ hybrid.Scanner    = (*bluez.Radio)(nil)
)
