package hybrid

import (
	"context"
	"crypto/ecdh"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
)

// Link is a phone that a computer can ask for without a QR code.
type Link struct {
	Domain  protocol.Domain // of the tunnel service that knows the contact ID
	Linking protocol.Linking
}

// Links returns the links that the computer remembers, oldest first.
func (c *Computer) Links() []*Link {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.links)
}

// Remember adds a link, such as one from an earlier run. One with the same phone
// gives way to it.
func (c *Computer) Remember(link *Link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.links = append(slices.DeleteFunc(c.links, func(other *Link) bool { return other.Linking.Key.Equal(link.Linking.Key) }), link)
}

// Forget removes a link.
func (c *Computer) Forget(link *Link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.links = slices.DeleteFunc(c.links, func(other *Link) bool { return other == link })
}

// Call asks for a linked phone and connects to it, in place of [Computer.Show] and
// [Code.Connect]. How long the phone may take to come is for ctx to say. A phone
// that is linked no more is an [ErrUnlinked], and the link is forgotten.
func (c *Computer) Call(ctx context.Context, link *Link, hint protocol.Hint) (*Remote, error) {
	contact := protocol.Contact{LinkID: link.Linking.LinkID, Hint: hint}
	if err := c.draw(contact.Nonce[:]); err != nil {
		return nil, during("calling the phone", err)
	}
	conn, err := c.contact(ctx, link, &contact)
	if errors.Is(err, ErrUnlinked) {
		c.Forget(link)
	}
	if err != nil {
		return nil, during("calling the phone", because(ctx, err))
	}
	root := protocol.FromLink(link.Linking.Secret, contact.Nonce)
	eid, err := c.await(ctx, root.EIDKey(), func(protocol.EID) bool { return true })
	if err != nil {
		_ = conn.Close(protocol.CloseNormal) // nobody came
		return nil, during("waiting for the advert of the phone", err)
	}
	greeting, cancel := patiently(ctx, patience)
	defer cancel()
	return c.greet(greeting, &Remote{conn: conn}, func(ephemeral *ecdh.PrivateKey) (*protocol.Initiator, []byte, error) {
		return protocol.InitiateLinked(root.PSK(eid), link.Linking.Key, ephemeral)
	})
}

func (c *Computer) draw(out []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := io.ReadFull(c.config.Random, out)
	return err
}

// contact asks the tunnel service for the phone. Where the service can tell, it
// waits until the phone has joined the tunnel.
func (c *Computer) contact(ctx context.Context, link *Link, contact *protocol.Contact) (Conn, error) {
	header := http.Header{}
	header.Set(protocol.PayloadHeader, contact.Header())
	header.Set(protocol.SignalHeader, "true")
	conn, answer, err := c.config.Dialer.Dial(ctx, link.Domain, protocol.ContactTunnelPath(link.Linking.ContactID), header)
	if err != nil {
		return nil, err
	}
	if answer.Get(protocol.SignalHeader) == "" {
		return conn, nil
	}
	signal, err := conn.Receive(ctx)
	if err == nil && (len(signal) != 1 || signal[0] != protocol.Connected) {
		err = fmt.Errorf("%w: the service signals with %d bytes instead of a zero", ErrRules, len(signal))
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close(protocol.CloseNormal))
	}
	return conn, nil
}
