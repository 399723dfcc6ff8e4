package passkeylab

import (
	"testing"

	"github.com/stretchr/testify/assert"
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
