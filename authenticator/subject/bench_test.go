package subject_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/subject"
	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/authenticators"
)

// BenchmarkSuite is every MUST on a device in this process, as conform authenticator has
// it. Beside it is what the device alone takes: to be made anew for each of the cases, and
// asked once.
func BenchmarkSuite(b *testing.B) {
	cases, err := conformance.Select(authenticators.Cases(), conformance.Selection{Level: conformance.Must})
	require.NoError(b, err)
	target := subject.Target{Model: authenticator.SecurityKey()}
	b.Run("judged", func(b *testing.B) {
		for b.Loop() {
			conformance.Run(b.Context(), target, cases, conformance.Options{Seed: 1})
		}
		b.ReportMetric(float64(len(cases)), "cases")
	})
	b.Run("device", func(b *testing.B) {
		for b.Loop() {
			for range cases {
				d, err := target.Fresh(b.Context(), 1)
				require.NoError(b, err)
				_, err = d.(authenticators.Device).Exchange(b.Context(), []byte{0x04})
				require.NoError(b, err)
				require.NoError(b, d.Close())
			}
		}
	})
}
