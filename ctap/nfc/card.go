package nfc

import (
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/apdu"
)

// CardConfig says what a [Card] is like. Zero fields have the usual values.
type CardConfig struct {
	U2F        bool          // it has U2F beside CTAP2
	MaxMessage int           // bytes of a request, as getInfo tells them; 7609
	Patience   time.Duration // how long an answer is waited for before the reader hears that there is none yet; 100 ms
	Seams      []Seams
}

const defaultPatience = 100 * time.Millisecond

func (c CardConfig) filled() (CardConfig, error) {
	if c.MaxMessage == 0 {
		c.MaxMessage = ctap.MaxMsgSize
	}
	if c.Patience == 0 {
		c.Patience = defaultPatience
	}
	if c.MaxMessage < 0 || c.MaxMessage > ctap.MaxMsgSize || c.Patience < 0 {
		return c, fmt.Errorf("nfc: MaxMessage is 1 to %d, and Patience longer than nothing", ctap.MaxMsgSize)
	}
	return c, nil
}

// Card is the authenticator's side. It is out of the field to begin with. It is
// not safe for concurrent use.
type Card struct {
	config   CardConfig
	powered  bool
	presence Presence
	selected bool
	chain    chain
	rest     parts // what the last answer had no room for
	work     work
	reply    reply // to the command that the reader waits with
}

// work is the request that was handed out last.
type work struct {
	phase    phase
	id       uint64
	u2f      bool
	polled   bool            // the reader can be told to ask again
	status   KeepaliveStatus // what it waits for
	answer   []byte          // that nobody has fetched yet
	deadline time.Time       // of the reply that is waited with
}

// phase is how far a request has come.
type phase int

const (
	idle phase = iota
	processing
	answered
)

// reply is what a command leaves open until there is an answer.
type reply struct {
	due        bool
	cancelling bool
	room       int // bytes of data that the reader takes at once
}

// Request is a message that somebody has to answer.
type Request struct {
	ID      uint64
	U2F     bool   // Payload is a command APDU, not a CTAP2 request
	Payload []byte // may be part of the bytes that came in
}

// Outcome is what there is to do after an event.
type Outcome struct {
	Response []byte   // to send; nil while the reader has to wait
	Request  *Request // to process: tell [Card.Answer] or [Card.Fail]
	Stop     bool     // the request in processing should end as soon as it can
}

// NewCard returns a card that is out of the field.
func NewCard(config CardConfig) (*Card, error) {
	config, err := config.filled()
	if err != nil {
		return nil, err
	}
	return &Card{config: config}, nil
}

// FieldOn is called when the card gets power: nothing is selected yet, and the
// user counts as present (CTAP 2.3 §5).
func (c *Card) FieldOn(now time.Time) {
	c.powered = true
	c.presence.Begin(now)
}

// FieldOff is called when the power goes. Whoever waits for a response gets none.
func (c *Card) FieldOff() Outcome {
	out := Outcome{Stop: c.work.phase == processing}
	*c = Card{config: c.config, work: work{id: c.work.id}}
	return out
}

// Powered tells whether the card is in the field.
func (c *Card) Powered() bool { return c.powered }

// UserPresent tells whether being in the field counts as a gesture, which it
// does once.
func (c *Card) UserPresent(now time.Time) bool { return c.presence.Take(now) }

// Deadline is when [Card.Tick] should be called if nothing comes before; zero for
// never.
func (c *Card) Deadline() time.Time {
	if c.reply.due && c.work.polled {
		return c.work.deadline
	}
	return time.Time{}
}

// Tick does what is due at a time: it tells a reader to ask again, or that its
// request is cancelled, although the device has not let go of it yet.
func (c *Card) Tick(now time.Time) Outcome {
	var out Outcome
	if due := c.Deadline(); due.IsZero() || now.Before(due) {
		return out
	}
	if c.reply.cancelling {
		c.work.phase = idle
		c.respond([]byte{byte(ctap.KeepaliveCancel)}, NoError, &out)
		return c.said(out)
	}
	c.keepalive(&out)
	return c.said(out)
}

// Answer ends the processing of a request. One that was given up meanwhile is not
// answered any more.
func (c *Card) Answer(id uint64, payload []byte) Outcome {
	var out Outcome
	if !c.isProcessing(id) {
		return out
	}
	c.work.phase, c.work.answer = answered, payload
	if c.reply.due {
		c.deliver(&out)
	}
	return c.said(out)
}

// Fail ends the processing of a request that the device could not even refuse.
func (c *Card) Fail(id uint64) Outcome {
	var out Outcome
	if c.isProcessing(id) {
		c.work.phase = idle
		if c.reply.due {
			c.respond(nil, Internal, &out)
		}
	}
	return c.said(out)
}

// SetStatus says what a request is waiting for. A reader hears at once that a
// touch is needed, if it can be told to ask again.
func (c *Card) SetStatus(id uint64, status KeepaliveStatus) Outcome {
	var out Outcome
	if !c.isProcessing(id) || c.work.status == status {
		return out
	}
	c.work.status = status
	if status == UserNeeded && c.reply.due && c.work.polled && !c.reply.cancelling {
		c.keepalive(&out)
	}
	return c.said(out)
}

// Status is what the request in processing waits for, 0 where there is none.
func (c *Card) Status() KeepaliveStatus {
	if c.work.phase != processing {
		return 0
	}
	return c.work.status
}

// Withdraw is called when nobody waits any longer for the response that is due. A
// request that can be asked after goes on.
func (c *Card) Withdraw() Outcome {
	var out Outcome
	if c.reply.due && !c.work.polled {
		c.abandon(&out)
	}
	c.reply = reply{}
	return out
}

func (c *Card) isProcessing(id uint64) bool { return c.work.phase == processing && c.work.id == id }

// abandon gives up the request that was handed out last, and its answer.
func (c *Card) abandon(out *Outcome) {
	out.Stop = out.Stop || c.work.phase == processing
	c.work.phase, c.work.answer = idle, nil
}

// deliver hands the answer of a request over. That of U2F has a status word of
// its own.
func (c *Card) deliver(out *Outcome) {
	answer := c.work.answer
	c.work.phase, c.work.answer = idle, nil
	if !c.work.u2f {
		c.respond(answer, NoError, out)
		return
	}
	data, status, err := apdu.Split(answer)
	if err != nil {
		data, status = nil, uint16(Internal)
	}
	c.respond(data, Status(status), out)
}

func (c *Card) keepalive(out *Outcome) { c.respond([]byte{byte(c.work.status)}, StillProcessing, out) }

// respond answers the command that the reader waits with.
func (c *Card) respond(data []byte, status Status, out *Outcome) {
	c.rest = parts{data, status}
	out.Response = c.rest.next(c.reply.room)
	c.reply = reply{}
}
