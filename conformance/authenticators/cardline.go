package authenticators

import (
	"errors"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/iso7816"
	"github.com/passkeylab/passkeylab/internal/report"
)

// Of APDUs (§11.3).
const (
	classISO  = 0x00
	classCTAP = 0x80

	insCTAP    = 0x10 // NFCCTAP_MSG
	insPoll    = 0x11 // NFCCTAP_GETRESPONSE
	insControl = 0x12 // NFCCTAP_CONTROL
	insSelect  = 0xA4
	insMore    = 0xC0 // GET RESPONSE

	pollsP1  = 0x80 // of insCTAP: the client can ask again
	cancelP1 = 0x11 // of insPoll
	endP1    = 0x01 // of insControl

	swOK         = 0x9000
	swWaiting    = 0x9100
	swMore       = 0x61 // first byte
	swLength     = 0x6700
	swConditions = 0x6985
	swNotFound   = 0x6A82
	swParameters = 0x6A86
	swIns        = 0x6D00
	swClass      = 0x6E00
)

// fidoAID is the identifier of the FIDO applet (§11.3.3).
var fidoAID = []byte{0xA0, 0x00, 0x00, 0x06, 0x47, 0x2F, 0x00, 0x01}

// reader is what the card of one case is held to.
type reader struct {
	*key
	card Card
}

// carriesAPDUs is met where the device can be spoken to as a card. It comes last among
// the needs of a case, as [carriesReports] does.
var carriesAPDUs = need{Name: "APDUs", Met: func(c *conformance.Check) bool {
	k := newKey(c)
	if k.reader != nil {
		return true
	}
	carried, ok := k.device.(Carried)
	if !ok {
		return false
	}
	card, err := carried.OpenCard(c.Context())
	switch {
	case errors.Is(err, ErrNotCarried):
		return false
	case err != nil:
		c.Brokenf("no way for APDUs to the device: %v", err)
	}
	k.reader = &reader{k, card}
	c.Cleanup(func() { _ = card.Close() })
	return true
}}

// overNFC are the needs of a case that speaks in APDUs itself.
func overNFC(more ...need) []need { return append(slices.Clone(more), carriesAPDUs) }

// onReader makes a case's function of one over readers.
func onReader(run func(*reader)) func(*conformance.Check) {
	return func(c *conformance.Check) { run(newKey(c).reader) }
}

// onApplet is onReader for cases that begin with the applet selected.
func onApplet(run func(*reader)) func(*conformance.Check) {
	return onReader(func(r *reader) {
		r.selectApplet()
		run(r)
	})
}

var insNames = map[byte]string{
	insCTAP: "NFCCTAP_MSG", insPoll: "NFCCTAP_GETRESPONSE", insControl: "NFCCTAP_CONTROL", insSelect: "SELECT", insMore: "GET RESPONSE",
}

// transmit sends a command and returns the response, in its parts.
func (r *reader) transmit(c iso7816.Command) (data []byte, status uint16) {
	name, ok := insNames[c.Instruction]
	if !ok {
		name = fmt.Sprintf("instruction %02X", c.Instruction)
	}
	command := c.Bytes()
	r.Record(report.Message{From: "judge", To: "device", Layer: "APDU", Name: name, Bytes: command}, undecoded)
	response, err := r.card.Transmit(r.Context(), command)
	switch {
	case err != nil && r.Context().Err() != nil:
		r.Brokenf("no response came within the time of the case: %v", err)
	case err != nil:
		r.Brokenf("the card could not be asked: %v", err)
	}
	data, status, ok = iso7816.Split(response)
	r.Record(report.Message{From: "device", To: "judge", Layer: "APDU", Name: name, Status: fmt.Sprintf("%04X", status), Bytes: response[:min(len(response), maxAnswer)]}, undecoded)
	if !ok || len(response) > maxAnswer+2 {
		r.Differ("data of at most 65536 bytes and a status word", fmt.Sprintf("%d bytes", len(response)), "the response to %s is none", name)
		r.FailNow()
	}
	return data, status
}

// words ends the case unless a status word is one of those wanted.
func (r *reader) words(status uint16, want ...uint16) {
	if slices.Contains(want, status) {
		return
	}
	r.Differ(fmt.Sprintf("%04X", want), fmt.Sprintf("%04X", status), "the response has another status word")
	r.FailNow()
}

// rejected ends the case where a command succeeded, or has more to say.
func (r *reader) rejected(status uint16) {
	if high := status >> 8; high == 0x90 || high == swMore || high == 0x91 {
		r.Differ("an error", fmt.Sprintf("%04X", status), "the command succeeded")
		r.FailNow()
	}
}

// bare ends the case where data come with a status word that has none.
func (r *reader) bare(data []byte) {
	if len(data) > 0 {
		r.Differ("a status word alone", fmt.Sprintf("%d bytes before it", len(data)), "the response has data")
		r.FailNow()
	}
}

func selectCommand(aid []byte) iso7816.Command {
	return iso7816.Command{Class: classISO, Instruction: insSelect, P1: 0x04, Data: aid}
}

// selectApplet selects the applet, and returns what it says that it is.
func (r *reader) selectApplet() string {
	data, status := r.transmit(selectCommand(fidoAID))
	r.words(status, swOK)
	return string(data)
}

// nfcMessage is a CTAP2 request as a card is sent it.
func nfcMessage(q request) iso7816.Command {
	return iso7816.Command{Class: classCTAP, Instruction: insCTAP, Data: q.bytes()}
}

// mostParts is more than any answer takes.
const mostParts = 300

// whole sends a command and fetches all of its response (§11.3.6).
func (r *reader) whole(c iso7816.Command) (data []byte, status uint16) {
	data, status = r.transmit(c)
	all := slices.Clone(data)
	for parts := 0; status>>8 == swMore; parts++ {
		if parts == mostParts {
			r.Fatalf("the response has more than %d parts", mostParts)
		}
		data, status = r.more(c, int(status&0xFF))
		if len(data) == 0 && status>>8 == swMore {
			r.Fatalf("the card promises more and has nothing")
		}
		all = append(all, data...)
	}
	return all, status
}

// more is GET RESPONSE. A card that does not know it in the class of ISO 7816 may know
// it in its own.
func (r *reader) more(c iso7816.Command, le int) (data []byte, status uint16) {
	get := iso7816.Command{Class: classISO, Instruction: insMore, Le: le}
	data, status = r.transmit(get)
	if (status == swIns || status == swClass) && c.Class != classISO {
		get.Class = c.Class
		return r.transmit(get)
	}
	return data, status
}

// ctap sends a CTAP2 request and returns its answer.
func (r *reader) ctap(q request, c iso7816.Command) answer {
	data, status := r.whole(c)
	return r.answered(q, data, status)
}

func (r *reader) answered(q request, data []byte, status uint16) answer {
	r.words(status, swOK)
	if len(data) == 0 {
		r.Fatalf("the answer has no bytes, not even a status")
	}
	return read(q.bytes(), data)
}

// alive finds out whether the applet serves CTAP2.
func (r *reader) alive() {
	q := getInfoRequest()
	r.expectOK(r.ctap(q, nfcMessage(q)))
}
