package bluez_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport/bluez"
	"github.com/passkeylab/passkeylab/transport/hybrid"
	"github.com/passkeylab/passkeylab/transport/hybrid/hybridtest"
)

// What BlueZ carries, by two programs or by the stand-in itself.
func TestRadiosKeepTheirContract(t *testing.T) {
	t.Parallel()
	for name, advertiser := range map[string]func(*testing.T, *bluez.StandIn) hybrid.Advertiser{
		"stand-in": func(_ *testing.T, s *bluez.StandIn) hybrid.Advertiser { return s },
		"radio":    func(t *testing.T, s *bluez.StandIn) hybrid.Advertiser { return radio(t, s) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hybridtest.RunAir(t, func(t *testing.T) hybridtest.Air {
				s, err := bluez.StartStandIn(t.Context())
				require.NoError(t, err)
				return hybridtest.Air{Advertiser: advertiser(t, s), Scanner: radio(t, s), Close: func() { require.NoError(t, s.Close()) }}
			})
		})
	}
}
