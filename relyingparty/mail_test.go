package relyingparty

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// However many mails somebody has the site send, the outbox holds the last of them.
func TestOutboxIsBounded(t *testing.T) {
	t.Parallel()
	o := newOutbox()
	for range outboxSize + 10 {
		o.send(Mail{To: "ann@example.com"})
	}
	all := o.To("ANN@example.com")
	require.Len(t, all, outboxSize)
	assert.Equal(t, 11, all[0].Seq)
	assert.Equal(t, outboxSize+10, all[outboxSize-1].Seq)
}
