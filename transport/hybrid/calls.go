package hybrid

import (
	"bytes"
	"context"
	"errors"

	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
)

// Call is a linked computer that asks for the phone, as the tunnel service tells
// it.
type Call struct {
	ContactID []byte
	Routing   protocol.RoutingID
	Tunnel    protocol.TunnelID
	Contact   *protocol.Contact
}

// Answer carries out the transaction that a linked computer has asked for, like
// [Phone.Scan]. A call under an old contact ID fails with [ErrUnlinked].
func (p *Phone) Answer(ctx context.Context, call Call) error {
	if current := p.contactID(); len(current) == 0 || !bytes.Equal(current, call.ContactID) {
		return during("reading a call", ErrUnlinked)
	}
	return p.inTurn(ctx, func(t *transaction) error {
		t.phone.tell(StepScanned, "a linked computer calls: it wants to %s", purpose(call.Contact.Hint))
		return t.called(ctx, call)
	})
}

// Listen answers linked computers, one after the other, until ctx ends or the
// tunnel service hangs up. ended, if set, hears how each transaction ended. How a
// phone hears of those who call is each service's own affair: this is how it is at
// a service of ours (see protocol.ListenPath). The error is an [*Error].
func (p *Phone) Listen(ctx context.Context, ended func(error)) error {
	contact := p.contactID()
	if len(contact) == 0 {
		return during("listening for calls", errors.New("the phone has no contact ID: give it PhoneConfig.Reach"))
	}
	conn, _, err := p.config.Dialer.Dial(ctx, p.config.Domain, protocol.ListenContactPath(contact), nil)
	if err != nil {
		return during("listening for calls", because(ctx, err))
	}
	defer func() { _ = conn.Close(protocol.CloseNormal) }() // nothing is lost with it
	p.tell(StepListening, "waiting for linked computers to call")
	for {
		message, err := conn.Receive(ctx)
		if err != nil {
			return during("listening for calls", because(ctx, err))
		}
		summons, err := protocol.DecodeSummons(message)
		if err != nil {
			return during("listening for calls", err)
		}
		err = p.Answer(ctx, Call{ContactID: contact, Routing: summons.Routing, Tunnel: summons.Tunnel, Contact: summons.Contact})
		if ended != nil {
			ended(err)
		}
	}
}
