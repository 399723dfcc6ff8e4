package hid

// channels are those that were given out. Where all are in use, a new one takes
// the place of the one that was used longest ago.
type channels struct {
	limit int
	used  map[Channel]uint64 // when, in uses
	uses  uint64
	last  Channel // given out
}

func (c *channels) has(channel Channel) bool {
	_, ok := c.used[channel]
	return ok
}

// use notes that a channel is alive.
func (c *channels) use(channel Channel) {
	if c.has(channel) {
		c.uses++
		c.used[channel] = c.uses
	}
}

// allocate returns a new channel. kept never gives way; ok is false where no
// other could.
func (c *channels) allocate(kept Channel) (channel Channel, ok bool) {
	if len(c.used) >= c.limit && !c.makeRoom(kept) {
		return 0, false
	}
	for {
		if c.last++; c.last == Broadcast {
			c.last = 1
		}
		if !c.has(c.last) {
			break
		}
	}
	c.uses++
	c.used[c.last] = c.uses
	return c.last, true
}

func (c *channels) makeRoom(kept Channel) bool {
	oldest, found := Channel(0), false
	for channel, used := range c.used {
		if channel != kept && (!found || used < c.used[oldest]) {
			oldest, found = channel, true
		}
	}
	delete(c.used, oldest)
	return found
}
