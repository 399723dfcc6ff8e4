package nfc

import (
	"fmt"

	"github.com/passkeylab/passkeylab/internal/apdu"
)

// exchange is a command of a [Reader], in as many parts as its form needs, with
// all that comes of it.
type exchange struct {
	command  apdu.Command // as a whole
	extended bool
	finish   func(data []byte, status Status) ([]byte, error)

	left     []byte       // of the command's data, to be sent yet
	last     apdu.Command // what was sent last
	switched bool         // the other form was tried
	resent   bool         // the last command had its Le corrected
	fetching bool         // GET RESPONSE was sent
	answer   []byte
	polls    int
}

// open begins to send the command in a form. The two are never mixed within one
// exchange (§11.3.5).
func (e *exchange) open(extended bool, fragment int) []byte {
	e.extended, e.left, e.answer, e.fetching = extended, e.command.Data, nil, false
	return e.proceed(fragment)
}

// proceed sends the next part, or all of it.
func (e *exchange) proceed(fragment int) []byte {
	e.resent = false
	part := e.command
	part.Extended, part.Expected = e.extended, apdu.AllShort
	switch {
	case e.extended:
		part.Expected = apdu.AllExtended
	case len(e.left) > apdu.MaxShort || e.chaining() && len(e.left) > fragment:
		part.Class, part.Data, part.Expected = part.Class|chainBit, e.left[:fragment], 0
	default:
		part.Data = e.left
	}
	e.left = e.left[len(part.Data):]
	return e.send(part)
}

// chaining tells whether parts have been sent already.
func (e *exchange) chaining() bool { return len(e.left) < len(e.command.Data) }

func (e *exchange) send(command apdu.Command) []byte {
	e.last = command
	raw, _ := command.Encode() // its lengths are within the form
	return raw
}

// Response takes the response to the command sent last. The error ends the
// exchange: it is a [Status] of the card, or wraps [ErrProtocol].
func (r *Reader) Response(raw []byte) (Step, error) {
	if r.at == nil {
		return Step{}, nil
	}
	step, err := r.respond(raw)
	if step.Done = step.Done || err != nil; step.Done {
		r.at = nil
	}
	return step, err
}

func (r *Reader) respond(raw []byte) (Step, error) {
	e := r.at
	data, word, err := apdu.Split(raw)
	if err != nil {
		return Step{}, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	status, low := Status(word), int(word&0xFF)
	if len(e.answer)+len(data) > r.config.MaxResponse {
		return Step{}, fmt.Errorf("%w: an answer of more than %d bytes", ErrProtocol, r.config.MaxResponse)
	}
	switch {
	case r.isRefusedMore(status):
		r.ownMore = true
		return Step{Next: r.fetch(e.last.Expected)}, nil
	case word>>8 == wrongLe && !e.resent && e.last.Class&chainBit == 0:
		e.resent = true
		e.last.Expected = orAll(low)
		return Step{Next: e.send(e.last)}, nil
	case e.last.Class&chainBit != 0 && status == NoError:
		return Step{Next: e.proceed(r.config.Fragment)}, nil
	case r.otherForm(status):
		return Step{Next: e.open(r.extended, r.config.Fragment)}, nil
	}
	e.answer = append(e.answer, data...)
	switch {
	case word>>8 == moreToCome:
		return r.goOn(len(data), orAll(low))
	case status == StillProcessing && e.command.Class == classCTAP:
		return r.wait(data)
	}
	payload, err := e.finish(e.answer, status)
	return Step{Done: true, Payload: payload}, err
}

// orAll reads the number 0 in a status word as the largest one.
func orAll(n int) int {
	if n == 0 {
		return apdu.AllShort
	}
	return n
}

// goOn fetches the next part of the answer. Only a command may be answered
// without any of it, as a card of T=0 does; so answers end.
func (r *Reader) goOn(got, left int) (Step, error) {
	if got == 0 && r.at.fetching {
		return Step{}, fmt.Errorf("%w: it promises more and has nothing", ErrProtocol)
	}
	return Step{Next: r.fetch(left)}, nil
}

// fetch is GET RESPONSE, of the class that the card takes.
func (r *Reader) fetch(expected int) []byte {
	r.at.fetching, r.at.resent = true, false
	command := apdu.Command{Class: classISO, Instruction: insMore, Expected: expected, Extended: r.at.extended}
	if r.ownMore {
		command.Class = classCTAP
	}
	return r.at.send(command)
}

// isRefusedMore tells whether the card wants another class of GET RESPONSE.
func (r *Reader) isRefusedMore(status Status) bool {
	return r.at.fetching && !r.ownMore && (status == ClassNotSupported || status == InstructionNotSupported)
}

// otherForm tells whether a command should be tried in the other form, because
// the card does not know the one it came in. It learns that for good.
func (r *Reader) otherForm(status Status) bool {
	e := r.at
	refused := e.extended && status == WrongLength
	if e.last.Class&chainBit != 0 {
		refused = status == ChainingNotSupported || status == ClassNotSupported || status == InstructionNotSupported || status == WrongLength
	}
	if !refused || e.switched || e.fetching {
		return false
	}
	e.switched, r.extended = true, !e.extended
	return true
}

// wait has the card asked again later.
func (r *Reader) wait(data []byte) (Step, error) {
	e := r.at
	if e.polls++; e.polls > r.config.MaxPolls {
		return Step{}, fmt.Errorf("%w: it has come to no end after it was asked %d times", ErrProtocol, r.config.MaxPolls)
	}
	if r.config.Hold {
		return Step{}, fmt.Errorf("%w: it wants to be asked again although it was not told that it may", ErrProtocol)
	}
	step := Step{Wait: true, Status: Processing}
	if len(data) > 0 {
		step.Status = KeepaliveStatus(data[0])
	}
	return step, nil
}
