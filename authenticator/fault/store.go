package fault

import (
	"context"
	"sync"

	"github.com/passkeylab/passkeylab/authenticator"
)

func storeFaults() []Fault {
	const kept = "CTAP 2.3 §6.1.2 steps 17 and 18"
	return []Fault{
		{
			ID: "store/forgets-new", Spec: kept,
			Doc: "A new passkey is handed out and not kept.",
			Seams: authenticator.Seams{Keep: func(c authenticator.Change) authenticator.Change {
				c.Put = nil
				return c
			}},
		},
		forgetsWithoutPower(),
		writesLate(),
		resurrectsDeleted(),
		{
			ID: "store/replacement-loses-old", Spec: kept,
			Doc: "Making a passkey for an account that has one removes the old one and does not keep the new.",
			Seams: authenticator.Seams{Keep: func(c authenticator.Change) authenticator.Change {
				if len(c.Delete) > 0 {
					c.Put = nil
				}
				return c
			}},
		}, {
			ID: "store/secret-changes", Spec: kept,
			Doc:   "The secret of the device that opens credentials which are not discoverable is not kept, so that none of them is found again.",
			Seams: keepingState(func(s *authenticator.State) { s.Secret = nil }),
		}, {
			ID: "store/pin-not-kept", Spec: "CTAP 2.3 §6.5.5.5 step 11",
			Doc:   "Setting a PIN succeeds, and there is none afterwards.",
			Seams: keepingSettings(func(s *authenticator.Settings) { s.PINHash, s.PINLength = nil, 0 }),
		}, {
			ID: "store/any-user-replaced", Spec: "CTAP 2.3 §6.1.2 step 17.2",
			Doc:   "A passkey takes the place of the newest at its relying party, whosever that is.",
			Seams: replacesNewest(),
		}, {
			ID: "store/order-lost", Spec: "CTAP 2.3 §6.2.2 step 12.2.1",
			Doc:   "In which order passkeys were made is not kept.",
			Seams: keepingCredentials(func(c *authenticator.Credential) { c.Sequence = ^c.Sequence }),
		},
	}
}

// replacesNewest notes the newest passkey of each relying party.
func replacesNewest() authenticator.Seams {
	newest := map[string][]byte{}
	return authenticator.Seams{Keep: func(c authenticator.Change) authenticator.Change {
		for _, put := range c.Put {
			if before, is := newest[put.RPID]; is && string(before) != string(put.ID) {
				c.Delete = append(c.Delete[:len(c.Delete):len(c.Delete)], before)
			}
			newest[put.RPID] = put.ID
		}
		return c
	}}
}

// draft is a store of which the latest changes are in memory alone, beside what was
// kept for good.
type draft struct {
	mu      sync.Mutex
	forGood authenticator.Store
	now     *authenticator.MemoryStore
	pending []authenticator.Change // made in now and not for good
	ready   bool
}

// open copies what was kept for good.
func (d *draft) open(ctx context.Context) error {
	if d.ready {
		return nil
	}
	held, err := d.forGood.Load(ctx)
	if err != nil {
		return err
	}
	all, err := d.forGood.Find(ctx, authenticator.Query{})
	if err != nil {
		return err
	}
	d.now, d.pending, d.ready = authenticator.NewMemoryStore(), nil, true
	return d.now.Commit(ctx, authenticator.Change{Put: all, State: &held.State, Settings: &held.Settings, LargeBlobs: held.LargeBlobs})
}

func (d *draft) Load(ctx context.Context) (authenticator.Held, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.open(ctx); err != nil {
		return authenticator.Held{}, err
	}
	return d.now.Load(ctx)
}

func (d *draft) Find(ctx context.Context, q authenticator.Query) ([]*authenticator.Credential, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.open(ctx); err != nil {
		return nil, err
	}
	return d.now.Find(ctx, q)
}

func (d *draft) lose() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ready = false
}

// forgetful never makes a change for good.
type forgetful struct{ *draft }

func (s forgetful) Commit(ctx context.Context, change authenticator.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.open(ctx); err != nil {
		return err
	}
	return s.now.Commit(ctx, change)
}

// late makes a change for good when the next one comes.
type late struct{ *draft }

func (s late) Commit(ctx context.Context, change authenticator.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.open(ctx); err != nil {
		return err
	}
	if err := s.now.Commit(ctx, change); err != nil {
		return err
	}
	for _, before := range s.pending {
		if err := s.forGood.Commit(ctx, before); err != nil {
			return err
		}
	}
	s.pending = []authenticator.Change{change}
	return nil
}

func forgetsWithoutPower() Fault {
	d := new(draft)
	return Fault{
		ID: "store/forgets-without-power", Spec: "CTAP 2.3 §6.1.2 step 17, §6.5.2.3",
		Doc: "Everything is kept in memory alone: when the power goes, passkeys, PIN and counters are what they were before.",
		Seams: authenticator.Seams{
			Env: func(e authenticator.Env) authenticator.Env {
				d.forGood = e.Store
				e.Store = forgetful{d}
				return e
			},
			PowerCycled: d.lose,
		},
	}
}

func writesLate() Fault {
	d := new(draft)
	return Fault{
		ID: "store/writes-late", Spec: "CTAP 2.3 §6.5.2.3, §6.1.2 step 17",
		Doc: "A change is kept for good only when the next one comes, so that the last one before a power cut is lost though it was answered.",
		Seams: authenticator.Seams{
			Env: func(e authenticator.Env) authenticator.Env {
				d.forGood = e.Store
				e.Store = late{d}
				return e
			},
			PowerCycled: d.lose,
		},
	}
}
