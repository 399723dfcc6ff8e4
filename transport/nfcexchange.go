package transport

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/ctap/nfc"
)

const (
	// pollPause is the time between two questions whether a request is done
	// (§11.3.7.1).
	pollPause = 100 * time.Millisecond
	// cardPatience is how long a card may take for one response: one that cannot
	// be asked again holds it until its user has acted.
	cardPatience = time.Minute
)

// exchange sends a command and all that follows from it.
func (c *NFCClient) exchange(ctx context.Context, command []byte) ([]byte, error) {
	grace, done := outlasting(ctx)
	defer done()
	cancelled := false
	for {
		response, err := c.transmit(grace, command)
		if err != nil {
			c.reader.Abandon()
			c.lost = true
			return nil, errors.Join(ctx.Err(), err)
		}
		step, err := c.reader.Response(response)
		if step.Done {
			c.lost = c.lost || errors.Is(err, nfc.ErrProtocol)
			return step.Payload, err
		}
		switch command = step.Next; {
		case step.Wait && cancelled:
			wait(grace)
			command = c.reader.Poll()
		case step.Wait:
			if cancelled = wait(ctx); cancelled {
				command = c.reader.Cancel()
			} else {
				command = c.reader.Poll()
			}
		}
	}
}

// wait passes the time until a card is asked again, and tells whether ctx ended
// meanwhile.
func wait(ctx context.Context) (ended bool) {
	select {
	case <-time.After(pollPause):
		return false
	case <-ctx.Done():
		return true
	}
}

// outlasting returns a context that ends some time after ctx: a card cannot be
// told anything before it has spoken.
func outlasting(ctx context.Context) (grace context.Context, done func()) {
	grace, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(patience, end) })
	return grace, func() {
		stop()
		end()
	}
}

// transmit waits for the response to one command.
func (c *NFCClient) transmit(ctx context.Context, command []byte) ([]byte, error) {
	limited, done := context.WithTimeout(ctx, cardPatience)
	defer done()
	response, err := c.card.Transmit(limited, command)
	switch {
	case err == nil:
		return response, nil
	case limited.Err() != nil && ctx.Err() == nil:
		return nil, ErrSilent
	}
	return nil, fmt.Errorf("the card: %w", err)
}
