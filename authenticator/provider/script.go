package provider

import (
	"slices"
	"time"
)

// Step is something that happens to devices at a time of the account's clock.
type Step struct {
	After   time.Duration // Script was called
	Act     Act
	Members []*Member // none = all that are in the account then
}

// Act is what happens in a Step: the method of the same name.
type Act int

// The acts.
const (
	Pause Act = iota
	Resume
	GoOffline
	GoOnline
	Partition
	Heal
	Leave
	Remove
	Erase
	Wipe
)

// acts are the acts as they are at a time.
var acts = map[Act]func(m *Member, at time.Time){
	Pause:     func(m *Member, at time.Time) { m.touch(func(s *silence) { s.paused = true }, at) },
	Resume:    func(m *Member, at time.Time) { m.touch(func(s *silence) { s.paused = false }, at) },
	GoOffline: func(m *Member, at time.Time) { m.touch(func(s *silence) { s.offline = true }, at) },
	GoOnline:  func(m *Member, at time.Time) { m.touch(func(s *silence) { s.offline = false }, at) },
	Partition: func(m *Member, at time.Time) { m.touch(func(s *silence) { s.cut = true }, at) },
	Heal:      func(m *Member, at time.Time) { m.touch(func(s *silence) { s.cut = false }, at) },
	Leave:     func(m *Member, _ time.Time) { m.signOut() },
	Remove:    func(m *Member, _ time.Time) { m.order = max(m.order, depart) },
	Erase:     func(m *Member, _ time.Time) { m.order = max(m.order, erase) },
	Wipe:      func(m *Member, _ time.Time) { m.eraseAll() },
}

// Script has steps happen when their time comes: what was due before a step has
// happened by then, and what is due after it has not. Steps of several scripts go
// together. As everything that follows the clock, they happen when somebody looks,
// or in [Account.Run].
func (a *Account) Script(steps ...Step) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	for _, s := range steps {
		a.script = append(a.script, scripted{now.Add(s.After), s})
	}
	slices.SortStableFunc(a.script, func(x, y scripted) int { return x.at.Compare(y.at) })
}

// scripted is a step with its time.
type scripted struct {
	at   time.Time
	step Step
}

// advance lets the time pass until now for the account: what is due with it has
// reached it, and what the script has for its devices has happened.
func (a *Account) advance() {
	now := a.now()
	for len(a.script) > 0 && !a.script[0].at.After(now) {
		next := a.script[0]
		a.script = a.script[1:]
		a.sendDue(next.at)
		a.deliverAllDue(next.at)
		a.perform(next)
	}
	a.sendDue(now)
}

func (a *Account) deliverAllDue(at time.Time) {
	for _, m := range slices.Clone(a.members) {
		m.deliverDue(at)
	}
}

func (a *Account) perform(s scripted) {
	members := s.step.Members
	if len(members) == 0 {
		members = slices.Clone(a.members)
	}
	for _, m := range members {
		if m.account == a && m.in {
			acts[s.step.Act](m, s.at)
			m.contact()
		}
	}
	a.epoch++
}
