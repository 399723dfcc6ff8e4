package hybrid_test

import (
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport/hybrid"
	"github.com/passkeylab/passkeylab/transport/hybrid/hybridtest"
	"github.com/passkeylab/passkeylab/transport/tunnel"
)

func TestAirKeepsItsContract(t *testing.T) {
	t.Parallel()
	hybridtest.RunAir(t, func(*testing.T) hybridtest.Air {
		air := new(hybrid.Air)
		return hybridtest.Air{Advertiser: air, Scanner: air}
	})
}

// The service of the tests here is held to the same as a real one.
func TestDialersKeepTheirContract(t *testing.T) {
	t.Parallel()
	for name, fresh := range map[string]func(*testing.T) hybrid.Dialer{
		"in memory": func(*testing.T) hybrid.Dialer { return new(service) },
		"WebSockets": func(t *testing.T) hybrid.Dialer {
			at, err := tunnel.New(tunnel.Config{Random: rand.Reader})
			require.NoError(t, err)
			sockets := serveTLS(t, at)
			t.Cleanup(at.Close)
			return sockets
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hybridtest.RunDialer(t, fresh)
		})
	}
}
