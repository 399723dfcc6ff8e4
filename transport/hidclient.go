package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/hid"
	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// Link carries whole reports to one device and back. Send and Receive may be
// called at the same time. Neither waits longer than a device that works makes
// it, or than until Close.
type Link interface {
	Send(report []byte) error
	Receive() (report []byte, err error)
	Close() error
}

// Sized is a [Link] whose reports do not have 64 bytes.
type Sized interface {
	// ReportSizes returns the sizes of reports from and to the device, in bytes.
	ReportSizes() (in, out int)
}

// HIDClient is a channel to a device that speaks CTAPHID (CTAP 2.3 §11.2). It is
// a [ctap.Transport] and a [u2f.Transport]. One request is under way at a time,
// others wait for their turn. It is safe for concurrent use.
type HIDClient struct {
	link   Link
	random io.Reader
	info   hid.Info
	turn   chan struct{} // holds a token while a request is under way
	host   *hid.Host     // belongs to whoever has the turn
	lost   bool          // what the channel is at is not known; also the turn's

	reports  chan []byte
	closed   context.Context // ends with the link
	hangUp   context.CancelCauseFunc
	close    func() error // of the link, once
	patience time.Duration
}

var (
	_ ctap.Transport = (*HIDClient)(nil)
	_ u2f.Transport  = (*HIDClient)(nil)
)

// ErrSilent is what a request fails with when nothing is heard of the device.
var ErrSilent = errors.New("the device has fallen silent")

const (
	// silence that is borne, and how long a cancelled request may take to end.
	// A device says every 100 ms that it is still at a request.
	patience = 3 * time.Second
	// how many reports are received ahead of those that were looked at: one of the
	// longest messages, so that nobody changes turns at every report.
	reportsAhead = 130
	// a device that is busy with another client is asked again.
	busyPause    = 100 * time.Millisecond
	busyAttempts = 10
)

// OpenHID opens a channel. random is where nonces come from, such as crypto/rand's
// Reader. The link is the client's from here on, also where opening fails; a
// goroutine receives from it until [HIDClient.Close].
func OpenHID(ctx context.Context, link Link, random io.Reader) (*HIDClient, error) {
	var config hid.HostConfig
	if sized, ok := link.(Sized); ok {
		config.In, config.Out = sized.ReportSizes()
	}
	host, err := hid.NewHost(config)
	if err != nil {
		return nil, errors.Join(err, link.Close())
	}
	c := &HIDClient{link: link, random: random, host: host, turn: make(chan struct{}, 1), lost: true, reports: make(chan []byte, reportsAhead), patience: patience, close: sync.OnceValue(link.Close)}
	c.closed, c.hangUp = context.WithCancelCause(context.Background())
	go c.receive()
	if err := c.attempt(ctx, c.open); err != nil {
		return nil, fmt.Errorf("opening a channel: %w", errors.Join(err, c.Close()))
	}
	c.info = host.Info()
	return c, nil
}

// Close ends the request under way and the link. It may be called again.
func (c *HIDClient) Close() error {
	c.hangUp(errors.New("the client was closed"))
	return c.close()
}

// Info returns what the device told about itself when the channel was opened.
func (c *HIDClient) Info() hid.Info { return c.info }

// Exchange sends a CTAP2 request. Where ctx ends first the device is asked to
// cancel, and what it answers then is the response: a status that says so, or
// success that came before.
func (c *HIDClient) Exchange(ctx context.Context, request []byte) ([]byte, error) {
	return c.transact(ctx, hid.CommandCBOR, request)
}

// ExchangeAPDU sends a U2F command. Where ctx ends first it is left unanswered.
func (c *HIDClient) ExchangeAPDU(ctx context.Context, command []byte) ([]byte, error) {
	return c.transact(ctx, hid.CommandMsg, command)
}

// Ping sends bytes, which come back.
func (c *HIDClient) Ping(ctx context.Context, payload []byte) ([]byte, error) {
	return c.transact(ctx, hid.CommandPing, payload)
}

// Wink asks the device to show itself to its user.
func (c *HIDClient) Wink(ctx context.Context) error {
	_, err := c.transact(ctx, hid.CommandWink, nil)
	return err
}

// Lock keeps other clients out for some seconds, at most 10; 0 lets them in
// again.
func (c *HIDClient) Lock(ctx context.Context, seconds byte) error {
	_, err := c.transact(ctx, hid.CommandLock, []byte{seconds})
	return err
}

func (c *HIDClient) transact(ctx context.Context, command hid.Command, payload []byte) (answer []byte, err error) {
	err = c.attempt(ctx, func(ctx context.Context) error {
		if err := c.open(ctx); err != nil {
			return err
		}
		reports, err := c.host.Send(command, payload)
		if err != nil {
			return err
		}
		answer, err = c.exchange(ctx, reports, command == hid.CommandCBOR)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", command, err)
	}
	return answer, nil
}

// open makes sure that there is a channel and that it is at nothing.
func (c *HIDClient) open(ctx context.Context) error {
	if !c.lost {
		return nil
	}
	var nonce hid.Nonce
	if _, err := io.ReadFull(c.random, nonce[:]); err != nil {
		return fmt.Errorf("drawing a nonce: %w", err)
	}
	if _, err := c.exchange(ctx, c.host.Open(nonce), false); err != nil {
		return err
	}
	c.lost = false
	return nil
}

// attempt does something in its turn, and again while the device is busy with
// somebody else, or after it has taken the channel away.
func (c *HIDClient) attempt(ctx context.Context, do func(context.Context) error) error {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer c.release()
	for attempts := 1; ; attempts++ {
		err := do(ctx)
		again := errors.Is(err, hid.ChannelBusy) || errors.Is(err, hid.InvalidChannel)
		if !again || attempts == busyAttempts {
			return err
		}
		if errors.Is(err, hid.InvalidChannel) {
			c.host.Forget()
			c.lost = true
		}
		select {
		case <-time.After(busyPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (c *HIDClient) release() { <-c.turn }
