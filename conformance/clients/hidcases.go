package clients

import (
	"bytes"
	"encoding/binary"
	"slices"
	"time"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/ctap"
)

// hidRequestCases are about the packets that a client sends (CTAP 2.3 §11.2).
func hidRequestCases() []testCase { return hidRequests }

var hidNeeds = needs(OverHID)

var hidRequests = []testCase{
	{
		ID: "hid/packets", Spec: at("11.2.4", ""), Level: conformance.Must, Needs: hidNeeds,
		Doc:     "Packets are whole reports, on a channel that was given out, in order.",
		Catches: []string{"hid/sequence-from-one", "hid/other-channel", "hid/short-reports"},
		Run: on(func(t *trial) {
			t.device.script.hid.reports = nil
			t.device.givePIN(thePIN, 2)
			t.perform(t.creation(func(r *Request) { r.PIN = thePIN }))
			t.wellLaidOut()
		}),
	},
	{
		ID: "hid/long-request", Spec: at("11.2.4", ""), Level: conformance.Must, Needs: hidNeeds,
		Doc:     "A request of many packets arrives whole.",
		Catches: []string{"hid/sequence-from-one", "hid/padding-garbage-in-length"},
		Run: on(func(t *trial) {
			t.accepted(t.creation(func(r *Request) { r.List = t.strangers(7) }))
			t.wellLaidOut()
		}),
	},
	{
		ID: "hid/init", Spec: at("11.2.9.1.3", ""), Level: conformance.Must, Needs: hidNeeds,
		Doc:     "A client begins with CTAPHID_INIT on the broadcast channel, with a nonce of 8 bytes.",
		Catches: []string{"hid/nonce-of-seven"},
		Run: on(func(t *trial) {
			t.perform(t.creation())
			all := t.packets()
			if len(all) == 0 || !all[0].initial || all[0].command != hidInit || all[0].channel != broadcast || all[0].length != 8 {
				t.Fatalf("the first packet is not CTAPHID_INIT with 8 bytes on the broadcast channel: %x", firstOf(all))
			}
		}),
	},
	{
		ID: "hid/nonce-fresh", Spec: at("11.2.9.1.3", ""), Level: conformance.Should, Needs: hidNeeds,
		Doc:     "Every CTAPHID_INIT has a nonce of its own.",
		Catches: []string{"hid/nonce-constant"},
		Run: on(func(t *trial) {
			t.perform(t.creation())
			t.perform(t.creation())
			var seen [][]byte
			for _, p := range t.packets() {
				if !p.initial || p.command != hidInit {
					continue
				}
				nonce := p.raw[7:15]
				if slices.ContainsFunc(seen, func(b []byte) bool { return bytes.Equal(b, nonce) }) || bytes.Equal(nonce, make([]byte, 8)) {
					t.Fatalf("nonce %x is there twice, or zero", nonce)
				}
				seen = append(seen, nonce)
			}
		}),
	},
	{
		ID: "hid/padding", Spec: at("11.2.4", ""), Level: conformance.Should, Needs: hidNeeds,
		Doc:     "What the last packet of a message leaves free is zero.",
		Catches: []string{"hid/padding-garbage"},
		Run: on(func(t *trial) {
			t.perform(t.creation())
			for _, p := range t.packets() {
				if p.initial && p.length < firstData && !bytes.Equal(p.raw[7+p.length:], make([]byte, firstData-p.length)) {
					t.Fatalf("the rest of a packet is not zero: %x", p.raw)
				}
			}
		}),
	},
	{
		ID: "hid/cancel", Spec: at("11.2.9.1.5", ""), Level: conformance.Should, Needs: needs(OverHID, Cancels), Limit: limit,
		Doc:     "A request that is withdrawn while the authenticator waits for its user is cancelled by CTAPHID_CANCEL, without data, on its channel.",
		Catches: []string{"hid/never-cancels", "hid/cancel-with-data"},
		Run: on(func(t *trial) {
			t.device.script.hold = map[ctap.Command]bool{ctap.CommandMakeCredential: true}
			r := t.creation()
			r.Cancel = t.device.Held()
			t.refused(r)
			t.wellLaidOut()
			if !slices.ContainsFunc(t.packets(), func(p packet) bool { return p.initial && p.command == hidCancel }) {
				t.Fatalf("CTAPHID_CANCEL is not sent")
			}
		}),
	},
	{
		ID: "hid/patient", Spec: keepaliveSpec, Level: conformance.Must, Needs: hidNeeds, Limit: limit, Twin: createPlain,
		Doc:     "An authenticator that says for five seconds that it waits for its user is waited for.",
		Catches: []string{"hid/gives-up-waiting"},
		Run: on(func(t *trial) {
			const slow = 5 * time.Second
			touched := make(chan struct{})
			timer := time.AfterFunc(slow, func() { close(touched) })
			defer timer.Stop()
			t.device.script.after = touched
			t.accepted(t.creation())
		}),
	},
	{
		ID: "hid/one-at-a-time", Spec: at("11.2.5.1", ""), Level: conformance.MustNot, Needs: hidNeeds, Twin: createPlain,
		Doc:     "Nothing is sent but CTAPHID_CANCEL and CTAPHID_INIT before the answer to a request has come.",
		Catches: []string{"hid/impatient"},
		Run: on(func(t *trial) {
			t.device.script.hid.reports = func(command byte, _ int, honest [][]byte) [][]byte {
				if command == hidCBOR {
					return append(alive(honest, 1, 3), honest...)
				}
				return honest
			}
			t.perform(t.creation())
			t.wellLaidOut()
			if n := len(t.sent(ctap.CommandMakeCredential)); n != 1 {
				t.Fatalf("makeCredential was sent %d times", n)
			}
		}),
	},
}

