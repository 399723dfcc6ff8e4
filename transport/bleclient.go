package transport

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/ble"
	"github.com/passkeylab/passkeylab/ctap/u2f"
)

// GATT is a connection to the FIDO service of one device. Characteristics are named
// by their UUIDs.
type GATT interface {
	Read(ctx context.Context, characteristic string) ([]byte, error)
	Write(ctx context.Context, characteristic string, value []byte) error
	// Subscribe hands each notification of a characteristic to notified, in order
	// and one at a time, until the connection is closed.
	Subscribe(ctx context.Context, characteristic string, notified func(value []byte)) error
	Close() error
}

// BLEClient is a client of a device that has the FIDO service (CTAP 2.3 §11.4). A
// request whose end is not heard ends the connection, as there is no other way to
// be at one with the device again. It is a [ctap.Transport] and a [u2f.Transport], whichever of the two was chosen. One
// request is under way at a time, others wait for their turn. It is safe for
// concurrent use.
type BLEClient struct {
	link     GATT
	revision ble.Revision
	host     *ble.Host     // belongs to whoever has the turn
	turn     chan struct{} // holds a token while a request is under way

	notifications chan []byte
	closed        context.Context
	hangUp        context.CancelCauseFunc
	close         func() error // of the link, once
}

var (
	_ ctap.Transport = (*BLEClient)(nil)
	_ u2f.Transport  = (*BLEClient)(nil)
)

// bleBusyPause is how long a client waits after an error before it tries again.
const bleBusyPause = 2 * time.Second

// OpenBLE readies a connection: it reads how long fragments may be and what the
// device speaks, and chooses the newest of revisions, 0 for any. The link is the
// client's from here on, also where opening fails.
func OpenBLE(ctx context.Context, link GATT, revisions ble.Revision) (*BLEClient, error) {
	c := &BLEClient{link: link, turn: make(chan struct{}, 1), notifications: make(chan []byte), close: sync.OnceValue(link.Close)}
	c.closed, c.hangUp = context.WithCancelCause(context.Background())
	if err := c.open(ctx, revisions); err != nil {
		return nil, fmt.Errorf("opening the FIDO service: %w", errors.Join(err, c.Close()))
	}
	return c, nil
}

func (c *BLEClient) open(ctx context.Context, revisions ble.Revision) error {
	length, err := read(ctx, c.link, ble.ControlPointLengthUUID, ble.DecodeControlPointLength)
	if err != nil {
		return err
	}
	if c.host, err = ble.NewHost(length); err != nil {
		return err
	}
	all, err := read(ctx, c.link, ble.RevisionBitfieldUUID, ble.DecodeRevisions)
	if err != nil {
		return err
	}
	if revisions != 0 {
		all &= revisions
	}
	if c.revision = all.Newest(); c.revision == 0 {
		return fmt.Errorf("%w: the device has none that is wanted", ble.ErrRevision)
	}
	if err := c.link.Write(ctx, ble.RevisionBitfieldUUID, []byte{byte(c.revision)}); err != nil {
		return err
	}
	return c.link.Subscribe(ctx, ble.StatusUUID, c.notified)
}

func read[T any](ctx context.Context, link GATT, characteristic string, decode func([]byte) (T, error)) (value T, err error) {
	raw, err := link.Read(ctx, characteristic)
	if err != nil {
		return value, err
	}
	return decode(raw)
}

// notified hands a notification to whoever waits for one.
func (c *BLEClient) notified(value []byte) {
	select {
	case c.notifications <- value:
	case <-c.closed.Done():
	}
}

// Close ends the request under way and the connection. It may be called again.
func (c *BLEClient) Close() error {
	c.hangUp(errors.New("the client was closed"))
	return c.close()
}

// Revision is what was chosen of what the device speaks.
func (c *BLEClient) Revision() ble.Revision { return c.revision }

// Exchange sends a CTAP2 request. Where ctx ends first the device is asked to
// cancel, and what it answers then is the response.
func (c *BLEClient) Exchange(ctx context.Context, request []byte) ([]byte, error) {
	if c.revision != ble.FIDO2 {
		return nil, fmt.Errorf("CTAP2: %w; it was opened for U2F", ble.ErrRevision)
	}
	return c.transact(ctx, ble.CommandMsg, request)
}

// ExchangeAPDU sends a U2F command. Where ctx ends first the device is asked to
// cancel, too.
func (c *BLEClient) ExchangeAPDU(ctx context.Context, command []byte) ([]byte, error) {
	if c.revision == ble.FIDO2 {
		return nil, fmt.Errorf("U2F: %w; it was opened for CTAP2", ble.ErrRevision)
	}
	return c.transact(ctx, ble.CommandMsg, command)
}

// Ping sends bytes, which come back.
func (c *BLEClient) Ping(ctx context.Context, payload []byte) ([]byte, error) {
	return c.transact(ctx, ble.CommandPing, payload)
}

// transact does a request in its turn, and again while the device is busy.
func (c *BLEClient) transact(ctx context.Context, command ble.Command, payload []byte) ([]byte, error) {
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for attempts := 1; ; attempts++ {
		answer, err := c.attempt(ctx, command, payload)
		if err == nil {
			return answer, nil
		}
		if !errors.Is(err, ble.Busy) || attempts == busyAttempts {
			return nil, fmt.Errorf("%s: %w", command, err)
		}
		select {
		case <-time.After(bleBusyPause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// attempt does a request. If its end is not heard, what comes next could be taken
// for the answer to another request, so the connection is given up.
func (c *BLEClient) attempt(ctx context.Context, command ble.Command, payload []byte) ([]byte, error) {
	switch {
	case c.closed.Err() != nil:
		return nil, context.Cause(c.closed)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	fragments, err := c.host.Send(command, payload)
	if err != nil {
		return nil, err
	}
	answer, ended, err := c.exchange(ctx, fragments)
	if !ended {
		c.hangUp(fmt.Errorf("the connection was given up: %w", err))
	}
	return answer, err
}

// exchange sends the fragments of a request and waits for its end, which it asks
// for if ctx ends first.
func (c *BLEClient) exchange(ctx context.Context, fragments [][]byte) (answer []byte, ended bool, err error) {
	for _, fragment := range fragments {
		if err := c.link.Write(ctx, ble.ControlPointUUID, fragment); err != nil {
			return nil, false, err
		}
	}
	if answer, ended, err = c.await(ctx); ended || ctx.Err() == nil {
		return answer, ended, err
	}
	grace, done := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer done()
	if err := c.link.Write(grace, ble.ControlPointUUID, c.host.Cancel()); err != nil {
		return nil, false, errors.Join(ctx.Err(), err)
	}
	if answer, ended, err = c.await(grace); err != nil {
		err = errors.Join(ctx.Err(), err)
	}
	return answer, ended, err
}

// await waits for the end of the request, for as long as the device is heard of.
func (c *BLEClient) await(ctx context.Context) (answer []byte, ended bool, err error) {
	silence := time.NewTimer(patience)
	defer silence.Stop()
	for {
		select {
		case value := <-c.notifications:
			event, err := c.host.Notified(value)
			if event.Done {
				return event.Payload, !errors.Is(err, ble.ErrProtocol), err
			}
			if event.Heard {
				silence.Reset(patience)
			}
		case <-silence.C:
			return nil, false, ErrSilent
		case <-c.closed.Done():
			return nil, false, context.Cause(c.closed)
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
}
