package hid

import "time"

// maxLock is the longest lock in seconds (§11.2.9.2.2).
const maxLock = 10

// initial takes the packet that begins a message. Channel, state, command and
// length are judged in this order.
func (d *Device) initial(now time.Time, p packet, out *Outcome) {
	if !d.addressable(p) {
		d.refuse(p.channel, InvalidChannel, out)
		return
	}
	d.channels.use(p.channel)
	if p.command == CommandCancel {
		d.cancel(p, out)
		return
	}
	if !d.yield(now, p, out) {
		return
	}
	if code := d.check(p); code != 0 {
		d.refuse(p.channel, code, out)
		return
	}
	d.message, d.phase = begin(p), assembling
	d.advance(now, out)
}

// addressable tells whether a message may begin on the packet's channel
// (§11.2.3): one that was given out, or CommandInit on the broadcast channel.
func (d *Device) addressable(p packet) bool {
	if p.channel == Broadcast {
		return p.command == CommandInit
	}
	return d.channels.has(p.channel)
}

// cancel asks the request in processing to end; its answer will say so
// (§11.2.9.1.5). Whatever else it may mean, CommandCancel is never answered and
// disturbs nothing.
func (d *Device) cancel(p packet, out *Outcome) {
	if d.keepsAlive() && p.channel == d.message.channel && p.count == 0 {
		out.Stop = true
	}
}

// yield tells whether a new message can begin. CommandInit aborts what its own
// channel is at (§11.2.5.3); all else finds the device busy, or tears a message
// apart that is not complete.
func (d *Device) yield(now time.Time, p packet, out *Outcome) bool {
	own := d.message.channel == p.channel
	switch {
	case d.phase == idle && !d.lockedFor(now, p.channel):
		return true
	case d.phase != idle && own && p.command == CommandInit:
		d.abort(out)
		return true
	case d.phase == assembling && own:
		d.fail(InvalidSequence, out)
	default:
		d.refuse(p.channel, ChannelBusy, out)
	}
	return false
}

// lockedFor tells whether a lock keeps a channel out. New channels are given out
// all the same.
func (d *Device) lockedFor(now time.Time, channel Channel) bool {
	return channel != Broadcast && d.locked(now) && d.lockedBy != channel
}

func (d *Device) locked(now time.Time) bool { return d.lockedBy != 0 && now.Before(d.lockedUntil) }

// lengths are the sizes that a command's payload may have.
type lengths struct{ least, most int }

// knownCommands are those that a device answers.
func knownCommands(config DeviceConfig) map[Command]lengths {
	most := Capacity(config.Out)
	known := map[Command]lengths{
		CommandPing: {0, most},
		CommandInit: {len(Nonce{}), len(Nonce{})},
		CommandCBOR: {1, most},
		CommandMsg:  {1, most},
		CommandLock: {1, 1},
		CommandWink: {0, 0},
	}
	for command, can := range map[Command]bool{
		CommandCBOR: config.Capabilities&CanCBOR != 0,
		CommandMsg:  config.Capabilities&NoMsg == 0,
		CommandLock: config.Capabilities&CanLock != 0,
		CommandWink: config.Capabilities&CanWink != 0,
	} {
		if !can {
			delete(known, command)
		}
	}
	return known
}

// check refuses a message by what its first packet says (§11.2.9.1.6).
func (d *Device) check(p packet) Error {
	length, ok := d.known[p.command]
	switch {
	case !ok:
		return InvalidCommand
	case p.count < length.least || p.count > length.most:
		return InvalidLength
	}
	return 0
}

// continuation takes a packet that goes on with a message. One that goes on
// with nothing is ignored (§11.2.5.4).
func (d *Device) continuation(now time.Time, p packet, out *Outcome) {
	if d.phase != assembling || d.message.channel != p.channel {
		return
	}
	if !d.message.goOn(p) {
		d.fail(InvalidSequence, out)
		return
	}
	d.advance(now, out)
}

// advance waits for the next packet, or acts on the message if there is none.
func (d *Device) advance(now time.Time, out *Outcome) {
	if !d.message.complete() {
		d.deadline = now.Add(d.config.Patience)
		return
	}
	switch d.message.command {
	case CommandPing:
		d.reply(d.message.payload, out)
	case CommandInit:
		d.init(out)
	case CommandWink:
		out.Wink = true
		d.reply(nil, out)
	case CommandLock:
		d.lock(now, out)
	case CommandMsg, CommandCBOR:
		d.process(now, out)
	}
}

// init gives out a channel, or synchronises one that was given out already, and
// answers on the channel that it was asked on (§11.2.9.1.3).
func (d *Device) init(out *Outcome) {
	channel := d.message.channel
	if channel == Broadcast {
		var ok bool
		if channel, ok = d.channels.allocate(d.lockedBy); !ok {
			d.fail(ChannelBusy, out)
			return
		}
		out.Opened = channel
	}
	d.reply(Info{
		Nonce: Nonce(d.message.payload), Channel: channel, ProtocolVersion: protocolVersion,
		Version: d.config.Version, Capabilities: d.config.Capabilities,
	}.encode(), out)
}

// lock keeps other channels out for some seconds, 0 lets them in again
// (§11.2.9.2.2).
func (d *Device) lock(now time.Time, out *Outcome) {
	seconds := d.message.payload[0]
	if seconds > maxLock {
		d.fail(InvalidParameter, out)
		return
	}
	d.lockedBy, d.lockedUntil = d.message.channel, now.Add(time.Duration(seconds)*time.Second)
	d.reply(nil, out)
}

// process hands out a request.
func (d *Device) process(now time.Time, out *Outcome) {
	d.request++
	d.phase, d.status, d.deadline = processing, Processing, now.Add(d.config.Keepalive)
	out.Request = &Request{ID: d.request, Channel: d.message.channel, Command: d.message.command, Payload: d.message.payload}
}
