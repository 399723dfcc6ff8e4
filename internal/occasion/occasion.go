// Package occasion decides on which of the occasions that it has something acts.
//
// It owns the counting and the drawing. It must never know what acts, nor on what.
package occasion

import (
	"encoding/binary"
	"io"
	"sync"
	"sync/atomic"
)

// Nth returns a maker of functions that each tell whether they are called for the nth
// time, counted from 1. They are safe for concurrent use.
func Nth(n int) (counter func() func() bool) {
	return func() func() bool {
		var calls atomic.Int64
		return func() bool { return calls.Add(1) == int64(n) }
	}
}

// Share returns a maker of functions that say yes to a share p of their calls, 0 to 1.
// All of them draw from random, 8 bytes a call: with the same stream they say the same. A
// random that fails decides against it. They are safe for concurrent use.
func Share(p float64, random io.Reader) (drawer func() func() bool) {
	var mu sync.Mutex
	due := func() bool {
		mu.Lock()
		defer mu.Unlock()
		var draw [8]byte
		_, err := io.ReadFull(random, draw[:])
		const bits = 53 // of a float64's precision
		return err == nil && float64(binary.BigEndian.Uint64(draw[:])>>(64-bits))/(1<<bits) < p
	}
	return func() func() bool { return due }
}
