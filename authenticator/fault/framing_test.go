package fault_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/ctap/nfc"
)

// wire is a device behind CTAPHID, and the hands of a host that believes what it is
// told.
type wire struct {
	*world
	machine *hid.Device
	now     time.Time
	pending *hid.Request
}

// readBlobs is a CTAP2 request whose answer depends on nothing else, to read the
// first hundred bytes of large blobs.
var readBlobs = []byte{byte(ctap.CommandLargeBlobs), 0xA2, 0x01, 0x18, 100, 0x03, 0x00}

// spokenByUSB is CTAPHID, transaction by transaction.
func spokenByUSB(w *world) {
	machine, err := hid.NewDevice(hid.DeviceConfig{Capabilities: hid.CanCBOR | hid.CanLock | hid.CanWink, Seams: []hid.Seams{w.fault.HID}})
	require.NoError(w.t, err)
	h := &wire{world: w, machine: machine, now: time.Unix(1_900_000_000, 0)}
	one := h.open("opening a channel", 1)
	two := h.open("opening another", 2)
	h.say("ping", one, hid.CommandPing, []byte("ping")...)
	h.say("long ping", one, hid.CommandPing, []byte(strings.Repeat("long ping ", 20))...)
	h.say("request", one, hid.CommandCBOR, readBlobs...)
	h.serve("request, answer")
	h.say("another request", two, hid.CommandCBOR, readBlobs...)
	h.serve("another request, answer")
	h.say("selection", one, hid.CommandCBOR, byte(ctap.CommandSelection))
	if h.pending != nil {
		h.heard("selection, a touch is needed", h.machine.SetStatus(h.now, h.pending.ID, hid.UserNeeded))
		h.now = h.now.Add(150 * time.Millisecond)
		h.heard("selection, keepalive", h.machine.Tick(h.now))
	}
	h.say("while busy", two, hid.CommandPing, 1)
	h.say("cancelling", one, hid.CommandCancel)
	if h.pending != nil {
		h.heard("selection, cancelled", h.machine.Answer(h.pending.ID, []byte{byte(ctap.KeepaliveCancel)}))
	}
	h.say("unknown command", one, 0x66)
	h.messages(one, two)
	h.waiting(one, two)
	h.locking(one, two)
	h.say("unknown channel", 0x1234, hid.CommandPing, 1)
	h.report("a message that stops", h.split(one, hid.CommandPing, make([]byte, 100))[0])
	h.say("opening the channel anew", one, hid.CommandInit, 1, 2, 3, 4, 5, 6, 7, 8)
	h.report("another that stops", h.split(one, hid.CommandPing, make([]byte, 100))[0])
	h.now = h.now.Add(time.Second)
	h.heard("silence", h.machine.Tick(h.now))
	h.say("wrong length", one, hid.CommandWink, 1)
	h.say("U2F version", one, hid.CommandMsg, 0, 3, 0, 0, 0, 0, 0)
	h.serve("U2F version, answer")
}

// messages are those that a device takes and answers, and those that it must not.
func (h *wire) messages(one, two hid.Channel) {
	h.say("the same nonce", hid.Broadcast, hid.CommandInit, 1, 2, 3, 4, 5, 6, 7, 8)
	h.say("empty ping", one, hid.CommandPing)
	h.say("ping of 1100 bytes", one, hid.CommandPing, make([]byte, 1100)...)
	h.say("short nonce", one, hid.CommandInit, 1, 2, 3)
	h.say("request without a command", one, hid.CommandCBOR)
	h.say("U2F without a command", one, hid.CommandMsg)
	h.say("wink", one, hid.CommandWink)
	h.say("request that fails", one, hid.CommandCBOR, 0x0F)
	h.serve("request that fails, answer")
	h.report("a packet of nothing", append(h.split(one, hid.CommandPing, make([]byte, 100))[1:], nil)[0])
	pings := h.split(one, hid.CommandPing, []byte(strings.Repeat("ping ", 40)))
	h.report("ping in the wrong order, first", pings[0])
	h.report("ping in the wrong order, third", pings[2])
	other := slices.Clone(pings[1])
	other[3] = byte(two)
	for name, interrupt := range inOrder(map[string][]byte{
		"message": h.split(two, hid.CommandPing, []byte{1})[0], "packet": other, "cancel": h.split(one, hid.CommandCancel, nil)[0],
	}) {
		for i, report := range pings {
			if i == 1 {
				h.report("interrupting by a "+name, interrupt)
			}
			h.report(fmt.Sprintf("interrupted by a %s, packet %d", name, i), report)
		}
		h.say("interrupted by a "+name+", anew", one, hid.CommandInit, 4, 4, 4, 4, 4, 4, 4, 4)
	}
	long := slices.Clone(pings[0])
	long[5], long[6] = 0xFF, 0xFF
	h.report("too long", long)
}

