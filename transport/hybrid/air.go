package hybrid

import (
	"context"
	"sync"
)

// Advertiser sends service data to all that are near, over and over, until stop is
// called. stop may be called more than once.
type Advertiser interface {
	Advertise(ctx context.Context, serviceData []byte) (stop func(), err error)
}

// Scanner listens for service data that are sent near by. It hands them to heard,
// which says whether it has heard enough, from the goroutine of the caller. The
// same data may come many times. It returns nil after enough, or else why it
// stopped listening.
type Scanner interface {
	Scan(ctx context.Context, heard func(serviceData []byte) (enough bool)) error
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

// Advertise implements [Advertiser].
func (a *Air) Advertise(ctx context.Context, serviceData []byte) (stop func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	on := &advert{append([]byte(nil), serviceData...)}
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
func (a *Air) Scan(ctx context.Context, heard func(serviceData []byte) (enough bool)) error {
	known := make(map[*advert]bool)
	for {
		news, changed := a.news(known)
		for _, data := range news {
			if heard(data) {
				return nil
			}
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
