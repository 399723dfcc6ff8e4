package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"

	"github.com/passkeylab/passkeylab/browser/internal/devtools"
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
	session target.SessionID
	id      runtime.ExecutionContextID
}

func (k worldKey) String() string { return fmt.Sprintf("%s/%d", k.session, k.id) }

func newFrames(ended func(worldKey)) *frames {
	return &frames{ended: ended, byID: map[cdp.FrameID]*frame{}, worlds: map[worldKey]world{}, changed: make(chan struct{})}
}

// watch learns from the events of a session, whose Page and Runtime domains
// the caller enables afterwards.
func (f *frames) watch(s *devtools.Session) {
	devtools.On(s, page.FrameAttached, func(e page.EventFrameAttached) { f.attached(e.FrameID, e.ParentFrameID) })
	devtools.On(s, page.FrameDetached, func(e page.EventFrameDetached) {
		if e.Reason != page.FrameDetachedReasonSwap {
			f.detached(e.FrameID)
		}
	})
	devtools.On(s, page.FrameNavigated, func(e page.EventFrameNavigated) {
		if e.Frame.ParentID != "" {
			f.attached(e.Frame.ID, e.Frame.ParentID)
		}
	})
	devtools.On(s, runtime.ExecutionContextCreated, func(e runtime.EventExecutionContextCreated) {
		f.worldCreated(s.ID(), e.Context)
	})
	devtools.On(s, runtime.ExecutionContextDestroyed, func(e runtime.EventExecutionContextDestroyed) {
		f.worldsGone(func(_ worldKey, unique string) bool { return unique == e.ExecutionContextUniqueID })
	})
	devtools.On(s, runtime.ExecutionContextsCleared, func(runtime.EventExecutionContextsCleared) {
		f.worldsGone(func(k worldKey, _ string) bool { return k.session == s.ID() })
	})
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

func (f *frames) worldCreated(session target.SessionID, w *runtime.ExecutionContextDescription) {
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
func (f *frames) caller(session target.SessionID, id runtime.ExecutionContextID) (caller, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	in, ok := f.worlds[worldKey{session, id}]
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
