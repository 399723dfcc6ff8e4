package fault

import (
	"encoding/binary"
	"math"

	"github.com/passkeylab/passkeylab/authenticator"
)

// Counters of CounterBackwards. The later one is above zero, because relying
// parties take zero for "does not count".
const (
	countWhenNew = 1000
	countLater   = 1
)

const counted = "WebAuthn L3 §6.1.1, §7.2 step 22"

// onCount makes a seam of a change to the counter.
func onCount(change func(count uint32, registration bool) uint32) authenticator.Seams {
	return onAuthData(inPlace(func(authData []byte) {
		count := binary.BigEndian.Uint32(authData[countAt:])
		binary.BigEndian.PutUint32(authData[countAt:], change(count, isRegistration(authData)))
	}))
}

// CounterBackwards needs no memory: whatever signed in before, the counter of a
// new credential was higher.
var CounterBackwards = Fault{
	ID:   "counter/backwards",
	Spec: counted,
	Doc:  "A new credential says that it has signed 1000 times, every assertion after that says once, as a clone that missed the others would.",
	Seams: onCount(func(_ uint32, registration bool) uint32 {
		if registration {
			return countWhenNew
		}
		return countLater
	}),
}

func counterFaults() []Fault {
	return []Fault{
		CounterBackwards,
		frozenCounter(),
		{
			ID: "counter/lost", Spec: counted,
			Doc: "Assertions say that the credential has never signed, though its registration said otherwise.",
			Seams: onCount(func(count uint32, registration bool) uint32 {
				if registration {
					return count
				}
				return 0
			}),
		}, {
			ID: "counter/jumps", Spec: "WebAuthn L3 §6.1.1",
			Doc:   "The counter moves by 65536 with each signature; relying parties have to accept that.",
			Seams: onCount(func(count uint32, _ bool) uint32 { return count << 16 }),
		}, {
			ID: "counter/overflows", Spec: counted,
			Doc: "A new credential says that the counter is as high as it can be, so that the first assertion begins from 1 again.",
			Seams: onCount(func(count uint32, registration bool) uint32 {
				if registration {
					return math.MaxUint32
				}
				return count - 1
			}),
		}, {
			ID: "counter/little-endian", Spec: "WebAuthn L3 §6.1",
			Doc: "The counter has its lowest byte first.",
			Seams: onAuthData(inPlace(func(authData []byte) {
				binary.LittleEndian.PutUint32(authData[countAt:], binary.BigEndian.Uint32(authData[countAt:]))
			})),
		}, {
			ID: "counter/not-kept", Spec: counted,
			Doc: "The counter is not stored, so that it begins anew whenever something is signed.",
			Seams: authenticator.Seams{Keep: func(change authenticator.Change) authenticator.Change {
				if change.State != nil {
					state := *change.State
					state.SignCount = 0
					change.State = &state
				}
				if len(change.Put) > 0 {
					change.Put = altered(change.Put, func(c *authenticator.Credential) { c.SignCount = 0 })
				}
				return change
			}},
		},
	}
}

// frozenCounter shows the first count again and again.
func frozenCounter() Fault {
	var first uint32
	return Fault{
		ID: "counter/frozen", Spec: counted,
		Doc: "The counter stands still above zero.",
		Seams: onCount(func(count uint32, _ bool) uint32 {
			if first == 0 {
				first = count
			}
			return first
		}),
	}
}
