package hybridtest

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"

	protocol "github.com/passkeylab/passkeylab/ctap/hybrid"
	"github.com/passkeylab/passkeylab/transport/hybrid"
)

// tunnels are what a dialer under test opens.
type tunnels struct {
	test
	dialer hybrid.Dialer
	opened byte
}

func (t *tunnels) dial(path string, header http.Header) (hybrid.Conn, http.Header, error) {
	return t.dialer.Dial(t.ctx, protocol.DomainGoogle, path, header)
}

// open opens another tunnel, as a phone does, and tells where the other side joins
// it.
func (t *tunnels) open() (conn hybrid.Conn, join string) {
	t.Helper()
	t.opened++
	id := protocol.TunnelID{t.opened}
	conn, header, err := t.dial(protocol.NewTunnelPath(id), nil)
	t.must("opening a tunnel", err)
	told := header.Values(protocol.RoutingHeader)
	t.check(len(told) == 1, "the answer has %d routing IDs", len(told))
	routing, err := protocol.ParseRoutingID(told[0])
	t.must("reading the routing ID", err)
	return conn, protocol.ConnectTunnelPath(routing, id)
}

// pair opens a tunnel and joins it.
func (t *tunnels) pair() (phone, computer hybrid.Conn, end func()) {
	t.Helper()
	phone, join := t.open()
	computer, _, err := t.dial(join, nil)
	t.must("joining a tunnel", err)
	return phone, computer, func() {
		_ = phone.Close(protocol.CloseNormal)
		_ = computer.Close(protocol.CloseNormal)
	}
}

func (t *tunnels) send(on hybrid.Conn, message []byte) {
	t.Helper()
	t.must("Send", on.Send(t.ctx, message))
}

func (t *tunnels) receives(what string, on hybrid.Conn, want []byte) {
	t.Helper()
	got, err := on.Receive(t.ctx)
	t.must(what, err)
	t.equal(what, want, got)
}

// pattern is a message that is like no other.
func pattern(n, size int) []byte {
	message := make([]byte, size)
	for i := range message {
		message[i] = byte(i + i>>8 + n)
	}
	return message
}

func opensAndJoins(t *tunnels) {
	one, other, end := t.pair()
	defer end()
	third, fourth, end := t.pair() // beside it
	defer end()
	t.send(one, []byte("one"))
	t.send(third, []byte("third"))
	t.receives("what another phone has sent", fourth, []byte("third"))
	t.receives("what the phone has sent", other, []byte("one"))
	t.send(other, []byte("other"))
	t.receives("what the computer has sent", one, []byte("other"))
}

func leavesHeaders(t *tunnels) {
	header := http.Header{"X-Passkeylab": {"1"}}
	before := maps.Clone(header)
	conn, _, err := t.dial(protocol.NewTunnelPath(protocol.TunnelID{99}), header)
	t.must("opening a tunnel", err)
	defer func() { _ = conn.Close(protocol.CloseNormal) }()
	t.check(maps.EqualFunc(before, header, slices.Equal), "the header is now %v", header)
}

func saysRefusals(t *tunnels) {
	var refused *hybrid.RefusedError
	_, _, err := t.dial(protocol.ConnectTunnelPath(protocol.RoutingID{1}, protocol.TunnelID{98}), nil)
	t.check(errors.As(err, &refused) && !errors.Is(err, hybrid.ErrUnlinked), "joining a tunnel that there is not: %v", err)

	phone, join := t.open()
	defer func() { _ = phone.Close(protocol.CloseNormal) }()
	computer, _, err := t.dial(join, nil)
	t.must("joining a tunnel", err)
	defer func() { _ = computer.Close(protocol.CloseNormal) }()
	_, _, err = t.dial(join, nil)
	t.check(errors.As(err, &refused), "joining a tunnel that has two sides: %v", err)

	header := http.Header{}
	header.Set(protocol.PayloadHeader, (&protocol.Contact{Hint: protocol.HintAssertion}).Header())
	_, _, err = t.dial(protocol.ContactTunnelPath([]byte("nobody's")), header)
	t.check(errors.As(err, &refused) && errors.Is(err, hybrid.ErrUnlinked), "calling a phone that is not linked: %v", err)
}

func dialsNoLonger(t *tunnels) {
	over, cancel := context.WithCancel(t.ctx)
	cancel()
	conn, _, err := t.dialer.Dial(over, protocol.DomainGoogle, protocol.NewTunnelPath(protocol.TunnelID{97}), nil)
	t.check(errors.Is(err, context.Canceled) && conn == nil, "dialling under a context that has ended: %v", err)
}

func carriesWhole(t *tunnels) {
	phone, computer, end := t.pair()
	defer end()
	for n, size := range []int{1, 0, 81, 4096, 8<<10 + 1, 100_000, protocol.MaxMessage} {
		for from, to := range map[hybrid.Conn]hybrid.Conn{phone: computer, computer: phone} {
			first, second := pattern(n, size), pattern(n+1, size/2)
			sent := make(chan error, 1)
			go func() { sent <- errors.Join(from.Send(t.ctx, first), from.Send(t.ctx, second)) }()
			t.receives("the first message", to, first)
			t.receives("the second message", to, second)
			t.must("sending two messages", <-sent)
		}
	}
}

