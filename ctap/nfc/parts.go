package nfc

import (
	"time"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/apdu"
)

// parts is an answer of which a reader takes as much at a time as it has room for
// (§11.3.6).
type parts struct {
	data   []byte
	status Status // of the last part, 0 where there is nothing to fetch
}

// next returns the response with the next part.
func (p *parts) next(room int) []byte {
	n := min(room, len(p.data))
	part, left := p.data[:n], p.data[n:]
	if len(left) == 0 {
		status := p.status
		*p = parts{}
		return apdu.Response(part, uint16(status))
	}
	p.data = left
	return apdu.Response(part, moreToCome<<8|uint16(bytesLeft(len(left))))
}

// bytesLeft is what the second byte of the status word says: 0 for all that is
// more than it could.
func bytesLeft(n int) byte {
	if n >= apdu.AllShort {
		return 0
	}
	return byte(n)
}

// room is how much a reader takes at once. One that does not say takes all that
// the form has room for.
func room(command apdu.Command) int {
	switch {
	case command.Expected > 0:
		return command.Expected
	case command.Extended:
		return apdu.AllExtended
	}
	return apdu.AllShort
}

// chain is a command that comes in parts, each of which but the last announces
// another (§11.3.5).
type chain struct {
	open    bool
	head    [4]byte // without the bit that announces
	data    []byte
	tooLong bool
}

func chainHead(command apdu.Command) [4]byte {
	return [4]byte{command.Class &^ chainBit, command.Instruction, command.P1, command.P2}
}

// take adds the part that a command is. One that does not go on with the chain
// begins a new one. Of a chain beyond the limit nothing is kept.
func (c *chain) take(command apdu.Command, limit int) {
	if head := chainHead(command); !c.open || c.head != head {
		*c = chain{open: true, head: head}
	}
	if c.tooLong = c.tooLong || len(c.data)+len(command.Data) > limit; c.tooLong {
		c.data = nil
		return
	}
	c.data = append(c.data, command.Data...)
}

// assemble adds a command to the chain that it may end, and tells whether it is
// complete. Of one that is not, the reader hears that it arrived.
func (c *Card) assemble(command apdu.Command, out *Outcome) (whole chain, complete bool) {
	c.chain.take(command, c.config.MaxMessage)
	if command.Class&chainBit != 0 {
		c.respond(nil, NoError, out)
		return chain{}, false
	}
	whole = c.chain
	c.chain = chain{}
	return whole, true
}

// message is NFCCTAP_MSG (§11.3.5.1). What is too long never reaches the device,
// which would say the same.
func (c *Card) message(now time.Time, command apdu.Command, _ []byte, out *Outcome) {
	whole, complete := c.assemble(command, out)
	switch {
	case !complete:
	case whole.tooLong:
		c.abandon(out)
		c.respond([]byte{byte(ctap.RequestTooLarge)}, NoError, out)
	case len(whole.data) == 0:
		c.respond(nil, WrongLength, out)
	default:
		c.begin(now, Request{Payload: whole.data}, command.P1&p1Polls != 0, out)
	}
}

// u2f hands a command on as it came. A chain becomes one extended APDU.
func (c *Card) u2f(now time.Time, command apdu.Command, raw []byte, out *Outcome) {
	chained := c.chain.open && c.chain.head == chainHead(command)
	whole, complete := c.assemble(command, out)
	switch {
	case !complete:
		return
	case whole.tooLong:
		c.respond(nil, WrongLength, out)
		return
	case chained:
		command.Extended, command.Expected, command.Data = true, apdu.AllExtended, whole.data
		raw, _ = command.Encode() // a message is far shorter than what fits
	}
	c.begin(now, Request{U2F: true, Payload: raw}, false, out)
}

// begin hands out a request. Whatever was in processing gives way: a reader that
// asks something else has lost interest in it.
func (c *Card) begin(now time.Time, request Request, polled bool, out *Outcome) {
	c.abandon(out)
	request.ID = c.work.id + 1
	c.work = work{phase: processing, id: request.ID, u2f: request.U2F, polled: polled, status: Processing}
	c.hold(now)
	out.Request = &request
}

// hold has the reader wait, for a while if it can be told to ask again.
func (c *Card) hold(now time.Time) {
	c.reply.due = true
	c.work.deadline = now.Add(c.config.Patience)
}
