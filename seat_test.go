package passkeylab

import (
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/browser"
)

// Every kind of seat is one more window to open.
func TestKindsOfSeats(t *testing.T) {
	t.Parallel()
	for _, link := range []Link{Proxy, CDP, Bridge} {
		lab, seen := New(t, WithLink(link)), New(t, WithLink(link), WithDisplay())
		phone, key := lab.Phone("a phone"), lab.SecurityKey("a key")
		assert.Equal(t, link == CDP, lab.seatKind(phone) == lab.seatKind(key), "%s: where Chromium knows the device, the seat need not", link)
		assert.NotEqual(t, lab.seatKind(phone), seen.seatKind(phone), "%s: one has a window to be seen", link)
	}
}

// A seat that is removed takes its desk along, once, and no other.
func TestRemovedSeatsTakeTheirDesks(t *testing.T) {
	t.Parallel()
	stage := NewStage(StageOptions{})
	set := func() *seat {
		near, err := browser.StartNearby(t.Context())
		require.NoError(t, err)
		s := &seat{desk: &desk{nearby: near}, visitor: new(visitor)}
		stage.desks = append(stage.desks, s.desk)
		return s
	}
	answers := func(s *seat) bool {
		conn, err := net.Dial("tcp", s.desk.nearby.Local.Address)
		return err == nil && conn.Close() == nil
	}
	gone, stays := set(), set()
	require.True(t, answers(gone))
	require.NoError(t, stage.leave(t.Context(), gone, false))
	assert.Equal(t, []*desk{stays.desk}, stage.desks)
	assert.False(t, answers(gone))
	assert.True(t, answers(stays))
	require.NoError(t, stage.Close())
	assert.False(t, answers(stays))
	require.NoError(t, stage.remove(stays), "the stage has closed it")
	require.NoError(t, stage.remove(&seat{}), "it was never set up")

}

// Browsers of one's own end with a visit that fails, in the middle of it or where
// it begins; after one that goes well they wait for the next.
func TestFailedVisitsEndTheirBrowsers(t *testing.T) {
	t.Parallel()
	visit := func(lab *Lab) *Page {
		page := lab.Site.OpenOn(lab.Laptop("a laptop"))
		page.Open("/")
		return page
	}
	crowd := func(lab *Lab) {
		laptop := lab.Laptop("a laptop")
		for _, name := range []string{"one key", "another", "one more than there are ports"} {
			laptop.Plug(lab.SecurityKey(name))
		}
		lab.Site.OpenOn(laptop)
	}
	stage := NewStage(StageOptions{})
	t.Cleanup(func() { require.NoError(t, stage.Close()) })
	for _, c := range []struct {
		what  string
		link  Link
		run   func(*Lab)
		says  string // as it fails; "" where it does not
		desks int
	}{
		{"fails", USB, func(lab *Lab) { visit(lab).Shows("nothing") }, "#nothing is shown", 0},
		{"does not begin", USB, crowd, "finds no free port", 0},
		{"goes well", USB, func(lab *Lab) { visit(lab) }, "", 1},
		{"fails", Hybrid, func(lab *Lab) { visit(lab).Shows("nothing") }, "#nothing is shown", 1}, // that on the USB
	} {
		err := Rehearse(t.Context(), c.what, c.run, WithLink(c.link), WithStage(stage))
		if c.says == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, c.says)
		}
		assert.Len(t, stage.desks, c.desks, "a visit by %s that %s", c.link, c.what)
	}
}
