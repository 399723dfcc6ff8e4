package hybrid

import (
	"cmp"
	"context"
	"crypto/ecdh"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
)

// ComputerConfig is what a computer needs from outside. Scanner, Dialer, Random and
// Now are required.
type ComputerConfig struct {
	Scanner Scanner
	Dialer  Dialer
	Random  io.Reader        // keys and nonces; read by one call at a time
	Now     func() time.Time // QR codes tell the time; nothing depends on it

	// Linking has QR codes say that the computer can be linked.
	Linking bool
}

// Computer is the client's side of the hybrid transport: it shows QR codes, and
// gets at the device of a phone that scans one. It remembers the phones that have
// linked themselves with it. It is safe for concurrent use.
type Computer struct {
	config ComputerConfig

	mu    sync.Mutex
	links []*Link
}

// NewComputer returns a computer without links.
func NewComputer(config ComputerConfig) (*Computer, error) {
	switch {
	case config.Scanner == nil:
		return nil, errors.New("hybrid: ComputerConfig.Scanner is missing: an Air that the phones share will do")
	case config.Dialer == nil:
		return nil, errors.New("hybrid: ComputerConfig.Dialer is missing: WebSockets will do")
	case config.Random == nil:
		return nil, errors.New("hybrid: ComputerConfig.Random is missing: a seeded stream makes runs repeatable")
	case config.Now == nil:
		return nil, errors.New("hybrid: ComputerConfig.Now is missing: time.Now will do")
	}
	return &Computer{config: config}, nil
}

// Code is a QR code that is shown. It is good for one phone.
type Code struct {
	computer *Computer
	qr       *protocol.QR
	key      *ecdh.PrivateKey // of qr.Key
}

// Show makes a QR code. It fails where randomness does.
func (c *Computer) Show(hint protocol.Hint) (*Code, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key, err := protocol.NewKey(c.config.Random)
	if err != nil {
		return nil, during("making a QR code", err)
	}
	qr := &protocol.QR{
		Key: key.PublicKey(), Domains: uint64(protocol.AssignedDomains), Time: c.config.Now(),
		Linking: protocol.ToldNo, Hint: hint,
	}
	if c.config.Linking {
		qr.Linking = protocol.ToldYes
	}
	if _, err := io.ReadFull(c.config.Random, qr.Secret[:]); err != nil {
		return nil, during("making a QR code", err)
	}
	return &Code{computer: c, qr: qr, key: key}, nil
}

// Text is what the QR code says.
func (c *Code) Text() string { return c.qr.Text() }

// Connect waits for the advert of a phone that has scanned the code, and connects
// to it. How long nobody may come is for ctx to say; once somebody has, each step
// must take less than half a minute. The error is an [*Error].
func (c *Code) Connect(ctx context.Context) (*Remote, error) {
	root := c.qr.Root()
	eid, err := c.computer.await(ctx, root.EIDKey(), func(e protocol.EID) bool { return e.Domain().Known() })
	if err != nil {
		return nil, during("waiting for the advert of a phone", err)
	}
	opening, cancel := patiently(ctx, patience)
	defer cancel()
	conn, _, err := c.computer.config.Dialer.Dial(opening, eid.Domain(), protocol.ConnectTunnelPath(eid.Routing(), root.TunnelID()), nil)
	if err != nil {
		return nil, during("joining the phone's tunnel", because(opening, err))
	}
	return c.computer.greet(opening, &Remote{conn: conn, learn: c.learn(eid.Domain())}, func(ephemeral *ecdh.PrivateKey) (*protocol.Initiator, []byte, error) {
		return protocol.InitiateQR(root.PSK(eid), c.key, ephemeral)
	})
}

// learn takes the linking information of a phone that has scanned the code.
func (c *Code) learn(domain protocol.Domain) func(*protocol.Linking, [32]byte) (*Link, error) {
	return func(linking *protocol.Linking, hash [32]byte) (*Link, error) {
		if err := linking.Verify(c.key, hash); err != nil {
			return nil, err
		}
		link := &Link{Domain: domain, Linking: *linking}
		c.computer.Remember(link)
		return link, nil
	}
}

// await listens for an advert under a key that is good.
func (c *Computer) await(ctx context.Context, key protocol.EIDKey, good func(protocol.EID) bool) (protocol.EID, error) {
	scanning, stop := context.WithCancel(ctx)
	defer stop()
	var found *protocol.EID
	err := c.config.Scanner.Scan(scanning, func(data []byte) {
		eid, err := key.Open(data)
		if err != nil || found != nil || !good(eid) {
			return // somebody else's, or the same again
		}
		found = &eid
		stop()
	})
	switch {
	case found != nil:
		return *found, nil
	case ctx.Err() != nil:
		return protocol.EID{}, context.Cause(ctx)
	}
	return protocol.EID{}, cmp.Or(err, errDeaf)
}

// errDeaf is a scanner that does not go on listening.
var errDeaf = errors.New("the scanner has stopped")

// greet shakes hands and takes the phone's first message. Where it fails, it
// closes the tunnel.
func (c *Computer) greet(ctx context.Context, r *Remote, initiate func(*ecdh.PrivateKey) (*protocol.Initiator, []byte, error)) (*Remote, error) {
	err := func() error {
		session, err := c.shakeHands(ctx, r.conn, initiate)
		if err != nil {
			return during("the handshake", because(ctx, err))
		}
		r.line = line{conn: r.conn, session: session}
		return during("waiting to hear what the phone is", because(ctx, r.introduced(ctx)))
	}()
	if err != nil {
		_ = r.conn.Close(protocol.ClosePolicy) // the reason counts
		return nil, err
	}
	r.start()
	return r, nil
}

func (c *Computer) shakeHands(ctx context.Context, conn Conn, initiate func(*ecdh.PrivateKey) (*protocol.Initiator, []byte, error)) (*protocol.Session, error) {
	c.mu.Lock()
	ephemeral, err := protocol.NewKey(c.config.Random)
	c.mu.Unlock()
	if err != nil {
		return nil, err
	}
	initiator, message, err := initiate(ephemeral)
	if err != nil {
		return nil, err
	}
	if err := conn.Send(ctx, message); err != nil {
		return nil, err
	}
	answer, err := conn.Receive(ctx)
	if err != nil {
		return nil, fmt.Errorf("the phone does not answer: %w", because(ctx, err))
	}
	return initiator.Finish(answer)
}
