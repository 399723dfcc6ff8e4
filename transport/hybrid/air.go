package hybrid

import (
	"context"
	"sync"

	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
)

// Advertiser sends data of a service, such as protocol.ServiceUUID, to all that are
// near, over and over, until stop is called, which may be more than once. ctx limits
// the start only. Package hybridtest has this as tests.
type Advertiser interface {
	Advertise(ctx context.Context, service string, data []byte) (stop func(), err error)
}

// Scanner listens for data of hybrid transports' services that are sent near by,
// until ctx ends, and hands them to heard, from one goroutine. The same may come
// many times. What it returns once ctx has ended does not matter. Package hybridtest
// has this as tests.
type Scanner interface {
	Scan(ctx context.Context, heard func(data []byte)) error
}

// Air is what phones and computers that are near each other have in common. Its
// zero value is silence. It is safe for concurrent use.
type Air struct {
	mu      sync.Mutex
	adverts map[*advert]bool
	changed chan struct{} // closed at the next advert
}

// advert is on air; who has heard it knows it by its pointer.
type advert struct{ data []byte }

var (
	_ Advertiser = (*Air)(nil)
	_ Scanner    = (*Air)(nil)
)

// Advertise implements [Advertiser]. Other services than those of hybrid transports
// are not heard by anybody.
func (a *Air) Advertise(ctx context.Context, service string, data []byte) (stop func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if service != protocol.ServiceUUID && service != protocol.LegacyServiceUUID {
		return func() {}, nil
	}
	on := &advert{append([]byte(nil), data...)}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.adverts == nil {
		a.adverts = make(map[*advert]bool)
	}
	a.adverts[on] = true
	if a.changed != nil {
		close(a.changed)
		a.changed = nil
	}
	return func() { a.silence(on) }, nil
}

func (a *Air) silence(on *advert) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.adverts, on)
}

// Scan implements [Scanner]: each advert is heard once, those first that are on air
// already.
func (a *Air) Scan(ctx context.Context, heard func(data []byte)) error {
	known := make(map[*advert]bool)
	for {
		news, changed := a.news(known)
		for _, data := range news {
			heard(data)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// news returns what is on air and not known yet, and what closes when there is
// more.
func (a *Air) news(known map[*advert]bool) ([][]byte, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var news [][]byte
	for on := range a.adverts {
		if !known[on] {
			known[on] = true
			news = append(news, append([]byte(nil), on.data...))
		}
	}
	for on := range known {
		if !a.adverts[on] {
			delete(known, on)
		}
	}
	if a.changed == nil {
		a.changed = make(chan struct{})
	}
	return news, a.changed
}
