package transport

// PowerOff cuts the power: channels, locks and what is under way are gone without
// an answer, and so is what the device kept in memory alone, if it is a
// [PowerCycler]. From then on all reports are ignored. Clients stay.
func (s *HIDServer) PowerOff() {
	s.forget()
	s.cycleDevice()
}

// PowerOn restores the power. To the device it has come at this moment.
func (s *HIDServer) PowerOn() {
	s.cycleDevice()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off = false
}

// PowerCycle cuts the power and restores it.
func (s *HIDServer) PowerCycle() {
	s.PowerOff()
	s.PowerOn()
}

// Restart cuts the power and restores it where clients cannot see that: what they had
// under way is gone without an answer, and their channels go on.
func (s *HIDServer) Restart() {
	s.mu.Lock()
	s.act(nil, s.machine.Restart())
	s.mu.Unlock()
	s.cycleDevice()
}

func (s *HIDServer) cycleDevice() {
	if device, ok := s.device.(PowerCycler); ok {
		device.PowerCycle()
	}
}

// forget is what becomes of the server's own memory when the power goes.
func (s *HIDServer) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off = true
	for p := range s.ports {
		p.channels = nil
	}
	clear(s.owners)
	s.act(nil, s.machine.PowerCycle())
}