func firstOf(all []packet) []byte {
	if len(all) == 0 {
		return nil
	}
	return all[0].raw
}

// wellLaidOut complains about packets that CTAPHID forbids.
func (t *trial) wellLaidOut() {
	for _, p := range t.packets() {
		if p.wrong != "" {
			t.Errorf("%s: %x", p.wrong, p.raw[:min(len(p.raw), 16)])
		}
	}
}

// alive are n keepalives on the channel of an answer.
func alive(honest [][]byte, status byte, n int) (out [][]byte) {
	for range n {
		out = append(out, split(channelOf(honest), hidAlive, []byte{status})...)
	}
	return out
}

func channelOf(reports [][]byte) uint32 { return binary.BigEndian.Uint32(reports[0]) }

// hidAnswerCases are about the packets that a client takes, and those it does not.
func hidAnswerCases() (all []testCase) {
	for _, d := range hidDefects {
		c := testCase{
			ID: "hid/answer/" + d.name, Spec: d.spec, Level: d.level, Needs: hidNeeds, Twin: createPlain, Limit: limit,
			Doc: d.doc, Catches: d.catches,
		}
		c.Run = on(func(t *trial) {
			t.device.script.hid.reports = func(command byte, n int, honest [][]byte) [][]byte {
				if command != d.to {
					return honest
				}
				return d.change(n, honest)
			}
			if d.accepted {
				t.accepted(t.creation())
			} else {
				t.refused(t.creation())
			}
		})
		all = append(all, c)
	}
	return all
}

// hidDefect is what befalls the reports of an answer.
type hidDefect struct {
	name, doc string
	spec      conformance.Spec
	level     conformance.Level
	catches   []string
	to        byte // the command whose answer is changed
	accepted  bool
	change    func(n int, honest [][]byte) [][]byte
}

// instead answers with one packet in place of the honest ones.
func instead(command byte, payload ...byte) func(int, [][]byte) [][]byte {
	return func(_ int, honest [][]byte) [][]byte { return split(channelOf(honest), command, payload) }
}

// before sends packets first.
func before(packets func(honest [][]byte) [][]byte) func(int, [][]byte) [][]byte {
	return func(_ int, honest [][]byte) [][]byte { return append(packets(honest), honest...) }
}

