package subject

import (
	"context"
	"errors"
	"sync"
	"time"
)

// pulse tells whether anything goes on between browser and device.
type pulse struct {
	mu     sync.Mutex
	last   time.Time
	asked  int           // how often the browser has said something
	change chan struct{} // closed at the next beat; nil where nobody waits
}

func (p *pulse) beat(asked bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = time.Now()
	if asked {
		p.asked++
	}
	if p.change != nil {
		close(p.change)
		p.change = nil
	}
}

// count is how often the browser has said something, and next is closed when anything
// is said again.
func (p *pulse) count() (asked int, last time.Time, next <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.change == nil {
		p.change = make(chan struct{})
	}
	return p.asked, p.last, p.change
}

// heard waits until the browser has said more than that.
func (p *pulse) heard(ctx context.Context, before int) error {
	for {
		asked, _, next := p.count()
		if asked > before {
			return nil
		}
		select {
		case <-next:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// errQuiet is why a user gives up.
var errQuiet = errors.New("nothing happens any more")

// untilQuiet is a context that ends by errQuiet when nothing has been said for so long.
func (p *pulse) untilQuiet(ctx context.Context, long time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	p.beat(false)
	go func() {
		for {
			_, last, _ := p.count()
			left := long - time.Since(last)
			if left <= 0 {
				cancel(errQuiet)
				return
			}
			timer := time.NewTimer(left)
			select {
			case <-timer.C:
			case <-ctx.Done():
				timer.Stop()
				return
			}
		}
	}()
	return ctx, func() { cancel(nil) }
}

const (
	// calm is longer than a device is silent that waits for its user.
	calm = 300 * time.Millisecond
	// cancelling is how long a browser may take to cancel what it no longer needs, which
	// pages do not wait for.
	cancelling = 2 * time.Second
)

// settle waits until no device waits for its user any more, within limits.
func (p *pulse) settle(ctx context.Context) {
	ctx, end := context.WithTimeout(ctx, cancelling)
	defer end()
	quiet, cancel := p.untilQuiet(ctx, calm)
	defer cancel()
	<-quiet.Done()
}
