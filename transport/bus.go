package transport

import "sync"

// Bus is a wire to a device that several programs of one host share. They are one
// client to the device, and it is they who pick out what is for each.
type Bus struct {
	port   *HIDPort
	out    chan []byte
	writer sync.WaitGroup
}

// busQueue is how many reports wait for a wire that is slow: eight of the longest
// messages. What finds no room is lost, as on a wire that nobody reads from.
const busQueue = 1024

// OpenBus connects a wire. write takes one report to the host at a time and may
// block; where it fails the report is lost. A goroutine calls it until
// [Bus.Close].
func (s *HIDServer) OpenBus(write func(report []byte) error) (*Bus, error) {
	b := &Bus{out: make(chan []byte, busQueue)}
	var err error
	b.port, err = s.Connect(func(report []byte) {
		select {
		case b.out <- report:
		default:
		}
	})
	if err != nil {
		return nil, err
	}
	b.writer.Go(func() {
		for report := range b.out {
			_ = write(report)
		}
	})
	return b, nil
}

// Report takes a report of the host.
func (b *Bus) Report(report []byte) { b.port.Report(report) }

// Close disconnects the wire, and waits for a write in progress. What waits for it
// is lost with the channels; so it may not be called from write.
func (b *Bus) Close() {
	b.port.Close() // nothing is sent from here on
	close(b.out)
	for range b.out { // beside the writer, who takes one at a time
	}
	b.writer.Wait()
}
