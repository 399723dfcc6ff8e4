// Package seed derives every random byte of a run from one number.
//
// It owns the split of a seed into named streams, so that a device draws the
// same bytes whatever the other devices do. It must never be used for keys
// that protect anything: whoever knows the seed knows all of them.
package seed

import (
	"crypto/sha256"
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
)

// Stream returns the endless stream of pseudorandom bytes that belongs to seed
// and to a path of names. Equal arguments give equal streams; different paths
// give unrelated ones. A stream is not safe for concurrent use.
func Stream(seed uint64, path ...string) *rand.ChaCha8 {
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint64(nil, seed))
	for _, name := range path {
		// The length keeps ("ab", "c") apart from ("a", "bc").
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(name))))
		h.Write([]byte(name))
	}
	return rand.NewChaCha8([32]byte(h.Sum(nil)))
}

// Named turns a name, such as a test's, into a seed.
func Named(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}
