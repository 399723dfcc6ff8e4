package main

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A question that nobody answers in time costs the next one nothing.
func TestTypedTooLate(t *testing.T) {
	t.Parallel()
	in, keyboard := io.Pipe()
	c := &console{Context: t.Context(), in: in, err: io.Discard}
	for range 3 {
		ctx, giveUp := context.WithCancel(t.Context())
		giveUp()
		require.ErrorIs(t, c.askToReplug(ctx), context.Canceled)
	}
	go func() {
		_, _ = io.WriteString(keyboard, "\n")
		keyboard.Close()
	}()
	require.NoError(t, c.askToReplug(t.Context()))
	assert.ErrorIs(t, c.askToReplug(t.Context()), io.EOF)
	assert.ErrorIs(t, c.askToReplug(t.Context()), io.EOF, "for good")
}
