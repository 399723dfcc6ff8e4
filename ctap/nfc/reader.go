package nfc

import (
	"errors"
	"fmt"
	"strings"

	"github.com/passkeylab/passkeylab/internal/apdu"
)

// ErrProtocol is wrapped by the errors that say that the card broke the rules of
// CTAP over NFC.
var ErrProtocol = errors.New("the card does not keep to CTAP over NFC")

// ReaderConfig says how a [Reader] goes about it. Zero fields have the usual
// values.
type ReaderConfig struct {
	Extended    bool // begin with extended lengths, because the card announces them: see [ReadATR]
	Fragment    int  // bytes of data in each part of a chain, at most 255; 240
	Hold        bool // have the card hold an exchange until it is done instead of being asked again (P1 without 0x80)
	MaxResponse int  // bytes of an answer that are taken; 8192
	MaxPolls    int  // of one request; 3000, which is five minutes
}

const (
	defaultFragment    = 240
	defaultMaxResponse = 8192
	defaultMaxPolls    = 3000
)

func (c ReaderConfig) filled() (ReaderConfig, error) {
	setDefault(&c.Fragment, defaultFragment)
	setDefault(&c.MaxResponse, defaultMaxResponse)
	setDefault(&c.MaxPolls, defaultMaxPolls)
	if c.Fragment < 0 || c.Fragment > apdu.MaxShort || c.MaxResponse < 0 || c.MaxPolls < 0 {
		return c, fmt.Errorf("nfc: Fragment is 1 to %d, MaxResponse and MaxPolls are counted from 1", apdu.MaxShort)
	}
	return c, nil
}

func setDefault(field *int, value int) {
	if *field == 0 {
		*field = value
	}
}

// Reader is the client's side: one exchange at a time, of one or more commands.
// What begins an exchange returns its first command; [Reader.Response] takes the
// response to each and tells what comes next. It knows no time. It is not safe
// for concurrent use.
type Reader struct {
	config   ReaderConfig
	extended bool   // the form of the next exchange
	ownMore  bool   // the card wants GET RESPONSE to have its own class, not 00
	version  string // of the applet
	at       *exchange
}

// Step is what a response brought.
type Step struct {
	Next []byte // the command to send now
	// Wait says to let some time pass, about 100 ms, and to send what
	// [Reader.Poll] or [Reader.Cancel] returns then; Status is what the card is
	// busy with.
	Wait    bool
	Status  KeepaliveStatus
	Done    bool // the exchange has ended, with Payload or an error
	Payload []byte
}

// NewReader returns a reader; [Reader.Select] is the first thing to do.
func NewReader(config ReaderConfig) (*Reader, error) {
	config, err := config.filled()
	if err != nil {
		return nil, err
	}
	return &Reader{config: config, extended: config.Extended}, nil
}

// Version is what the applet called itself when it was selected, [VersionU2F] or
// [VersionCTAP]. Behind the first there may be CTAP2 as well (§11.3.3).
func (r *Reader) Version() string { return r.version }

// Select begins to select the applet. The payload is its version.
func (r *Reader) Select() []byte {
	r.version = ""
	return r.begin(exchange{
		command: apdu.Command{Class: classISO, Instruction: insSelect, P1: p1ByName, Data: AID(), Expected: apdu.AllShort},
		finish:  r.selected,
	}, false)
}

// Send begins a CTAP2 request. The payload is the answer, status first; a status
// word other than [NoError] is an error.
func (r *Reader) Send(request []byte) ([]byte, error) {
	if len(request) == 0 || len(request) > apdu.MaxExtended {
		return nil, fmt.Errorf("nfc: a request of %d bytes, it has 1 to %d", len(request), apdu.MaxExtended)
	}
	command := apdu.Command{Class: classCTAP, Instruction: insMessage, P1: p1Polls, Data: request}
	if r.config.Hold {
		command.P1 = 0
	}
	return r.begin(exchange{command: command, finish: finishCTAP}, r.extended), nil
}

// SendAPDU begins a U2F command, given in any form. The payload is the response
// with its status word, which is never an error here.
func (r *Reader) SendAPDU(raw []byte) ([]byte, error) {
	command, err := apdu.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("nfc: %w", err)
	}
	if command.Class != classISO {
		return nil, fmt.Errorf("nfc: a U2F command of class 0x%02X, want 0", command.Class)
	}
	return r.begin(exchange{command: command, finish: finishU2F}, r.extended), nil
}

// End begins to tell the applet that no more will be asked (§11.3.4). The payload
// is empty.
func (r *Reader) End() []byte {
	return r.begin(exchange{
		command: apdu.Command{Class: classCTAP, Instruction: insControl, P1: p1End},
		finish:  func(data []byte, status Status) ([]byte, error) { return data, status.orNil() },
	}, false)
}

// Poll asks after the request that the card is at, once [Step.Wait] said so.
func (r *Reader) Poll() []byte { return r.ask(0) }

// Cancel asks the card to give the request up that it is at, instead of
// [Reader.Poll]. The answer is still to come: a status that says so, or what the
// card had done by then.
func (r *Reader) Cancel() []byte { return r.ask(p1Cancel) }

// Abandon ends the exchange, because no response came.
func (r *Reader) Abandon() { r.at = nil }

func (r *Reader) begin(at exchange, extended bool) []byte {
	r.at = &at
	return at.open(extended, r.config.Fragment)
}

func (r *Reader) ask(p1 byte) []byte {
	if r.at == nil {
		return nil
	}
	r.at.command = apdu.Command{Class: classCTAP, Instruction: insPoll, P1: p1}
	return r.at.open(r.at.extended, r.config.Fragment)
}

// selected takes the answer to SELECT. Cards of drafts call themselves FIDO_2_1
// and the like.
func (r *Reader) selected(data []byte, status Status) ([]byte, error) {
	if err := status.orNil(); err != nil {
		return nil, fmt.Errorf("selecting the FIDO applet: %w", err)
	}
	version := string(data)
	if version != VersionU2F && !strings.HasPrefix(version, "FIDO_2_") {
		return nil, fmt.Errorf("%w: the applet calls itself %.20q", ErrProtocol, version)
	}
	r.version = version
	return data, nil
}

func finishCTAP(data []byte, status Status) ([]byte, error) {
	if err := status.orNil(); err != nil {
		return nil, err
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("%w: an answer without a status", ErrProtocol)
	}
	return data, nil
}

func finishU2F(data []byte, status Status) ([]byte, error) {
	return apdu.Response(data, uint16(status)), nil
}

func (s Status) orNil() error {
	if s == NoError {
		return nil
	}
	return s
}
