package browser

import (
	"context"
	"fmt"
	"sync"
)

// focus is the keyboard focus of one browser. A popup closes as soon as another
// window is used or opened, so whoever has one needs the focus alone. With
// windows on a display all input takes turns; headless tabs otherwise work side
// by side.
type focus struct {
	mu      sync.Mutex
	owner   any           // who has it alone; nil if nobody
	front   any           // who had it alone last
	sharing int           // how many use it side by side
	waiting int           // how many want it alone; they go first
	changed chan struct{} // closed and replaced when somebody is done
}

func newFocus() *focus { return &focus{changed: make(chan struct{})} }

// take gives who the focus alone, and keeps it until release. Taking again is
// allowed. It reports whether somebody else had it in between.
func (f *focus) take(ctx context.Context, who any) (behind bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting++
	defer func() { f.waiting-- }()
	free := func() bool { return f.owner == who || f.owner == nil && f.sharing == 0 }
	if err := f.wait(ctx, free); err != nil {
		return false, err
	}
	behind = f.front != who
	f.owner, f.front = who, who
	return behind, nil
}

// release ends what take began; it does nothing for anybody else.
func (f *focus) release(who any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.owner == who {
		f.owner = nil
		f.wake()
	}
}

// share gives who the focus beside others, until done is called.
func (f *focus) share(ctx context.Context, who any) (done func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	free := func() bool { return f.owner == who || f.owner == nil && f.waiting == 0 }
	if err := f.wait(ctx, free); err != nil {
		return nil, err
	}
	f.sharing++
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.sharing--
		f.wake()
	}, nil
}

// wait returns when free holds. It is called with f locked, and returns so.
func (f *focus) wait(ctx context.Context, free func() bool) error {
	for !free() {
		changed := f.changed
		f.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		f.mu.Lock()
		if ctx.Err() != nil {
			return fmt.Errorf("another tab keeps the keyboard focus, perhaps with an open popup: %w", context.Cause(ctx))
		}
	}
	return nil
}

func (f *focus) wake() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// use does what needs the keyboard or the mouse, or opens a window.
func (b *Browser) use(ctx context.Context, who any, do func() error) error {
	done, err := b.focus.share(ctx, who)
	if err != nil {
		return err
	}
	defer done()
	return do()
}

// withFocus does what needs the keyboard or the mouse. It ends the turn that an
// open popup prolonged.
func (t *Tab) withFocus(ctx context.Context, do func() error) error {
	if t.context.browser.desktop == nil {
		return t.context.browser.use(ctx, t, do)
	}
	return t.withPopup(ctx, do)
}

// withPopup does what must not be disturbed by other tabs.
func (t *Tab) withPopup(ctx context.Context, do func() error) error {
	if err := t.takeFocus(ctx); err != nil {
		return err
	}
	defer t.context.browser.focus.release(t)
	return do()
}

// takeFocus gives the tab the focus alone, and puts it in front.
func (t *Tab) takeFocus(ctx context.Context) error {
	behind, err := t.context.browser.focus.take(ctx, t)
	if err == nil && behind {
		err = t.comeForward(ctx)
	}
	if err != nil {
		t.context.browser.focus.release(t)
	}
	return err
}

// comeForward puts the tab in front until its page has noticed. A window that
// has only just opened misses the first attempts.
func (t *Tab) comeForward(ctx context.Context) error {
	for {
		if err := t.BringToFront(ctx); err != nil {
			return err
		}
		err := t.soon(ctx, "document.hasFocus()")
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
}

// soon waits for popupPatience at most until an expression holds in the page.
func (t *Tab) soon(ctx context.Context, expression string) error {
	ctx, cancel := context.WithTimeout(ctx, popupPatience)
	defer cancel()
	return t.WaitFunc(ctx, expression)
}
