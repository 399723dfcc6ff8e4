package fault

import (
	"io"

	"github.com/passkeylab/passkeylab/internal/occasion"
)

// Once limits f to the first time that it would make a difference. Each call of
// Once counts anew.
func (f Fault) Once() Fault { return f.OnCall(1) }

// OnCall limits f to the nth time, counted from 1, that each of its seams would make
// a difference: the nth signature that it would spoil, the nth touch that it would
// do without. Each call of OnCall counts anew.
//
// A step that a fault leaves out and that does more than check, such as asking for a
// touch, counts each time.
//
// What a fault does to Env is limited where it concerns the user: it acts at the nth
// prompt that it would answer in another way. Where it concerns the store, the clock or the randomness, it is
// not limited: there is no occasion on which it acts.
func (f Fault) OnCall(n int) Fault { return f.limited(occasion.Nth(n)) }

// Sometimes limits f to a share p of the times, 0 to 1, that it would make a
// difference. random decides, 8 bytes for each of them: with the same stream, such as
// one of a seed, it does so in the same way. A random that fails decides against it.
func (f Fault) Sometimes(p float64, random io.Reader) Fault {
	return f.limited(occasion.Share(p, random))
}

// limited asks occasions, for each seam, for a function that tells whether this is
// an occasion to act.
func (f Fault) limited(occasions func() func() bool) Fault {
	limitDevice(&f.Seams, occasions)
	f.HID.Heard = limit(occasions(), sameBytes, f.HID.Heard)
	f.HID.Said = limit(occasions(), sameReports, f.HID.Said)
	f.NFC.Heard = limit(occasions(), sameBytes, f.NFC.Heard)
	f.NFC.Said = limit(occasions(), sameBytes, f.NFC.Said)
	limitClient(&f.Client, occasions)
	return f
}

// limit has a seam act only where due says so. What it would leave as it is, is no
// occasion.
func limit[V any](due func() bool, same func(a, b V) bool, seam func(V) V) func(V) V {
	if seam == nil {
		return nil
	}
	return func(v V) V {
		if spoiled := seam(v); same(v, spoiled) || due() {
			return spoiled
		}
		return v
	}
}
