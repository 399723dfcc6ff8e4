package passkeylab

import (
	"fmt"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/internal/report"
)

// Cloud is somebody's account at a passkey provider: a passkey made on one of its
// devices is on the others too, at once, or after the provider's lag by the lab's
// clock. What it can do beyond these words is in [Cloud.Member] and
// [Cloud.Account].
type Cloud struct {
	lab     *Lab
	name    string
	account *provider.Account
	members map[*Device]*provider.Member
}

// CloudSecret recovers every cloud on a fresh device, where the provider lets a
// secret do so.
const CloudSecret = "the owner's recovery secret"

// Cloud opens an account at a passkey provider, with no devices in it.
func (l *Lab) Cloud(name string, p provider.Provider) *Cloud {
	l.t.Helper()
	account, err := provider.NewAccount(provider.Options{
		Provider: p, Name: name, Clock: l.clock, Secret: CloudSecret, Automatic: true, Watch: func(e provider.Event) { l.record.message(synced(name, e)) },
	})
	l.must("opening "+name, err)
	l.record.step(fmt.Sprintf("%s is opened at %s", name, p.Name), nil)
	return &Cloud{l, name, account, make(map[*Device]*provider.Member)}
}

// synced writes down what travels between a cloud and its devices.
func synced(cloud string, e provider.Event) report.Message {
	m := report.Message{From: cloud, To: e.Member, Layer: layerSync, Name: strings.TrimPrefix(e.String(), e.Member+" "), Decoded: e.String()}
	if e.What == provider.Sent {
		m.From, m.To = m.To, m.From
	}
	return m
}

// Join signs devices in, each with the provider's app and its key, before a page is
// open on them. From then on what they make is the provider's: its AAGUID, its
// flags, its algorithms. Passkeys that they have already come along if they may.
func (c *Cloud) Join(devices ...*Device) {
	c.lab.t.Helper()
	for _, d := range devices {
		c.JoinSealed(d)
		c.lab.must("unlocking "+c.name+" on "+d.name, c.unlock(c.members[d]))
	}
}

// JoinSealed is Join for a device that does not get the provider's key: where the
// provider seals passkeys, it cannot read them.
func (c *Cloud) JoinSealed(d *Device) {
	c.lab.t.Helper()
	c.join(d, false)
}

// JoinManaged is Join for devices that the organisation manages to which the cloud
// belongs; see [Cloud.Manage].
func (c *Cloud) JoinManaged(devices ...*Device) {
	c.lab.t.Helper()
	for _, d := range devices {
		c.join(d, true)
		c.lab.must("unlocking "+c.name+" on "+d.name, c.unlock(c.members[d]))
	}
}

func (c *Cloud) join(d *Device, managed bool) {
	c.lab.t.Helper()
	what := fmt.Sprintf("%s joins %s", d.name, c.name)
	switch pageOpen := slices.ContainsFunc(c.lab.pages, func(p *Page) bool { return p.device == d }); {
	case pageOpen:
		c.lab.fail(what, "a device without an open page", "there is one: join before OpenOn")
	case d.faulty():
		c.lab.fail(what, "a device without faults", "it has "+strings.Join(d.faults, ", ")+": join before Misbehave")
	case d.cloud != nil && d.cloud.members[d].In():
		c.lab.fail(what, "a device in no cloud", "it is in "+d.cloud.name)
	}
	m, err := c.account.Join(provider.Device{Name: d.name, Store: d.store, Managed: managed})
	c.lab.must(what, err)
	d.env.Store, d.cloud, c.members[d] = m.Store(), c, m
	c.lab.must(what, d.become(c.account.Provider().Equip(d.model)))
	c.lab.record.step(what, nil)
}

// unlock gets the key as the provider allows: from a device that has it, or with
// the secret.
func (c *Cloud) unlock(m *provider.Member) error {
	if m.Status().Unlocked {
		return nil
	}
	for _, other := range c.account.Members() {
		if other.Approve(m) == nil {
			return nil
		}
	}
	return m.Unlock(CloudSecret)
}

