package devtools

import (
	"io"
	"sync"
)

// outbox is a queue of frames for the browser. Pushing never blocks, so that an
// event handler may send a command while the browser itself waits for us to
// read.
type outbox struct {
	mu     sync.Mutex
	wake   *sync.Cond
	frames [][]byte
	closed bool
}

func newOutbox() *outbox {
	o := &outbox{}
	o.wake = sync.NewCond(&o.mu)
	return o
}

func (o *outbox) push(frame []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.frames = append(o.frames, frame)
		o.wake.Signal()
	}
}

func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.frames = nil
	o.wake.Signal()
}

// drain writes the frames in order until the outbox is closed. A failed write
// needs no report: the reading side notices that the browser has gone.
func (o *outbox) drain(w io.WriteCloser) {
	defer w.Close()
	for {
		o.mu.Lock()
		for len(o.frames) == 0 && !o.closed {
			o.wake.Wait()
		}
		frames, closed := o.frames, o.closed
		o.frames = nil
		o.mu.Unlock()
		for _, frame := range frames {
			if _, err := w.Write(frame); err != nil {
				return
			}
		}
		if closed {
			return
		}
	}
}
