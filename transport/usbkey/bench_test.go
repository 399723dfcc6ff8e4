//go:build linux && (amd64 || arm64)

package usbkey_test

import (
	"fmt"
	"os/exec"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport/usbkey"
)

// withAndWithout measures the same of a puppet with a key and of one without.
func withAndWithout(b *testing.B, deed ...string) {
	b.Helper()
	b.Run("plain", func(b *testing.B) {
		p := pipes(b, childCommand(b))
		require.NoError(b, p.cmd.Start())
		for b.Loop() {
			p.do(b, deed...)
		}
		require.NoError(b, p.in.Close())
		require.NoError(b, p.cmd.Wait())
	})
	b.Run("exec", func(b *testing.B) {
		p := start(b, newKey(b))
		for b.Loop() {
			p.do(b, deed...)
		}
	})
}

// What a key adds to the start of a command.
func BenchmarkStart(b *testing.B) {
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			require.NoError(b, exec.Command("true").Run())
		}
	})
	b.Run("exec", func(b *testing.B) {
		key := newKey(b)
		for b.Loop() {
			cmd := exec.Command("true")
			bus, err := usbkey.Start(cmd, key)
			require.NoError(b, err)
			require.NoError(b, cmd.Wait())
			require.NoError(b, bus.Close())
		}
	})
}

// What it adds to a command that computes.
func BenchmarkCompute(b *testing.B) { withAndWithout(b, "compute", "64") }

// What it adds to the opening of files that are no keys, a thousand at a time.
func BenchmarkThousandOpens(b *testing.B) {
	for _, how := range []string{"reading", "both"} {
		b.Run(how, func(b *testing.B) { withAndWithout(b, "opens", "/dev/null", how, "1000") })
	}
}

// A getInfo over the key, against one of the device itself.
func BenchmarkGetInfo(b *testing.B) {
	for _, over := range []string{"key", "device"} {
		b.Run(over, func(b *testing.B) {
			if over == "device" {
				device := newDevice(b)
				for b.Loop() {
					_, err := device.Exchange(b.Context(), []byte{4})
					require.NoError(b, err)
				}
				return
			}
			p := start(b, newKey(b))
			b.ResetTimer()
			require.Equal(b, "done", p.do(b, "infos", p.bus.Nodes()[0], strconv.Itoa(b.N)))
		})
	}
}

// Ten ceremonies over the key.
func BenchmarkTenPairs(b *testing.B) {
	p := start(b, newKey(b))
	for b.Loop() {
		require.Equal(b, "done", p.do(b, "ceremonies", p.bus.Nodes()[0], fmt.Sprint(10)))
	}
}
