package passkeylab

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/client"
)

// person is the user of a device. They answer its prompts as scripted, and the
// dialogs of the browser on it.
type person struct {
	authenticator.ScriptedUser

	mu      sync.Mutex
	account string // to choose where a browser asks; "" for the first
	use     string // name of the authenticator to reach for; "" for all
	offer   *offer // what autofill shows now
	changed chan struct{}
}

// offer is an open autofill list.
type offer struct {
	accounts []client.Account
	pick     chan int
}

var _ client.User = (*person)(nil)

func newPerson() *person { return &person{changed: make(chan struct{})} }

// picks makes the person choose the account of this name wherever they are
// asked, by the device or by the browser.
func (p *person) picks(name string) {
	p.ScriptedUser.Pick(name)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.account = name
}

func (p *person) reachesFor(authenticator string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.use = authenticator
}

// uses reports whether the person reaches for this authenticator by name.
func (p *person) uses(authenticator string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.use == authenticator
}

// using is the name of the authenticator that the person reaches for; "" for all.
func (p *person) using() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.use
}

// chosen is the name of the account that the person picks; "" for the first.
func (p *person) chosen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.account
}

// ChooseAuthenticators implements client.User.
func (p *person) ChooseAuthenticators(_ context.Context, names []string) ([]int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var chosen []int
	for i, name := range names {
		if p.use == "" || p.use == name {
			chosen = append(chosen, i)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%w: %q is not among %q", client.ErrCancelled, p.use, names)
	}
	return chosen, nil
}

// ChooseAccount implements client.User.
func (p *person) ChooseAccount(_ context.Context, _ string, accounts []client.Account) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.account == "" {
		return 0, nil
	}
	return indexOf(accounts, p.account)
}

func indexOf(accounts []client.Account, name string) (int, error) {
	i := slices.IndexFunc(accounts, func(a client.Account) bool { return a.Name == name })
	if i < 0 {
		return 0, fmt.Errorf("%w: %q is not among %q", client.ErrCancelled, name, accountNames(accounts))
	}
	return i, nil
}

func accountNames(accounts []client.Account) []string {
	names := make([]string, len(accounts))
	for i, a := range accounts {
		names[i] = a.Name
	}
	return names
}

// PickPasskey implements client.User: the list stays open until somebody picks
// from it or the page gives up.
func (p *person) PickPasskey(ctx context.Context, _ string, accounts []client.Account) (int, error) {
	mine := &offer{accounts: accounts, pick: make(chan int, 1)}
	p.show(mine)
	defer p.withdraw(mine)
	select {
	case i := <-mine.pick:
		return i, nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

func (p *person) show(o *offer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.offer = o
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *person) withdraw(o *offer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.offer == o {
		p.offer = nil
	}
}

// offered waits until autofill shows a list, and returns it.
func (p *person) offered(ctx context.Context) (*offer, error) {
	for {
		p.mu.Lock()
		open, changed := p.offer, p.changed
		p.mu.Unlock()
		if open != nil {
			return open, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fmt.Errorf("autofill has shown no list: %w", ctx.Err())
		}
	}
}

// nothingToOffer tells the person that autofill has found no passkey at all,
// so that a journey can see the empty list too.
func (p *person) nothingToOffer() { p.show(&offer{pick: make(chan int, 1)}) }

// clearOffer forgets what autofill showed on an earlier page.
func (p *person) clearOffer() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.offer = nil
}

// take picks the account of this name from the open list.
func (o *offer) take(name string) error {
	i, err := indexOf(o.accounts, name)
	if err != nil {
		return fmt.Errorf("autofill offers %s, not %q", strings.Join(accountNames(o.accounts), ", "), name)
	}
	o.pick <- i
	return nil
}