// Unlocks has the owner of a cloud enter [CloudSecret] on a device that lacks the
// provider's key.
func (l *Lab) Unlocks(c *Cloud, d *Device) {
	l.t.Helper()
	l.must("unlocking "+c.name+" on "+d.name, c.Member(d).Unlock(CloudSecret))
	l.record.step(fmt.Sprintf("the owner of %s unlocks it on %s", c.name, d.name), nil)
}

// Approves has the owner of a cloud hand the provider's key from one device on to
// another.
func (l *Lab) Approves(c *Cloud, by, d *Device) {
	l.t.Helper()
	l.atHand("approving "+d.name, by)
	l.must("approving "+d.name, c.Member(by).Approve(c.Member(d)))
	l.record.step(fmt.Sprintf("%s is approved on %s", d.name, by.name), nil)
}

// StartsAfresh has the owner of a cloud, who has neither a device with the key nor
// the secret, give up everything in it.
func (l *Lab) StartsAfresh(c *Cloud, d *Device) {
	l.t.Helper()
	l.must("beginning anew in "+c.name, c.Member(d).StartAfresh(CloudSecret))
	l.record.step(fmt.Sprintf("the owner of %s begins anew on %s", c.name, d.name), nil)
}

// Updates puts another version of its provider's app on a device.
func (l *Lab) Updates(d *Device, app provider.Provider) {
	l.t.Helper()
	what := fmt.Sprintf("%s gets %s", d.name, app.Name)
	if d.cloud == nil {
		l.fail(what, "a device in a cloud", "it is in none")
	}
	l.must(what, d.cloud.Member(d).Upgrade(app))
	l.record.step(what, nil)
}

// Partition cuts devices off from the cloud, until Heal. They go on with what they
// have.
func (c *Cloud) Partition(devices ...*Device) {
	c.lab.t.Helper()
	for _, d := range devices {
		c.account.Partition(c.Member(d))
		c.lab.record.step(d.name+" is cut off from "+c.name, nil)
	}
}

// Heal ends every Partition, and lets what was held up take its way.
func (c *Cloud) Heal() {
	c.account.Heal()
	c.account.Run()
	c.lab.record.step(c.name+" reaches its devices again", nil)
}

// Remove takes a device out of the cloud from afar, as its owner does on a web
// page. It works until it hears of it.
func (c *Cloud) Remove(d *Device) {
	c.lab.t.Helper()
	c.lab.must("removing "+d.name, c.account.Remove(c.Member(d)))
	c.lab.record.step(d.name+" is removed from "+c.name, nil)
}

// Erase is Remove for a device that is lost: when it hears of it, it forgets
// everything.
func (c *Cloud) Erase(d *Device) {
	c.lab.t.Helper()
	c.lab.must("erasing "+d.name, c.account.Erase(c.Member(d)))
	c.lab.record.step(d.name+" is erased from afar", nil)
}

// Return signs a device in again that left, was removed or was wiped. It gets the
// key as in Join.
func (c *Cloud) Return(d *Device) {
	c.lab.t.Helper()
	c.lab.must("returning "+d.name, c.account.Return(c.Member(d)))
	c.lab.must("unlocking "+c.name+" on "+d.name, c.unlock(c.Member(d)))
	c.lab.record.step(d.name+" is back in "+c.name, nil)
}

// Manage puts the cloud under rules of an organisation, nil for none. Devices that
// may not be in it any more are out when they hear of it.
func (c *Cloud) Manage(rules *provider.Management) {
	c.account.Manage(rules)
	c.account.Run()
	c.lab.record.step(fmt.Sprintf("an organisation's rules for %s: %+v", c.name, rules), nil)
}

// Account is the account itself: what it keeps, and which changes lost.
func (c *Cloud) Account() *provider.Account { return c.account }

// Member is a device in the account: its network, its key, the signals that reach
// it.
func (c *Cloud) Member(d *Device) *provider.Member {
	c.lab.t.Helper()
	m := c.members[d]
	if m == nil {
		c.lab.fail("finding "+d.name+" in "+c.name, "a device that joined", "it never did")
	}
	return m
}
