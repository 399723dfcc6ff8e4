package pcsc

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Whatever pcscd answers, a client comes to an end.
func FuzzAnswers(f *testing.F) {
	words := func(values ...uint32) (out []byte) {
		for _, v := range values {
			out = binary.NativeEndian.AppendUint32(out, v)
		}
		return out
	}
	// Readers and their names are long, and dull to mutate.
	states, name := make([]byte, 16*184-184), make([]byte, 128)
	copy(name, "one")
	opened := append(words(4, 4, 0), words(2, 9, 0)...)
	state := append(words(1, 4, 1), make([]byte, 44)...)
	transmitted := words(7, 2, 16, 1, 2, 16, 2, 0)
	f.Add(opened, state, words(7, 2, 0), append(transmitted, 0x90, 0x00))
	f.Add(opened, state, words(7, 2, 0), transmitted)
	f.Add(opened, state, words(7, 2, 0x8010000C), []byte{})
	f.Add(words(4, 9, 0x8010001E), []byte{}, []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, opened, state, connected, rest []byte) {
		said := slices.Concat(opened, name, state, states, make([]byte, 140), connected, rest)
		ours, theirs := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, theirs) }()
		go func() {
			_, _ = theirs.Write(said)
			_ = theirs.Close()
		}()
		defer ours.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		d := &daemon{conn: ours}
		if _, err := d.open(ctx, firstMinor); err != nil {
			return
		}
		c := &Card{daemon: d}
		if err := c.open(ctx, "one"); err != nil {
			return
		}
		response, err := c.Transmit(ctx, []byte{0, 3, 0, 0, 0})
		require.True(t, err == nil || response == nil)
		require.LessOrEqual(t, len(response), maxAPDU)
		_ = c.Close()
	})
}
