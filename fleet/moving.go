package fleet

import (
	"time"

	"github.com/passkeylab/passkeylab/authenticator"
)

// These deeds are about devices, their provider, and what is between them.

// devicesEach is how many devices in an account a person has at most.
const devicesEach = 5

func (w *world) holdUp(d *device, which int) {
	if d.member == nil {
		return
	}
	switch which % 3 {
	case 0:
		d.member.Pause()
	case 1:
		d.member.GoOffline()
	case 2:
		d.owner.account.Partition(d.member)
	}
}

func (w *world) goOn(d *device, which int) {
	if d.member == nil {
		return
	}
	switch which % 7 {
	case 0:
		d.member.Resume()
	case 1:
		d.member.GoOnline()
	case 2:
		d.owner.account.Heal()
	case 3:
		d.member.Upload()
	case 4:
		d.member.Deliver()
	case 5:
		if all := d.owner.account.Passkeys(); len(all) > 0 {
			d.member.DeliverOnly(all[which%len(all)].ID)
		}
	case 6:
		d.member.Sync()
	}
}

func (w *world) bring(d *device, which int) {
	n := 0
	for _, other := range w.devices {
		if other.owner == d.owner && other.member != nil {
			n++
		}
	}
	if n < devicesEach {
		model := authenticator.Phone()
		if which%2 == 0 {
			model = authenticator.Laptop()
		}
		w.newDevice(d.owner, d.owner.account, model)
	}
}

func (w *world) sendAway(d *device, which int) {
	if d.member == nil || !d.member.In() {
		return
	}
	switch which % 4 {
	case 0:
		d.member.Leave()
	case 1:
		w.must(d.owner.account.Remove(d.member))
	case 2:
		w.must(d.owner.account.Erase(d.member))
	case 3:
		d.member.Wipe()
	}
}

func (w *world) takeBack(d *device, _ int) {
	if d.member == nil {
		return
	}
	if !d.member.In() {
		w.must(d.owner.account.Return(d.member))
	}
	w.unlock(d)
}

func (w *world) pass(_ *device, which int) { w.clock.Advance(time.Duration(which%30) * time.Second) }

// settle puts every device in touch and lets everything arrive.
func (w *world) settle(*device, int) {
	for _, p := range w.people {
		p.account.Heal()
	}
	for _, d := range w.devices {
		if d.member != nil {
			d.member.Resume()
			d.member.GoOnline()
		}
	}
	w.clock.Advance(time.Minute)
	for _, p := range w.people {
		p.account.Sync()
		p.account.Run()
	}
	w.synced()
}