func keepsForTheOther(t *tunnels) {
	phone, join := t.open()
	defer func() { _ = phone.Close(protocol.CloseNormal) }()
	t.send(phone, []byte("first"))
	computer, _, err := t.dial(join, nil)
	t.must("joining a tunnel", err)
	defer func() { _ = computer.Close(protocol.CloseNormal) }()
	t.receives("what was sent before", computer, []byte("first"))
}

// carriesBothWays has each side wait for the next message all the time, and send one
// whenever one has come.
func carriesBothWays(t *tunnels) {
	phone, computer, end := t.pair()
	defer end()
	const many = 32
	done := make(chan error, 4)
	for _, side := range []hybrid.Conn{phone, computer} {
		come := make(chan struct{}, many)
		come <- struct{}{} // to begin with
		go func() { done <- t.receiveAll(side, many, come) }()
		go func() { done <- t.sendAll(side, many, come) }()
	}
	for range cap(done) {
		t.must("sending while waiting for the next message", <-done)
	}
}

func (t *tunnels) receiveAll(on hybrid.Conn, many int, come chan<- struct{}) error {
	for n := range many {
		got, err := on.Receive(t.ctx)
		if err != nil {
			return err
		}
		if !bytes.Equal(got, pattern(n, 512)) {
			return errors.New("it is not the message whose turn it is")
		}
		if n < many-1 {
			come <- struct{}{}
		}
	}
	return nil
}

func (t *tunnels) sendAll(on hybrid.Conn, many int, come <-chan struct{}) error {
	for n := range many {
		select {
		case <-come:
		case <-t.ctx.Done():
			return context.Cause(t.ctx)
		}
		if err := on.Send(t.ctx, pattern(n, 512)); err != nil {
			return err
		}
	}
	return nil
}

func keepsMessages(t *tunnels) {
	phone, computer, end := t.pair()
	defer end()
	for n := range 3 {
		message := pattern(n, 64)
		t.send(phone, message)
		clear(message)
	}
	var got [][]byte
	for range 3 {
		message, err := computer.Receive(t.ctx)
		t.must("Receive", err)
		got = append(got, message)
	}
	for n, message := range got {
		t.equal("a message whose sender goes on using its bytes", pattern(n, 64), message)
	}
}

func refusesTooLong(t *tunnels) {
	phone, computer, end := t.pair()
	defer end()
	err := phone.Send(t.ctx, make([]byte, protocol.MaxMessage+1))
	t.check(errors.Is(err, protocol.ErrTooLong), "sending more than a message may have: %v", err)
	t.send(phone, []byte("next"))
	t.receives("the message after one that was refused", computer, []byte("next"))
}

func handsOnBeforeClosing(t *tunnels) {
	phone, computer, end := t.pair()
	defer end()
	t.send(phone, []byte("last"))
	t.must("Close", phone.Close(protocol.CloseNormal))
	t.receives("what was sent before the close", computer, []byte("last"))
}

func isLostOnceClosed(t *tunnels) {
	for _, code := range []protocol.CloseCode{protocol.CloseNormal, protocol.ClosePolicy} {
		phone, computer, end := t.pair()
		t.must("Close", computer.Close(code))
		_, err := phone.Receive(t.ctx)
		t.check(errors.Is(err, hybrid.ErrLost), "Receive, the other side having closed: %v", err)
		err = phone.Send(t.ctx, []byte("hello"))
		t.check(errors.Is(err, hybrid.ErrLost), "Send, the other side having closed: %v", err)
		_, err = computer.Receive(t.ctx)
		t.check(err != nil, "Receive goes well on what was closed")
		t.check(computer.Send(t.ctx, []byte("hello")) != nil, "Send goes well on what was closed")
		end()
	}
}

func closesTwice(t *tunnels) {
	phone, computer, end := t.pair()
	defer end()
	for range 2 {
		t.must("Close", phone.Close(protocol.CloseNormal))
	}
	t.must("Close, the other side having closed", computer.Close(protocol.CloseNormal))
}

func endsWhatWaits(t *tunnels) {
	phone, _, end := t.pair()
	defer end()
	waiting := make(chan error, 1)
	go func() {
		_, err := phone.Receive(t.ctx)
		waiting <- err
	}()
	t.must("Close", phone.Close(protocol.CloseNormal))
	err := <-waiting
	t.check(err != nil && t.ctx.Err() == nil, "Receive, this side having closed: %v", err)
}

func receivesNoLonger(t *tunnels) {
	phone, _, end := t.pair()
	defer end()
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.ctx)
	waiting := make(chan error, 1)
	go func() {
		_, err := phone.Receive(ctx)
		waiting <- err
	}()
	cancel(why)
	err := <-waiting
	t.check(errors.Is(err, why), "Receive, its context having ended for a reason of its own: %v", err)
}
