package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// frames knows the frames of one tab: who is inside whom, which origin each
// has, and the JavaScript world in which its page runs. All of it comes from
// the browser, none from the page.
type frames struct {
	mu      sync.Mutex
	byID    map[cdp.FrameID]*frame
	worlds  map[worldKey]world
	changed chan struct{}  // closed and replaced whenever a world comes or goes
	ended   func(worldKey) // called for every world that has gone; must not block
}

type frame struct {
	parent cdp.FrameID // empty for the page itself
	origin string
	world  string // unique id of the page's world; empty while there is none
}

// world is a page's JavaScript world: the frame it runs in, and its name among
// all worlds of the browser.
type world struct {
	frame  cdp.FrameID
	unique string
}

// worldKey names a world as its session does.
type worldKey struct {
	session string
	id      runtime.ExecutionContextID
}

func (k worldKey) String() string { return fmt.Sprintf("%s/%d", k.session, k.id) }

func newFrames(ended func(worldKey)) *frames {
	return &frames{ended: ended, byID: map[cdp.FrameID]*frame{}, worlds: map[worldKey]world{}, changed: make(chan struct{})}
}

// event learns from an event of the Page or Runtime domain.
func (f *frames) event(session string, ev any) {
	switch e := ev.(type) {
	case *page.EventFrameAttached:
		f.attached(e.FrameID, e.ParentFrameID)
	case *page.EventFrameNavigated:
		if e.Frame.ParentID != "" {
			f.attached(e.Frame.ID, e.Frame.ParentID)
		}
	case *page.EventFrameDetached:
		if e.Reason != page.FrameDetachedReasonSwap {
			f.detached(e.FrameID)
		}
	case *runtime.EventExecutionContextCreated:
		f.worldCreated(session, e.Context)
	case *runtime.EventExecutionContextDestroyed:
		f.worldsGone(func(_ worldKey, unique string) bool { return unique == e.ExecutionContextUniqueID })
	case *runtime.EventExecutionContextsCleared:
		f.sessionGone(session)
	}
}

// sessionGone forgets the worlds of a session.
func (f *frames) sessionGone(session string) {
	f.worldsGone(func(k worldKey, _ string) bool { return k.session == session })
}

func (f *frames) get(id cdp.FrameID) *frame {
	if f.byID[id] == nil {
		f.byID[id] = &frame{}
	}
	return f.byID[id]
}

func (f *frames) attached(id, parent cdp.FrameID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.get(id).parent = parent
}

func (f *frames) detached(id cdp.FrameID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.byID, id)
}

func (f *frames) worldCreated(session string, w *runtime.ExecutionContextDescription) {
	var about struct {
		IsDefault bool        `json:"isDefault"`
		FrameID   cdp.FrameID `json:"frameId"`
	}
	if json.Unmarshal(w.AuxData, &about) != nil || !about.IsDefault || about.FrameID == "" {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	to := f.get(about.FrameID)
	to.origin, to.world = w.Origin, w.UniqueID
	f.worlds[worldKey{session, w.ID}] = world{about.FrameID, w.UniqueID}
	f.broadcast()
}

func (f *frames) worldsGone(gone func(worldKey, string) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for key, w := range f.worlds {
		if !gone(key, w.unique) {
			continue
		}
		if in := f.byID[w.frame]; in != nil && in.world == w.unique {
			in.world = ""
		}
		delete(f.worlds, key)
		f.ended(key)
	}
	f.broadcast()
}

func (f *frames) broadcast() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// waitWorld returns the world of a frame, waiting for one that is not stale.
func (f *frames) waitWorld(ctx context.Context, id cdp.FrameID, stale string) (string, error) {
	for {
		f.mu.Lock()
		world, changed := f.get(id).world, f.changed
		f.mu.Unlock()
		if world != "" && world != stale {
			return world, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

// parent is the frame that a frame is in, empty for the page itself.
func (f *frames) parent(id cdp.FrameID) cdp.FrameID {
	f.mu.Lock()
	defer f.mu.Unlock()
	if in := f.byID[id]; in != nil {
		return in.parent
	}
	return ""
}

// origin is the origin of a frame, empty if there is no such frame.
func (f *frames) origin(id cdp.FrameID) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.get(id).origin
}

// worldsOf are the worlds of the frames with that origin.
func (f *frames) worldsOf(origin string) []worldKey {
	f.mu.Lock()
	defer f.mu.Unlock()
	var keys []worldKey
	for key, w := range f.worlds {
		if in := f.byID[w.frame]; in != nil && in.origin == origin {
			keys = append(keys, key)
		}
	}
	return keys
}

// caller describes the frame that a world belongs to.
type caller struct {
	origin      string
	crossOrigin bool
	topOrigin   string // only when crossOrigin
}

// caller looks up who runs in a world. It reports false for worlds that are not
// a page's own.
func (f *frames) caller(key worldKey) (caller, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	in, ok := f.worlds[key]
	top := f.byID[in.frame]
	if !ok || top == nil {
		return caller{}, false
	}
	c := caller{origin: top.origin}
	for depth := 0; top.parent != "" && f.byID[top.parent] != nil && depth < maxFrameDepth; depth++ {
		top = f.byID[top.parent]
		c.crossOrigin = c.crossOrigin || top.origin != c.origin
	}
	if c.crossOrigin {
		c.topOrigin = top.origin
	}
	return c, true
}

// maxFrameDepth ends the walk to the top should the browser name a circle.
const maxFrameDepth = 64
