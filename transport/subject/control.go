package subject

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Control is the control channel of a device, as package control serves it.
type Control struct {
	base   *url.URL
	client http.Client

	mu        sync.Mutex
	approving bool  // nobody has told the user anything else since they were told to
	clock     *bool // whether the time of the device can be moved; nil = not asked yet
}

// NewControl returns the control channel at an address, HOST:PORT or a URL.
// Nothing is sent yet.
func NewControl(at string) (*Control, error) {
	if !strings.Contains(at, "://") {
		at = "http://" + at
	}
	base, err := url.Parse(at)
	if err != nil || base.Host == "" || base.Scheme != "http" {
		return nil, fmt.Errorf("%q is no control channel: give it as HOST:PORT, as `passkeylab device --control` has it", at)
	}
	return &Control{base: base}, nil
}

// factory has the device as it left the factory, just powered up, with a user who
// approves.
func (c *Control) factory(ctx context.Context) error {
	if err := c.approve(ctx); err != nil {
		return err
	}
	return c.ask(ctx, http.MethodPost, "/reset")
}

// approve has the user approve, and have the right fingers. It asks only where that may
// not be so already.
func (c *Control) approve(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.approving {
		return nil
	}
	if err := c.ask(ctx, http.MethodPost, "/touch/auto"); err != nil {
		return err
	}
	// Where no finger can be a wrong one, none is.
	if err := c.ask(ctx, http.MethodPost, "/wrong-finger/0"); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	c.approving = true
	return nil
}

// tell tells the user how to be from now on.
func (c *Control) tell(ctx context.Context, path string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.approving = false
	return c.ask(ctx, http.MethodPost, path)
}

// forward tells the device that time has passed.
func (c *Control) forward(ctx context.Context, by time.Duration) error {
	return c.ask(ctx, http.MethodPost, "/clock/forward/"+by.String())
}

// hasClock reports whether the time of the device can be moved: whoever refuses to move
// it by nothing cannot, and neither can a channel that says yes to everything.
func (c *Control) hasClock(ctx context.Context) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.clock == nil {
		can := c.forward(ctx, 0) == nil && c.ask(ctx, http.MethodPost, "/clock/forward/nonsense") != nil
		c.clock = &can
	}
	return *c.clock
}

// maxComplaint is how much is read of what a channel has to say, in bytes.
const maxComplaint = 64 << 10

// ask asks for something, and waits until it has been done. The error wraps
// [errors.ErrUnsupported] where the device has no way to do it.
func (c *Control) ask(ctx context.Context, method, path string) error {
	r, err := http.NewRequestWithContext(ctx, method, c.base.JoinPath(path).String(), nil)
	if err != nil {
		return err
	}
	answer, err := c.client.Do(r)
	if err != nil {
		return fmt.Errorf("the control channel: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxComplaint))
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return fmt.Errorf("the control channel: %w", err)
	}
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	var complaint struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(text, &complaint) != nil || complaint.Error == "" {
		complaint.Error = answer.Status
	}
	if answer.StatusCode == http.StatusNotImplemented {
		return fmt.Errorf("the control channel has no %s: %s (%w)", path, complaint.Error, errors.ErrUnsupported)
	}
	return fmt.Errorf("the control channel refuses %s: %s", path, complaint.Error)
}
