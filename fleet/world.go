package fleet

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/relyingparty"
)

// Where the site is.
const (
	rpID = "auth.acme.test"
	base = "https://" + rpID
)

// world is what a life takes place in.
type world struct {
	ctx     context.Context
	seed    uint64
	plant   Plant
	clock   *authenticator.ManualClock
	site    *relyingparty.Site
	front   http.Handler // the site, as visitors reach it
	people  []*person
	devices []*device
	thief   *device
	book    *book
	bound   map[string]*device // device-bound passkeys, and where they were made
	last    []byte             // the last answer that a login was given
	made    int                // devices
	secrets int                // passwords
	mails   map[string]int     // read, by email address
	seen    int64              // of the tenant log
	steps   int
	told    []string
}

// person is somebody with devices.
type person struct {
	name, email string
	account     *provider.Account
}

// people are how many there are. Each has an account at a provider with two devices
// in it, and a security key that counts and syncs nothing.
const people = 3

const recovery = "the owner's recovery secret"

// Plant is a defect that somebody puts into a world, to see it found. Its members
// may be nil.
type Plant struct {
	Site  func(*relyingparty.Config)                    // before the site is opened
	Front func(http.Handler) http.Handler               // between visitors and the site
	Store func(authenticator.Store) authenticator.Store // between each device and what it keeps
	After func(Backstage)                               // behind everybody's back, after each step
}

// Backstage is what a [Plant] can reach after a step.
type Backstage struct {
	Step   int // counted from 1
	Site   *relyingparty.Site
	Stores []authenticator.Store // of all devices
}

// newWorld opens the site, with nobody who has an account there yet.
func newWorld(ctx context.Context, number uint64, plant Plant) *world {
	w := &world{
		ctx: ctx, seed: number, plant: plant, clock: authenticator.NewManualClock(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)),
		book: newBook(), bound: map[string]*device{}, mails: map[string]int{},
	}
	policy := relyingparty.DefaultPolicy()
	policy.SessionLifetime = 100 * 365 * 24 * time.Hour // what a session is worth is asked, not how long it lasts
	unlimited := relyingparty.Rate{Burst: math.MaxInt32, Every: time.Nanosecond}
	config := relyingparty.Config{
		BaseURL: base, Policy: policy, PasswordCost: relyingparty.LabPasswordCost(), LogRetention: -1, Clock: w.clock.Now, Random: seed.Stream(number, "site"),
		Limits: relyingparty.Limits{Requests: unlimited, PasswordErrors: unlimited, ResetMails: unlimited, PasskeyAPI: unlimited, Sessions: 100_000},
	}
	if plant.Site != nil {
		plant.Site(&config)
	}
	var err error
	w.site, err = relyingparty.New(config)
	w.must(err)
	w.front = w.site
	if plant.Front != nil {
		w.front = plant.Front(w.site)
	}
	w.populate()
	return w
}

func (w *world) close() { _ = w.site.Close() } // everything of it was in memory

// populate gives people accounts at providers that the seed draws, half of which
// deliver by the clock and with a lag, and devices.
func (w *world) populate() {
	random := seed.Stream(w.seed, "people")
	all := provider.All()
	for i, name := range []string{"alice", "bob", "carol"}[:people] {
		p := all[(random.Uint64()+uint64(i))%uint64(len(all))]
		automatic := random.Uint64()%2 == 0
		if automatic {
			p.Lag = provider.Lag{Up: 2 * time.Second, Down: 3 * time.Second, Spread: 5 * time.Second}
		}
		account, err := provider.NewAccount(provider.Options{Provider: p, Name: name + "'s account", Clock: w.clock, Secret: recovery, Automatic: automatic})
		w.must(err)
		one := &person{name: name, email: name + "@example.com", account: account}
		w.people = append(w.people, one)
		w.newDevice(one, account, authenticator.Phone())
		w.newDevice(one, account, authenticator.Laptop())
		w.newDevice(one, nil, authenticator.SecurityKey())
	}
	w.thief = w.newDevice(&person{name: "a thief"}, nil, authenticator.Phone())
	w.devices = w.devices[:len(w.devices)-1]
}

// unlock gives a device the provider's key, if it can be had now.
func (w *world) unlock(d *device) {
	if d.member.Status().Unlocked {
		return
	}
	for _, other := range d.owner.account.Members() {
		if other.Approve(d.member) == nil {
			return
		}
	}
	if err := d.member.Unlock(recovery); err != nil && !errors.Is(err, provider.ErrOutOfTouch) && !errors.Is(err, provider.ErrNoSecret) && !errors.Is(err, provider.ErrNotMember) {
		w.must(err)
	}
}

// step takes one step and checks what has to be true.
func (w *world) step(s Step) {
	what, known := deedCalled(s.Deed)
	if !known {
		panic(fmt.Sprintf("fleet: there is no deed %q", s.Deed))
	}
	d := w.devices[int(s.Who)%len(w.devices)]
	w.book.lines = w.book.lines[:0]
	w.tell("%s: %s", d.name, s.Deed)
	what.do(w, d, int(s.Which))
	if w.plant.After != nil {
		w.plant.After(Backstage{w.steps + 1, w.site, w.stores()})
	}
	w.always(d)
	if w.steps++; w.steps%siteEvery == 0 {
		w.siteKeeps()
	}
}

// siteEvery is after how many steps the site's accounts are read.
const siteEvery = 8

func (w *world) stores() []authenticator.Store {
	all := make([]authenticator.Store, len(w.devices))
	for i, d := range w.devices {
		all[i] = d.held
	}
	return all
}

// told is how much of a story a violation tells.
const told = 40

func (w *world) tell(format string, args ...any) {
	w.told = append(w.told, fmt.Sprintf("%d. ", w.steps+1)+fmt.Sprintf(format, args...))
	if len(w.told) > 2*told {
		w.told = append(w.told[:0], w.told[len(w.told)-told:]...)
	}
}

// must is for what cannot fail in a world that is in order.
func (w *world) must(err error) {
	if err != nil {
		w.violate(Works, "%v", err)
	}
}
