package nfc

import (
	"bytes"
	"time"

	"github.com/passkeylab/passkeylab/internal/apdu"
)

// instruction is what a card knows of a command.
type instruction struct {
	chains  bool                              // may come in parts
	outside bool                              // may come while the applet is not selected
	check   func(apdu.Command) (Status, bool) // of P1, P2 and whether there are data; nil leaves it to the device
	run     func(*Card, time.Time, apdu.Command, []byte, *Outcome)
}

type key struct{ class, instruction byte }

// instructions is the only table from class and instruction to behaviour.
var instructions = map[key]instruction{
	{classISO, insSelect}:          {outside: true, check: want(p1ByName), run: (*Card).selectApplet},
	{classCTAP, insMessage}:        {chains: true, check: want(0, p1Polls), run: (*Card).message},
	{classCTAP, insPoll}:           {check: wantEmpty(0, p1Cancel), run: (*Card).poll},
	{classCTAP, insControl}:        {check: wantEmpty(p1End), run: (*Card).end},
	{classISO, insMore}:            {check: wantEmpty(0), run: (*Card).more},
	{classCTAP, insMore}:           {check: wantEmpty(0), run: (*Card).more},
	{classISO, insU2FRegister}:     {chains: true, run: (*Card).u2f},
	{classISO, insU2FAuthenticate}: {chains: true, run: (*Card).u2f},
	{classISO, insU2FVersion}:      {chains: true, run: (*Card).u2f},
}

// want lets values of P1 pass; P2 is always 0.
func want(p1 ...byte) func(apdu.Command) (Status, bool) {
	return func(command apdu.Command) (Status, bool) {
		return IncorrectParameters, command.P2 == 0 && bytes.IndexByte(p1, command.P1) >= 0
	}
}

// wantEmpty is want for commands without data.
func wantEmpty(p1 ...byte) func(apdu.Command) (Status, bool) {
	parameters := want(p1...)
	return func(command apdu.Command) (Status, bool) {
		if status, ok := parameters(command); !ok {
			return status, false
		}
		return WrongLength, len(command.Data) == 0
	}
}

// Command takes a command of the reader. A card without power, or with a command
// that waits for its response, gets none: see [Card.Withdraw].
func (c *Card) Command(now time.Time, raw []byte) Outcome {
	var out Outcome
	if !c.powered || c.reply.due {
		return out
	}
	raw = c.heard(raw)
	command, wrong := apdu.Parse(raw)
	if command.Instruction != insMore {
		c.rest = parts{} // whatever comes next, nobody fetches it any more
	}
	if c.chain.open && c.chain.head != chainHead(command) {
		c.chain = chain{}
	}
	c.reply = reply{room: room(command)}
	known, status := c.judge(command, len(raw) >= apdu.HeadSize, wrong)
	if status != NoError {
		c.chain = chain{}
		c.respond(nil, status, &out)
		return c.said(out)
	}
	known.run(c, now, command, raw, &out)
	return c.said(out)
}

// judge refuses a command by class, instruction, lengths, state and parameters,
// in this order.
func (c *Card) judge(command apdu.Command, whole bool, wrong error) (instruction, Status) {
	class := command.Class &^ chainBit
	known, ok := instructions[key{class, command.Instruction}]
	ok = ok && (c.config.U2F || command.Instruction > insU2FVersion)
	switch {
	case !whole:
		return known, WrongLength
	case class != classISO && class != classCTAP:
		return known, ClassNotSupported
	case !ok:
		return known, InstructionNotSupported
	case wrong != nil:
		return known, WrongLength
	case command.Class != class && !known.chains:
		return known, ChainingNotSupported
	case !c.selected && !known.outside:
		return known, ConditionsNotSatisfied
	case known.check == nil:
		return known, NoError
	}
	if status, fine := known.check(command); !fine {
		return known, status
	}
	return known, NoError
}

// selectApplet is SELECT by name (§11.3.3). Selecting anything ends what the
// applet was at.
func (c *Card) selectApplet(_ time.Time, command apdu.Command, _ []byte, out *Outcome) {
	c.abandon(out)
	c.selected = bytes.Equal(command.Data, AID())
	switch {
	case !c.selected:
		c.respond(nil, ApplicationNotFound, out)
	case c.config.U2F:
		c.respond([]byte(VersionU2F), NoError, out)
	default:
		c.respond([]byte(VersionCTAP), NoError, out)
	}
}

// poll is NFCCTAP_GETRESPONSE (§11.3.7.2).
func (c *Card) poll(now time.Time, command apdu.Command, _ []byte, out *Outcome) {
	switch c.work.phase {
	case idle:
		c.respond(nil, ConditionsNotSatisfied, out)
	case answered:
		c.deliver(out)
	case processing:
		c.hold(now)
		if command.P1 == p1Cancel {
			c.reply.cancelling, out.Stop = true, true
		}
	}
}

// end is NFCCTAP_CONTROL END (§11.3.4): CTAP is refused until the next SELECT.
func (c *Card) end(_ time.Time, _ apdu.Command, _ []byte, out *Outcome) {
	c.abandon(out)
	c.selected = false
	c.respond(nil, NoError, out)
}

// more is GET RESPONSE.
func (c *Card) more(_ time.Time, _ apdu.Command, _ []byte, out *Outcome) {
	if c.rest.status == 0 {
		c.respond(nil, ConditionsNotSatisfied, out)
		return
	}
	out.Response = c.rest.next(c.reply.room)
	c.reply = reply{}
}
