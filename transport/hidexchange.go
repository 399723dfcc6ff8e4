package transport

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/ctap/hid"
)

// receive hands on what the device sends, until the link ends.
func (c *HIDClient) receive() {
	for {
		report, err := c.link.Receive()
		if err != nil {
			c.hangUp(fmt.Errorf("the link to the device: %w", err))
			return
		}
		select {
		case c.reports <- report:
		case <-c.closed.Done():
			return
		}
	}
}

// exchange sends the reports of a request and waits for the answer.
func (c *HIDClient) exchange(ctx context.Context, reports [][]byte, cancellable bool) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := c.send(reports); err != nil {
		return nil, err
	}
	answer, err := c.await(ctx)
	if err != nil && ctx.Err() != nil && cancellable {
		if answer, err = c.cancel(); err != nil {
			err = errors.Join(ctx.Err(), err)
		}
	}
	var code hid.Error
	if err != nil && !errors.As(err, &code) {
		c.lost = true
	}
	return answer, err
}

func (c *HIDClient) send(reports [][]byte) error {
	for _, report := range reports {
		if err := c.link.Send(report); err != nil {
			return err
		}
	}
	return nil
}

// cancel asks the device to end the request under way, and waits for that.
func (c *HIDClient) cancel() ([]byte, error) {
	if err := c.send(c.host.Cancel()); err != nil {
		return nil, err
	}
	grace, done := context.WithTimeout(context.Background(), c.patience)
	defer done()
	return c.await(grace)
}

// await waits for the end of the transaction, for as long as the device is
// heard of.
func (c *HIDClient) await(ctx context.Context) ([]byte, error) {
	silence := time.NewTimer(c.patience)
	defer silence.Stop()
	for {
		select {
		case report := <-c.reports:
			event, err := c.host.Report(report)
			if event.Done {
				return event.Payload, err
			}
			if event.Heard {
				silence.Reset(c.patience)
			}
		case <-silence.C:
			return nil, ErrSilent
		case <-c.closed.Done():
			return nil, context.Cause(c.closed)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