// edited changes a copy of one report.
func edited(reports [][]byte, n int, change func([]byte)) [][]byte {
	out := slices.Clone(reports)
	if n >= len(out) {
		return out
	}
	out[n] = bytes.Clone(out[n])
	change(out[n])
	return out
}

var (
	initSpec      = at("11.2.9.1.3", "")
	keepaliveSpec = at("11.2.9.1.7", "")
	errorSpec     = at("11.2.9.1.6", "")
	packetSpec    = at("11.2.4", "")
)

var hidDefects = []hidDefect{
	{"init-of-another", "An answer to CTAPHID_INIT whose nonce is another's is passed over.", initSpec, conformance.Should, []string{"hid/any-nonce"}, hidInit, true, before(func(honest [][]byte) [][]byte {
		return edited(honest, 0, func(r []byte) { r[7] ^= 0xFF; r[15], r[16] = 0xAA, 0xBB })
	})},
	{"init-longer", "An answer to CTAPHID_INIT of more than 17 bytes is read as far as it is known.", initSpec, conformance.Should, []string{"hid/init-of-17-only"}, hidInit, true, func(_ int, honest [][]byte) [][]byte {
		return edited(honest, 0, func(r []byte) { r[6] = 20 })
	}},
	{"init-short", "An answer to CTAPHID_INIT of fewer than 17 bytes is refused.", initSpec, conformance.Must, []string{"hid/broken-answers-taken"}, hidInit, false, func(_ int, honest [][]byte) [][]byte {
		return edited(honest, 0, func(r []byte) { r[6] = 12 })
	}},
	{"init-channel-zero", "Channel 0 is not taken from an answer to CTAPHID_INIT.", at("11.2.3", ""), conformance.Should, []string{"hid/broken-answers-taken"}, hidInit, false, func(_ int, honest [][]byte) [][]byte {
		return edited(honest, 0, func(r []byte) { copy(r[15:19], make([]byte, 4)) })
	}},
	{"init-channel-broadcast", "The broadcast channel is not taken from an answer to CTAPHID_INIT.", at("11.2.3", ""), conformance.Should, []string{"hid/broken-answers-taken"}, hidInit, false, func(_ int, honest [][]byte) [][]byte {
		return edited(honest, 0, func(r []byte) { copy(r[15:19], bytes.Repeat([]byte{0xFF}, 4)) })
	}},
	{"init-error", "An error in answer to CTAPHID_INIT ends the attempt.", errorSpec, conformance.Must, []string{"hid/errors-ignored"}, hidInit, false, instead(hidError, 0x7F)},
	{"other-channel", "Packets of other channels are passed over.", at("11.2.3", ""), conformance.Must, []string{"hid/any-channel"}, hidCBOR, true, before(func([][]byte) [][]byte {
		return split(0x0BADCAFE, hidCBOR, []byte{0x2E})
	})},
	{"other-channel-between", "Packets of other channels are passed over in the middle of an answer.", at("11.2.3", ""), conformance.Should, []string{"hid/any-channel"}, hidCBOR, true, func(_ int, honest [][]byte) [][]byte {
		other := split(0x0BADCAFE, hidCBOR, make([]byte, 200))
		return slices.Insert(slices.Clone(honest), min(1, len(honest)), other...)
	}},
	{"other-error", "An error on another channel is passed over.", at("11.2.3", ""), conformance.Must, []string{"hid/any-channel"}, hidCBOR, true, before(func([][]byte) [][]byte { return split(0x0BADCAFE, hidError, []byte{errBusy}) })},
	{"keepalives", "An answer is waited for while keepalives come.", keepaliveSpec, conformance.Must, []string{"hid/keepalive-is-an-answer"}, hidCBOR, true, before(func(h [][]byte) [][]byte { return alive(h, 2, 3) })},
	{"keepalive-flood", "An answer is waited for however many keepalives come.", keepaliveSpec, conformance.Must, []string{"hid/keepalive-is-an-answer"}, hidCBOR, true, before(func(h [][]byte) [][]byte { return alive(h, 1, 300) })},
	{"keepalive-unknown", "A keepalive of a status that nobody knows is one all the same.", keepaliveSpec, conformance.Should, []string{"hid/keepalive-is-an-answer", "hid/keepalive-status-known-only"}, hidCBOR, true, before(func(h [][]byte) [][]byte { return alive(h, 0x77, 2) })},
	{"sequence-skipped", "An answer that lacks a packet is refused.", packetSpec, conformance.Must, []string{"hid/broken-answers-taken"}, hidCBOR, false, func(n int, honest [][]byte) [][]byte {
		if len(honest) < 3 {
			return honest
		}
		return slices.Delete(slices.Clone(honest), 1, 2)
	}},
	{"sequence-twice", "An answer that has a packet twice is refused.", packetSpec, conformance.Must, []string{"hid/broken-answers-taken"}, hidCBOR, false, func(_ int, honest [][]byte) [][]byte {
		if len(honest) < 3 {
			return honest
		}
		return slices.Insert(slices.Clone(honest), 2, honest[1])
	}},
	{"sequence-from-one", "An answer whose continuation begins at 1 is refused.", packetSpec, conformance.Must, []string{"hid/broken-answers-taken"}, hidCBOR, false, func(_ int, honest [][]byte) [][]byte {
		out := slices.Clone(honest)
		for i := range out[1:] {
			out = edited(out, i+1, func(r []byte) { r[4]++ })
		}
		return out
	}},
	{"breaks-off", "An answer that breaks off is given up in the end.", at("11.2.5.2", ""), conformance.Must, []string{"hid/silence-is-an-answer"}, hidCBOR, false, func(_ int, honest [][]byte) [][]byte {
		return honest[:1]
	}},
	{"announces-too-much", "An answer that announces more than CTAPHID can carry is refused.", packetSpec, conformance.Must, []string{"hid/broken-answers-taken"}, hidCBOR, false, func(_ int, honest [][]byte) [][]byte {
		return edited(honest, 0, func(r []byte) { r[5], r[6] = 0xFF, 0xFF })
	}},
	{"other-command", "An answer to another command is not taken for the one that is waited for.", at("11.2.5.1", ""), conformance.Must, []string{"hid/broken-answers-taken"}, hidCBOR, false, func(_ int, honest [][]byte) [][]byte {
		return edited(honest, 0, func(r []byte) { r[4] = initBit | hidPing })
	}},
	{"no-data", "An answer of no bytes is refused.", at("11.2.9.1.2", ""), conformance.Must, []string{believed}, hidCBOR, false, instead(hidCBOR)},
	{"error", "An error of CTAPHID ends a request.", errorSpec, conformance.Must, []string{"hid/errors-ignored"}, hidCBOR, false, instead(hidError, 0x7F)},
	{"error-invalid-command", "Error INVALID_CMD ends a request.", errorSpec, conformance.Must, []string{"hid/errors-ignored"}, hidCBOR, false, instead(hidError, errCommand)},
	{"error-invalid-channel", "Error INVALID_CHANNEL ends a request, though the client may ask for another channel.", errorSpec, conformance.Must, []string{"hid/errors-ignored"}, hidCBOR, false, instead(hidError, errChannel)},
	{"error-unknown", "An error that nobody knows ends a request.", errorSpec, conformance.Must, []string{"hid/errors-ignored"}, hidCBOR, false, instead(hidError, 0x55)},
	{"busy-once", "A request is sent again where the authenticator was busy with another program.", errorSpec, conformance.Should, []string{"hid/busy-is-final"}, hidCBOR, true, func(n int, honest [][]byte) [][]byte {
		if n == 1 {
			return split(channelOf(honest), hidError, []byte{errBusy})
		}
		return honest
	}},
	{"silence", "An authenticator that says nothing at all is given up in the end.", at("11.2.5.2", ""), conformance.Must, []string{"hid/silence-is-an-answer"}, hidCBOR, false, func(int, [][]byte) [][]byte { return nil }},
	{"init-silence", "An authenticator that does not answer CTAPHID_INIT is given up in the end.", at("11.2.5.2", ""), conformance.Must, []string{"hid/silence-is-an-answer"}, hidInit, false, func(int, [][]byte) [][]byte { return nil }},
}
