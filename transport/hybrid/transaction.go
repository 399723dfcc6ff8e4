package hybrid

import (
	"context"
	"crypto/ecdh"
	"fmt"
	"io"

	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
)

// transaction is what a phone does for one computer.
type transaction struct {
	phone    *Phone
	line     line
	info     []byte // what the device said about itself
	answered bool   // a request at least
}

// rendezvous is what the two kinds of transactions differ in until they have a
// session.
type rendezvous struct {
	conn    Conn
	root    protocol.Root
	eid     protocol.EID
	respond func(psk protocol.PSK, ephemeral *ecdh.PrivateKey, message []byte) ([]byte, *protocol.Session, error)
}

// scanned is the transaction of a QR code.
func (t *transaction) scanned(ctx context.Context, qr *protocol.QR) error {
	config := &t.phone.config
	opening, cancel := patiently(ctx, patience)
	defer cancel()
	root := qr.Root()
	conn, routing, err := openTunnel(opening, config.Dialer, config.Domain, root.TunnelID())
	if err != nil {
		return during("opening a tunnel", because(opening, err))
	}
	t.phone.tell(StepTunnel, "opened a tunnel at %s", config.Domain.Host())
	return t.over(ctx, conn, func() error {
		eid, err := protocol.NewEID(config.Random, routing, config.Domain)
		if err != nil {
			return during("drawing an advert", err)
		}
		err = t.meet(ctx, rendezvous{conn, root, eid, func(psk protocol.PSK, ephemeral *ecdh.PrivateKey, message []byte) ([]byte, *protocol.Session, error) {
			return protocol.RespondQR(psk, qr.Key, ephemeral, message)
		}})
		if err != nil {
			return err
		}
		if err := t.offerLink(ctx, qr); err != nil {
			return during("offering a link", err)
		}
		return t.serve(ctx)
	})
}

// called is the transaction of a linked computer.
func (t *transaction) called(ctx context.Context, call Call) error {
	config := &t.phone.config
	opening, cancel := patiently(ctx, patience)
	defer cancel()
	conn, _, err := config.Dialer.Dial(opening, config.Domain, protocol.ConnectTunnelPath(call.Routing, call.Tunnel), nil)
	if err != nil {
		return during("joining the tunnel", because(opening, err))
	}
	t.phone.tell(StepTunnel, "joined the tunnel at %s", config.Domain.Host())
	return t.over(ctx, conn, func() error {
		eid, err := protocol.NewLinkedEID(config.Random)
		if err != nil {
			return during("drawing an advert", err)
		}
		root := protocol.FromLink(config.Reach.Owner.LinkSecret(call.ContactID, call.Contact.LinkID), call.Contact.Nonce)
		err = t.meet(ctx, rendezvous{conn, root, eid, func(psk protocol.PSK, ephemeral *ecdh.PrivateKey, message []byte) ([]byte, *protocol.Session, error) {
			return protocol.RespondLinked(psk, t.phone.identity, ephemeral, message)
		}})
		if err != nil {
			return err
		}
		return t.serve(ctx)
	})
}

// over does something with a tunnel and closes it.
func (t *transaction) over(ctx context.Context, conn Conn, do func() error) error {
	err := do()
	code := protocol.CloseNormal
	if err != nil && ctx.Err() == nil {
		code = protocol.ClosePolicy
	}
	_ = conn.Close(code) // what went wrong has been told by do
	return err
}

// meet sends the advert until the computer has come and shaken hands, and tells it
// what the device is.
func (t *transaction) meet(ctx context.Context, r rendezvous) error {
	ephemeral, err := protocol.NewKey(t.phone.config.Random)
	if err != nil {
		return during("preparing the handshake", err)
	}
	message, err := t.attract(ctx, r)
	if err != nil {
		return err
	}
	answer, session, err := r.respond(r.root.PSK(r.eid), ephemeral, message)
	if err != nil {
		return during("the handshake", err)
	}
	if err := r.conn.Send(ctx, answer); err != nil {
		return during("answering the handshake", because(ctx, err))
	}
	t.line = line{conn: r.conn, session: session}
	t.phone.tell(StepHandshake, "shook hands with the computer: it is near, and nobody else can listen")
	if t.info, err = introduce(ctx, t.phone.config.Device); err != nil {
		return during("asking the device what it is", because(ctx, err))
	}
	if err := t.line.sendSealed(ctx, (&protocol.Hello{Info: t.info}).Encode()); err != nil {
		return during("telling what the device is", because(ctx, err))
	}
	t.phone.tell(StepIntroduced, "told it what this device is")
	return nil
}

// attract advertises until the computer has sent its first message.
func (t *transaction) attract(ctx context.Context, r rendezvous) ([]byte, error) {
	advert := r.root.EIDKey().Seal(r.eid)
	stop, err := t.phone.config.Advertiser.Advertise(ctx, protocol.ServiceUUID, advert[:])
	if err != nil {
		return nil, during("sending the advert", because(ctx, err))
	}
	defer stop()
	t.phone.tell(StepAdvert, "sending an advert, for as long as the computer needs to hear it")
	waiting, cancel := patiently(ctx, t.phone.config.Patience)
	defer cancel()
	message, err := r.conn.Receive(waiting)
	if err != nil {
		return nil, during("waiting for the computer", because(waiting, err))
	}
	return message, nil
}

// offerLink sends an update, which from outside looks the same with a link in it
// and without.
func (t *transaction) offerLink(ctx context.Context, qr *protocol.QR) error {
	var update protocol.Update
	if contact := t.phone.contactID(); len(contact) > 0 && qr.Linking == protocol.ToldYes {
		link, err := t.newLink(contact, qr.Key)
		if err != nil {
			return err
		}
		update.Linking = link
	}
	if err := t.line.send(ctx, protocol.FrameUpdate, update.Encode()); err != nil {
		return because(ctx, err)
	}
	if update.Linking != nil {
		t.phone.tell(StepLinking, "offered to be called without a QR code, as %q", update.Linking.Name)
	}
	return nil
}

func (t *transaction) newLink(contact []byte, client *ecdh.PublicKey) (*protocol.Linking, error) {
	config := &t.phone.config
	link := &protocol.Linking{ContactID: contact, Name: config.Reach.Name}
	if _, err := io.ReadFull(config.Random, link.LinkID[:]); err != nil {
		return nil, fmt.Errorf("drawing a link ID: %w", err)
	}
	link.Secret = config.Reach.Owner.LinkSecret(contact, link.LinkID)
	return link, link.Sign(t.phone.identity, client, t.line.session.Hash())
}