// waiting is what becomes of requests that wait for the user.
func (h *wire) waiting(one, two hid.Channel) {
	h.say("cancelling nothing", one, hid.CommandCancel)
	h.say("request after it", one, hid.CommandCBOR, readBlobs...)
	h.serve("request after it, answer")
	h.say("selection given up", one, hid.CommandCBOR, byte(ctap.CommandSelection))
	if h.pending != nil {
		for i := range 3 {
			h.now = h.now.Add(100 * time.Millisecond)
			h.heard(fmt.Sprintf("selection given up, keepalive %d", i), h.machine.Tick(h.now))
		}
		h.say("selection given up, cancelled by another", two, hid.CommandCancel)
		h.say("selection given up, INIT", one, hid.CommandInit, 8, 7, 6, 5, 4, 3, 2, 1)
		h.pending = nil
	}
}

func (h *wire) locking(one, two hid.Channel) {
	h.say("lock for too long", one, hid.CommandLock, 11)
	h.say("lock without seconds", one, hid.CommandLock)
	h.say("lock", one, hid.CommandLock, 2)
	h.say("locked out", two, hid.CommandPing, 1)
	h.say("release by another", two, hid.CommandLock, 0)
	h.say("locked out still", two, hid.CommandPing, 1)
	h.now = h.now.Add(3 * time.Second)
	h.say("lock is over", two, hid.CommandPing, 1)
	h.say("lock again", one, hid.CommandLock, 2)
	h.say("release", one, hid.CommandLock, 0)
	h.say("released", two, hid.CommandPing, 1)
	for _, what := range []string{"lock once more", "lock anew"} {
		h.say(what, one, hid.CommandLock, 2)
		h.now = h.now.Add(1500 * time.Millisecond)
	}
	h.say("locked out by it", two, hid.CommandPing, 1)
	h.say("release in the end", one, hid.CommandLock, 0)
}

func (h *wire) open(what string, nonce byte) hid.Channel {
	out := h.say(what, hid.Broadcast, hid.CommandInit, nonce, 2, 3, 4, 5, 6, 7, 8)
	if len(out.Reports) == 0 || len(out.Reports[0]) < 19 {
		return 1
	}
	return hid.ChannelOf(out.Reports[0][15:])
}

func (h *wire) split(channel hid.Channel, command hid.Command, payload []byte) [][]byte {
	reports, err := hid.Split(hid.DefaultReport, channel, command, payload)
	require.NoError(h.t, err)
	return reports
}

// say sends a message and notes what comes of it.
func (h *wire) say(what string, channel hid.Channel, command hid.Command, payload ...byte) hid.Outcome {
	var all hid.Outcome
	for _, report := range h.split(channel, command, payload) {
		out := h.machine.Report(h.now, report)
		all.Reports = append(all.Reports, out.Reports...)
		all.Stop = all.Stop || out.Stop
		if out.Request != nil {
			all.Request = out.Request
		}
	}
	return h.heard(what, all)
}

func (h *wire) report(what string, report []byte) { h.heard(what, h.machine.Report(h.now, report)) }

func (h *wire) heard(what string, out hid.Outcome) hid.Outcome {
	if out.Request != nil {
		h.pending = out.Request
	}
	var lines []string
	for _, report := range out.Reports {
		lines = append(lines, readable(report))
	}
	if out.Request != nil {
		lines = append(lines, "in processing")
	}
	if out.Stop {
		lines = append(lines, "stops")
	}
	h.see(what, "%s", strings.Join(lines, "; "))
	return out
}

// readable shows a report without its padding.
func readable(report []byte) string {
	text := hex.EncodeToString(report)
	if len(report) >= 7 {
		text = fmt.Sprintf("%x %02x %x", report[:4], report[4], report[5:])
	}
	text = strings.TrimRight(text, "0")
	if len(text) > 60 {
		text = text[:60] + "…"
	}
	if len(report) != hid.DefaultReport {
		text += fmt.Sprintf(" (%d bytes)", len(report))
	}
	return text
}

// serve has the device answer what is in processing.
func (h *wire) serve(what string) {
	if h.pending == nil {
		h.see(what, "there is no request")
		return
	}
	var answer []byte
	var err error
	if h.pending.Command == hid.CommandMsg {
		answer, err = h.device.ExchangeAPDU(h.t.Context(), h.pending.Payload)
	} else {
		answer, err = h.device.Exchange(h.t.Context(), h.pending.Payload)
	}
	require.NoError(h.t, err)
	h.heard(what, h.machine.Answer(h.pending.ID, answer))
	h.pending = nil
}

