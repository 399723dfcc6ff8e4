package fault

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

// Packets of CTAPHID (CTAP 2.3 §11.2.4), by their fifth byte.
const (
	packetInit      = 0x80 | byte(hid.CommandInit)
	packetCBOR      = 0x80 | byte(hid.CommandCBOR)
	packetCancel    = 0x80 | byte(hid.CommandCancel)
	packetKeepalive = 0x80 | byte(hid.CommandKeepalive)
	packetError     = 0x80 | byte(hid.CommandError)
)

func isInitial(r []byte) bool { return len(r) > 7 && r[4]&0x80 != 0 }

func one(change func(r []byte)) func([]byte) [][]byte {
	return func(r []byte) [][]byte {
		if len(r) > 7 {
			change(r)
		}
		return [][]byte{r}
	}
}

func hidFaults() []Fault {
	const spec = "CTAP 2.3 §11.2"
	sent := func(id, doc string, change func(r []byte)) Fault {
		return Fault{ID: "hid/" + id, Spec: spec + ".4", Doc: doc, Sent: one(change)}
	}
	heard := func(id, doc string, change func(r []byte)) Fault {
		return Fault{ID: "hid/" + id, Spec: spec, Doc: doc, Heard: one(change)}
	}
	thrown := func(id, doc string, is func(error) bool) Fault {
		return Fault{ID: "hid/" + id, Spec: spec + ".5", Doc: doc, Thrown: func(err error) error {
			if is(err) {
				return nil
			}
			return err
		}}
	}
	return []Fault{
		sent("sequence-from-one", "Continuation packets are counted from 1.", func(r []byte) {
			if !isInitial(r) {
				r[4]++
			}
		}),
		sent("other-channel", "Requests are sent on another channel than was given out.", func(r []byte) {
			if binary.BigEndian.Uint32(r) != uint32(hid.Broadcast) {
				r[3]++
			}
		}),
		{ID: "hid/short-reports", Spec: spec + ".4", Doc: "Reports lack their last byte.", Sent: func(r []byte) [][]byte { return [][]byte{r[:len(r)-1]} }},
		sent("padding-garbage-in-length", "A request is announced with one byte more than it has.", func(r []byte) {
			if r[4] == packetCBOR {
				binary.BigEndian.PutUint16(r[5:], binary.BigEndian.Uint16(r[5:])+1)
			}
		}),
		sent("nonce-of-seven", "CTAPHID_INIT has a nonce of seven bytes.", func(r []byte) {
			if r[4] == packetInit {
				r[6] = 7
			}
		}),
		constantNonce(),
		sent("padding-garbage", "What a packet leaves free is not zero.", func(r []byte) {
			if n := 7 + int(binary.BigEndian.Uint16(r[5:])); isInitial(r) && n < len(r) {
				for i := range r[n:] {
					r[n+i] = 0xEE
				}
			}
		}),
		{ID: "hid/never-cancels", Spec: spec + ".9.1.5", Doc: "CTAPHID_CANCEL is never sent.", Sent: func(r []byte) [][]byte {
			if r[4] == packetCancel {
				return nil
			}
			return [][]byte{r}
		}},
		sent("cancel-with-data", "CTAPHID_CANCEL is sent with a byte of data.", func(r []byte) {
			if r[4] == packetCancel {
				r[6] = 1
			}
		}),
		{ID: "hid/gives-up-waiting", Spec: spec + ".9.1.7", Doc: "An authenticator that waits for its user is waited for two seconds.", Messages: func(next Exchange) Exchange {
			return func(ctx context.Context, request []byte) ([]byte, error) {
				short, done := context.WithTimeout(ctx, 2*time.Second)
				defer done()
				return next(short, request)
			}
		}},
		{ID: "hid/impatient", Spec: spec + ".5.1", Doc: "Every packet of a request is sent twice.", Sent: func(r []byte) [][]byte {
			if r[4] == packetCBOR || !isInitial(r) {
				return [][]byte{r, r}
			}
			return [][]byte{r}
		}},
		anyNonce(),
		{ID: "hid/init-of-17-only", Spec: spec + ".9.1.3", Doc: "An answer to CTAPHID_INIT of more than 17 bytes is passed over.", Heard: func(r []byte) [][]byte {
			if len(r) > 7 && r[4] == packetInit && r[6] > 17 {
				return nil
			}
			return [][]byte{r}
		}},
		anyChannel(),
		heard("keepalive-is-an-answer", "A keepalive is taken for the answer.", func(r []byte) {
			if r[4] == packetKeepalive {
				r[4] = packetCBOR
			}
		}),
		heard("keepalive-status-known-only", "A keepalive of a status that the client does not know ends the request.", func(r []byte) {
			if r[4] == packetKeepalive && r[7] > 2 {
				r[4], r[7] = packetError, 0x7F
			}
		}),
		heard("busy-is-final", "An authenticator that is busy is not asked again.", func(r []byte) {
			if r[4] == packetError && hid.Error(r[7]) == hid.ChannelBusy {
				r[7] = 0x7F
			}
		}),
		thrown("errors-ignored", "An error of CTAPHID is taken for a success.", func(err error) bool { var code hid.Error; return errors.As(err, &code) }),
		thrown("broken-answers-taken", "An answer whose packets are not in order is taken.", func(err error) bool { return errors.Is(err, hid.ErrProtocol) }),
		thrown("silence-is-an-answer", "That nothing is heard is taken for a success.", func(err error) bool { return mentions(err, "fallen silent") }),
	}
}

// mentions reports whether an error, or one that it wraps, has a text.
func mentions(err error, text string) bool {
	if err == nil || strings.Contains(err.Error(), text) {
		return err != nil
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		return slices.ContainsFunc(several.Unwrap(), func(e error) bool { return mentions(e, text) })
	}
	return mentions(errors.Unwrap(err), text)
}

// constantNonce sends one nonce always, and has the client find its own again.
func constantNonce() Fault {
	var own [8]byte
	return Fault{
		ID: "hid/nonce-constant", Spec: "CTAP 2.3 §11.2.9.1.3", Doc: "Every CTAPHID_INIT has the same nonce.",
		Sent: one(func(r []byte) {
			if r[4] == packetInit {
				copy(own[:], r[7:15])
				copy(r[7:15], "constant")
			}
		}),
		Heard: one(func(r []byte) {
			if r[4] == packetInit {
				copy(r[7:15], own[:])
			}
		}),
	}
}

// anyNonce has every answer to CTAPHID_INIT be the client's.
func anyNonce() Fault {
	var own [8]byte
	return Fault{
		ID: "hid/any-nonce", Spec: "CTAP 2.3 §11.2.9.1.3", Doc: "Answers to the CTAPHID_INIT of others are taken.",
		Sent: one(func(r []byte) {
			if r[4] == packetInit {
				copy(own[:], r[7:15])
			}
		}),
		Heard: one(func(r []byte) {
			if r[4] == packetInit {
				copy(r[7:15], own[:])
			}
		}),
	}
}

// anyChannel has every packet be on the client's channel.
func anyChannel() Fault {
	own := make([]byte, 4)
	return Fault{
		ID: "hid/any-channel", Spec: "CTAP 2.3 §11.2.3", Doc: "Packets of other channels are taken.",
		Sent:  one(func(r []byte) { copy(own, r) }),
		Heard: one(func(r []byte) { copy(r, own) }),
	}
}
