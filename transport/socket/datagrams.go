package socket

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"

	"github.com/passkeylab/passkeylab/transport"
)

// maxPeers bounds the senders that are remembered. They cannot be seen to leave:
// the one that was not heard of for longest makes room.
const maxPeers = 32

// datagrams serves whoever sends datagrams.
type datagrams struct{ conn *net.UDPConn }

func (l *datagrams) Address() string { return addressOf(l.conn.LocalAddr()) }
func (l *datagrams) Close() error    { return l.conn.Close() }

func (l *datagrams) Serve(ctx context.Context, device *transport.HIDServer) error {
	defer l.conn.Close()
	defer context.AfterFunc(ctx, func() { _ = l.conn.Close() })()
	p := &peers{device: device, out: make(chan datagram, queue), known: map[netip.AddrPort]*peer{}}
	var writer sync.WaitGroup
	writer.Go(func() { l.write(p.out) })
	defer writer.Wait()
	defer p.close()
	_, size := device.ReportSizes()
	buffer := make([]byte, size+1)
	for {
		n, from, err := l.conn.ReadFromUDPAddrPort(buffer)
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			pause(ctx)
		case string(buffer[:n]) == rebootReport:
			device.Restart()
		case n == size:
			p.report(from, buffer[:n])
		}
	}
}

// write sends datagrams. One that cannot be sent is lost, as datagrams are.
func (l *datagrams) write(out <-chan datagram) {
	for d := range out {
		_, _ = l.conn.WriteToUDPAddrPort(d.report, d.to)
	}
}

// datagram is a report on its way out.
type datagram struct {
	to     netip.AddrPort
	report []byte
}

// peers are the senders of the last datagrams.
type peers struct {
	device *transport.HIDServer
	out    chan datagram
	known  map[netip.AddrPort]*peer
	heard  uint64 // datagrams
}

type peer struct {
	port  *transport.HIDPort
	heard uint64 // number of its last datagram
}

// report hands on a report of a sender, unless the device has too many clients
// elsewhere.
func (p *peers) report(from netip.AddrPort, report []byte) {
	known, ok := p.known[from]
	if !ok {
		var err error
		if known, err = p.add(from); err != nil {
			return
		}
	}
	p.heard++
	known.heard = p.heard
	known.port.Report(report)
}

func (p *peers) add(from netip.AddrPort) (*peer, error) {
	if len(p.known) >= maxPeers {
		p.dropOldest()
	}
	port, err := p.device.Connect(func(report []byte) {
		select {
		case p.out <- datagram{from, report}:
		default: // lost, as datagrams are
		}
	})
	if err != nil {
		return nil, err
	}
	added := &peer{port: port}
	p.known[from] = added
	return added, nil
}

func (p *peers) dropOldest() {
	var oldest netip.AddrPort
	for at, known := range p.known {
		if first, ok := p.known[oldest]; !ok || known.heard < first.heard {
			oldest = at
		}
	}
	p.known[oldest].port.Close()
	delete(p.known, oldest)
}

// close forgets all of them; nothing is sent from then on.
func (p *peers) close() {
	for _, known := range p.known {
		known.port.Close()
	}
	close(p.out)
}
