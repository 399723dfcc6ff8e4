package hybridtest_test

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/internal/contract"
	"github.com/passkeylab/passkeylab/transport/hybrid"
	"github.com/passkeylab/passkeylab/transport/hybrid/hybridtest"
)

// mutant is air with something wrong, on top of good air.
type mutant struct {
	hybrid.Air
	advertise func(m *mutant, ctx context.Context, service string, data []byte) (func(), error)
	scan      func(m *mutant, ctx context.Context, heard func([]byte)) error

	mu    sync.Mutex
	given [][]byte       // what was advertised, as it was given
	ears  []func([]byte) // of those who have listened
	ends  []func()       // of what was said
}

func (m *mutant) Advertise(ctx context.Context, service string, data []byte) (func(), error) {
	if m.advertise != nil {
		return m.advertise(m, ctx, service, data)
	}
	return m.Air.Advertise(ctx, service, data)
}

func (m *mutant) Scan(ctx context.Context, heard func([]byte)) error {
	if m.scan != nil {
		return m.scan(m, ctx, heard)
	}
	return m.Air.Scan(ctx, heard)
}

// now is what is on air.
func (m *mutant) now() (all [][]byte) {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	_ = m.Air.Scan(over, func(data []byte) { all = append(all, data) })
	return all
}

// judgeAir runs the contract in a bubble, where patience takes no time.
func judgeAir(t *testing.T, fresh func() *mutant) (failed []string) {
	synctest.Test(t, func(t *testing.T) {
		failed = contract.Judge(t.Context(), func(r *contract.Recorder) {
			hybridtest.RunAir(r, func(*contract.Recorder) hybridtest.Air {
				m := fresh()
				return hybridtest.Air{Advertiser: m, Scanner: m}
			})
		})
	})
	return failed
}

func TestGoodAirPasses(t *testing.T) {
	t.Parallel()
	assert.Empty(t, judgeAir(t, func() *mutant { return new(mutant) }))
}

// keepBytes has listeners hear the very bytes that were given.
func keepBytes(m *mutant, ctx context.Context, service string, data []byte) (func(), error) {
	m.mu.Lock()
	m.given = append(m.given, data)
	m.mu.Unlock()
	return m.Air.Advertise(ctx, service, data)
}

func hearGiven(copied bool) func(m *mutant, ctx context.Context, heard func([]byte)) error {
	return func(m *mutant, ctx context.Context, heard func([]byte)) error {
		return m.Air.Scan(ctx, func([]byte) {
			m.mu.Lock()
			data := m.given[0]
			m.mu.Unlock()
			if copied {
				data = bytes.Clone(data)
			}
			heard(data)
		})
	}
}

// Every rule of the contract is noticed when it is broken.
func TestFlawedAirIsCaught(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mutant *mutant
		caught string // the rule that should notice, among others
	}{
		"forgets what was said before": {&mutant{scan: func(m *mutant, ctx context.Context, heard func([]byte)) error {
			old := len(m.now())
			return m.Air.Scan(ctx, func(data []byte) {
				if old--; old < 0 {
					heard(data)
				}
			})
		}}, "hears what is said already"},
		"hears only what was said before": {&mutant{scan: func(m *mutant, ctx context.Context, heard func([]byte)) error {
			for _, data := range m.now() {
				heard(data)
			}
			<-ctx.Done()
			return nil
		}}, "hears what is said meanwhile"},
		"hears one": {&mutant{scan: func(m *mutant, ctx context.Context, heard func([]byte)) error {
			var once sync.Once
			return m.Air.Scan(ctx, func(data []byte) { once.Do(func() { heard(data) }) })
		}}, "hears several"},
		"hears every service": {&mutant{advertise: func(m *mutant, ctx context.Context, _ string, data []byte) (func(), error) {
			return m.Air.Advertise(ctx, protocol.ServiceUUID, data)
		}}, "hears either service"},
		"does not know the legacy service": {&mutant{advertise: func(m *mutant, ctx context.Context, service string, data []byte) (func(), error) {
			if service == protocol.LegacyServiceUUID {
				return func() {}, nil
			}
			return m.Air.Advertise(ctx, service, data)
		}}, "hears either service"},
		"never stops": {&mutant{advertise: func(m *mutant, ctx context.Context, service string, data []byte) (func(), error) {
			_, err := m.Air.Advertise(ctx, service, data)
			return func() {}, err
		}}, "hears nothing that was stopped"},
		"keeps the bytes of the caller":       {&mutant{advertise: keepBytes, scan: hearGiven(true)}, "keeps what it was given"},
		"hands out the same bytes to all":     {&mutant{advertise: keepBytes, scan: hearGiven(false)}, "gives each listener its own"},
		"falls silent once the start is over": {&mutant{advertise: endingEarly, scan: hearWhatHasNotEnded}, "says on"},
		"speaks for who has gone": {&mutant{advertise: func(m *mutant, ctx context.Context, service string, data []byte) (func(), error) {
			return m.Air.Advertise(context.WithoutCancel(ctx), service, data)
		}}, "says nothing for who has gone"},
		"tells who does not listen any more": {&mutant{
			advertise: func(m *mutant, ctx context.Context, service string, data []byte) (func(), error) {
				m.mu.Lock()
				defer m.mu.Unlock()
				for _, heard := range m.ears {
					heard(data)
				}
				return m.Air.Advertise(ctx, service, data)
			},
			scan: func(m *mutant, ctx context.Context, heard func([]byte)) error {
				err := m.Air.Scan(ctx, heard)
				m.mu.Lock()
				defer m.mu.Unlock()
				m.ears = append(m.ears, heard)
				return err
			},
		}, "tells from one goroutine"},
		"listens on": {&mutant{scan: func(m *mutant, ctx context.Context, heard func([]byte)) error {
			err := m.Air.Scan(ctx, heard)
			<-time.After(time.Hour)
			return err
		}}, "hears what is said already"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failed := judgeAir(t, func() *mutant { return &mutant{advertise: c.mutant.advertise, scan: c.mutant.scan} })
			assert.True(t, contract.Notice(failed, c.caught), "%q did not notice; what did: %q", c.caught, failed)
		})
	}
}

// endingEarly ends what has been said with the context that it was said under.
func endingEarly(m *mutant, ctx context.Context, service string, data []byte) (func(), error) {
	stop, err := m.Air.Advertise(ctx, service, data)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ends = append(m.ends, func() {
		if err == nil && ctx.Err() != nil {
			stop()
		}
	})
	return stop, err
}

func hearWhatHasNotEnded(m *mutant, ctx context.Context, heard func([]byte)) error {
	m.mu.Lock()
	for _, end := range m.ends {
		end()
	}
	m.mu.Unlock()
	return m.Air.Scan(ctx, heard)
}
