package control

import (
	"context"
	"sync"

	"github.com/passkeylab/passkeylab/transport"
)

// Lamp is what a device winks with. The zero value is dark. It is safe for
// concurrent use.
type Lamp struct {
	mu      sync.Mutex
	winks   int
	changed chan struct{} // closed at the next wink
}

var _ transport.Winker = (*Lamp)(nil)

// Wink lights the lamp for a moment.
func (l *Lamp) Wink() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.winks++
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// Winks returns how often the device has winked.
func (l *Lamp) Winks() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.winks
}

// Await waits until the device has winked n times in all.
func (l *Lamp) Await(ctx context.Context, n int) error {
	for {
		l.mu.Lock()
		if l.winks >= n {
			l.mu.Unlock()
			return nil
		}
		if l.changed == nil {
			l.changed = make(chan struct{})
		}
		changed := l.changed
		l.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
