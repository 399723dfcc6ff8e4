package provider

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
)

// Account is somebody's account at a provider: what the provider's servers keep,
// and the devices that are signed in. Changes travel from a device to the account
// and from there to the others, never between two devices directly. All methods,
// and those of its members, are safe for concurrent use.
type Account struct {
	options Options

	mu        sync.Mutex
	members   []*Member // signed in, and those removed from afar that have not heard of it
	records   map[string]*record
	byRP      map[string][]*record
	log       []entry // oldest first
	head      uint64  // number of the newest entry that there ever was
	pruneAt   int
	epoch     uint64 // moves whenever any device may see something else
	unsent    int    // changes in the outboxes of all devices
	script    []scripted
	conflicts []Conflict

	key       int // number of the key that passkeys are sealed with
	wrong     int // wrong secrets tried
	destroyed bool
	joined    int // devices that ever were

	passwords   map[login]struct{}
	upgradesOff bool // by the user's setting
}

// Options are what an account needs.
type Options struct {
	Provider Provider
	Name     string              // for people: "alice's iCloud account"
	Clock    authenticator.Clock // required: conflicts compare times, and lag is measured with it
	Secret   string              // what recovers the account on a fresh device; "" = its owner has none
	Managed  *Management         // nil = the account belongs to its owner
	// Automatic has changes travel by Clock and the provider's Lag: whatever is
	// due has happened when a device is next looked at. Otherwise every step is
	// the caller's.
	Automatic bool
	// Watch is told of everything that happens, in order. It must not use the
	// account, which is busy meanwhile. nil = nobody watches.
	Watch func(Event)
}

// Management is what an organisation allows in the accounts of its people.
type Management struct {
	ManagedDevicesOnly bool // only devices that the organisation manages may join
	NoExport, NoImport bool
}

// What an account refuses.
var (
	ErrNotMember  = errors.New("the device is not in the account")
	ErrSealed     = errors.New("the device lacks the provider's key")
	ErrSecret     = errors.New("wrong recovery secret")
	ErrNoSecret   = errors.New("the account cannot be recovered with a secret")
	ErrApproval   = errors.New("the device cannot be approved")
	ErrPlatform   = errors.New("the provider does not run on this platform")
	ErrManaged    = errors.New("the organisation does not allow it")
	ErrOutOfTouch = errors.New("the device is out of touch")
)

// NewAccount opens an account that nothing is in yet.
func NewAccount(o Options) (*Account, error) {
	if err := o.Provider.Check(); err != nil {
		return nil, err
	}
	if o.Clock == nil {
		return nil, errors.New("provider: Options.Clock is missing: authenticator.NewManualClock(start) makes runs repeatable")
	}
	return &Account{
		options: o, key: 1, pruneAt: minLog,
		records: make(map[string]*record), byRP: make(map[string][]*record), passwords: make(map[login]struct{}),
	}, nil
}

// Provider returns whose account it is.
func (a *Account) Provider() Provider { return a.options.Provider }

// Name is what the account is called.
func (a *Account) Name() string { return a.options.Name }

// Device is what an account asks about a device that wants to join.
type Device struct {
	Name     string // for people
	Platform Platform
	Managed  bool // by the organisation that manages the account
	// App is what reads the passkeys on this device, nil = the provider's usual
	// one. Another program for the same files, or another version, is a copy of
	// the Provider with another Backup.
	App *Provider
	// Store is what the device already keeps, nil = it is fresh. Passkeys in it
	// that may be synced are, from now on.
	Store *authenticator.MemoryStore
}

// Join signs a device in. It has nothing of the account yet, and where passkeys
// are sealed it cannot read them before [Member.Unlock] or [Member.Approve],
// unless it is the first.
func (a *Account) Join(d Device) (*Member, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	app := a.options.Provider
	if d.App != nil {
		app = *d.App
	}
	if err := app.Check(); err != nil {
		return nil, err
	}
	if !app.runsOn(d.Platform) {
		return nil, fmt.Errorf("%w: %s on %s, which runs %s", ErrPlatform, app.Name, d.Name, d.Platform)
	}
	if managed := a.options.Managed; managed != nil && managed.ManagedDevicesOnly && !d.Managed {
		return nil, fmt.Errorf("%w: %s is not a managed device", ErrManaged, d.Name)
	}
	device := d.Store
	if device == nil {
		device = authenticator.NewMemoryStore()
	}
	m := &Member{account: a, name: d.Name, managed: d.Managed, app: app, device: device}
	a.enter(m)
	return m, m.adopt()
}

// enter makes m a member. Nobody before it means that it brings the key.
func (a *Account) enter(m *Member) {
	m.in, m.order, m.number, m.since = true, stay, a.joined, a.now()
	if a.joined == 0 || !a.options.Provider.Boundary.Sealed {
		m.key = a.key
	}
	a.joined++
	a.members = append(a.members, m)
	a.epoch++
	a.tell(Joined, m.name, nil, "", m.since)
}

func (a *Account) now() time.Time { return a.options.Clock.Now() }

// Members returns the devices that are signed in, in the order in which they
// joined.
func (a *Account) Members() []*Member {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.look()
	return slices.DeleteFunc(slices.Clone(a.members), func(m *Member) bool { return m.order != stay })
}

// Passkeys returns what the account itself has, as a provider's web page lists
// it: by RP ID and within one RP ID oldest first, hidden and shadowed ones
// included.
func (a *Account) Passkeys() []*authenticator.Credential {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.look()
	var all []*authenticator.Credential
	for _, r := range a.records {
		if v := r.latest(); !v.deleted() {
			all = append(all, v.credential)
		}
	}
	slices.SortFunc(all, inOrder)
	return all
}

// Conflict is a change, or a passkey, that lost against another by a rule of the
// provider's.
type Conflict struct {
	Rule   Rule
	Member string // whose change lost
	RPID   string
	ID     []byte // of the passkey that lost, or that the change was to
	To     []byte // of the passkey that won, where it is another one
}

// Rule names why something lost.
type Rule string

// The rules.
const (
	DeletedMeanwhile Rule = "deleted meanwhile"       // a change to a passkey that another device had deleted
	ChangedMeanwhile Rule = "changed meanwhile"       // a deletion of a passkey that another device had changed
	LaterEdit        Rule = "a later edit"            // one of two changes to the same part of a passkey
	NewerPasskey     Rule = "a newer passkey"         // see NewestWins
	LeftBehind       Rule = "the device left with it" // it never reached the account
)

func (c Conflict) String() string {
	return fmt.Sprintf("%s: %x for %q of %s lost", c.Rule, c.ID, c.RPID, c.Member)
}

// Conflicts returns what has lost so far, oldest first.
func (a *Account) Conflicts() []Conflict {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.look()
	return slices.Clone(a.conflicts)
}

// lose notes that something which a device made has lost.
func (a *Account) lose(rule Rule, by string, c *authenticator.Credential, to []byte) {
	lost := Conflict{Rule: rule, Member: by, To: to}
	if c != nil {
		lost.RPID, lost.ID = c.RPID, c.ID
	}
	a.conflicts = append(a.conflicts, lost)
	a.tell(Lost, by, &version{id: string(lost.ID), credential: c}, rule, a.now())
}