// heldToReader is a card in the field of a reader.
func heldToReader(w *world) {
	card, err := nfc.NewCard(nfc.CardConfig{U2F: true, Seams: []nfc.Seams{w.fault.NFC}})
	require.NoError(w.t, err)
	now := time.Unix(1_900_000_000, 0)
	card.FieldOn(now)
	say := func(what, command string) {
		raw, err := hex.DecodeString(strings.ReplaceAll(command, " ", ""))
		require.NoError(w.t, err)
		out := card.Command(now, raw)
		if out.Request != nil {
			exchange := w.device.Exchange
			if out.Request.U2F {
				exchange = w.device.ExchangeAPDU
			}
			answer, err := exchange(w.t.Context(), out.Request.Payload)
			require.NoError(w.t, err)
			out = card.Answer(out.Request.ID, answer)
		}
		w.see(what, "%s", short(out.Response))
	}
	say("another applet", "00A40400 08 A0000003080000 01 00")
	say("selecting", "00A40400 08 A0000006472F0001 00")
	say("getInfo", "80100000 01 04 00")
	say("the rest of it", "00C00000 00")
	say("getInfo, extended", "80100000 000001 04 0000")
	say("in parts, first", "90100000 01 04 00")
	say("in parts, last", "80100000 01 00 00")
	say("in parts that do not go together, first", "90100000 01 04 00")
	say("in parts that do not go together, last", "80108000 01 00 00")
	say("unknown command", "80100000 01 55 00")
	say("unknown instruction", "80550000 00")
	say("selecting again", "00A40400 08 A0000006472F0001 00")
	say("selecting without Le", "00A40400 08 A0000006472F0001")
	say("selecting otherwise", "00A40300 08 A0000006472F0001 00")
	say("request of P2", "80100001 01 04 00")
	say("unknown class", "E0100000 01 04 00")
	say("getInfo, 16 bytes", "80100000 01 04 10")
	say("getInfo, the rest of it", "00C00000 10")
	say("getInfo, all the rest", "00C00000 00")
	say("getInfo, more than that", "00C00000 00")
	say("getInfo, still more", "00C00000 00")
	say("asking after nothing", "80110000 00")
	say("getInfo that may poll", "80108000 01 04 00")
	say("a chain that ends", "90100000 02 0102")
	say("a chain that ends, another command", "00A40400 08 A0000006472F0001 00")
	say("a chain that ends, getInfo", "80100000 01 04 00")
	say("registering", "00010000 40"+strings.Repeat("41", 64)+"00")
	for i := range 9 {
		say(fmt.Sprintf("a long chain, %d", i), "901000000003E8"+strings.Repeat("04", 1000))
	}
	say("a long chain, last", "80100000 01 04 00")
	say("another applet midway", "00A40400 08 A0000003080000 01 00")
	say("request for it", "80100000 01 04 00")
	say("selecting after it", "00A40400 08 A0000006472F0001 00")
	say("END", "80120100")
	say("request after END", "80100000 01 04 00")
	say("selecting after END", "00A40400 08 A0000006472F0001 00")
	raw, err := hex.DecodeString("80108000010B00")
	require.NoError(w.t, err)
	card.Command(now, raw)
	w.see("waiting for a touch", "%s", short(card.Tick(card.Deadline()).Response))
	say("asking again", "8011000000")
	w.see("still waiting", "%s", short(card.Tick(card.Deadline()).Response))
	say("cancelling", "8011110000")
	w.see("cancelled", "%s", short(card.Tick(card.Deadline()).Response))
	card.Command(now, raw)
	w.see("waiting once more", "%s", short(card.Tick(card.Deadline()).Response))
	say("selecting midway", "00A40400 08 A0000006472F0001 00")
	say("a probe", "9060000000")
	say("getInfo after it", "80100000 01 04 00")
}

func short(response []byte) string {
	if len(response) > 20 {
		return fmt.Sprintf("%x… %x (%d bytes)", response[:8], response[len(response)-2:], len(response))
	}
	return hex.EncodeToString(response)
}

// cancelling gives a request up while the user is asked.
func cancelling(w *world) {
	w.create("passkey", creation())
	w.user.Always(authenticator.Ignore)
	for name, req := range inOrder(map[string]ctap.Request{"creation": creation(forUser("bob")), "selection": new(ctap.SelectionRequest), "sign-in": signIn(unverified)}) {
		raw, err := ctap.EncodeRequest(req)
		require.NoError(w.t, err)
		ctx, cancel := context.WithCancel(w.t.Context())
		asked := len(w.user.Asked())
		done := make(chan []byte, 1)
		go func() {
			answer, _ := w.device.Exchange(ctx, raw)
			done <- answer
		}()
		waiting, stop := context.WithCancel(ctx)
		go func() {
			answer := <-done
			stop()
			done <- answer
		}()
		_ = w.user.AwaitAsked(waiting, asked+1)
		cancel()
		<-waiting.Done()
		status, _ := ended(<-done)
		w.see(name+" cancelled", "%s", status)
		stop()
	}
}
