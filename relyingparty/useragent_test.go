package relyingparty

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

func TestSuggestedNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		attachment, transport, userAgent, want string
	}{
		{"platform", "internal", "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0 Safari/537.36", "Chrome on Linux"},
		{"platform", "internal", "Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537.36 Edg/156.0", "Edge on Windows"},
		{"platform", "internal", "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari on iPhone"},
		{"platform", "internal", "Mozilla/5.0 (Linux; Android 16) Chrome/156.0 Mobile Safari/537.36", "Chrome on Android"},
		{"", "", "curl/8", "A browser"},
		{"cross-platform", "usb", "Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0", "Security key"},
		{"cross-platform", "hybrid", "Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0", "Phone or tablet"},
	}
	for _, test := range tests {
		c := ceremony.Credential{Attachment: test.attachment, Transports: []string{test.transport}}
		assert.Equal(t, test.want, suggestName(c, test.userAgent))
	}
}

func TestStorableTransports(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"usb", "smart-card", "from-the-future"},
		storable([]string{"usb", "", "smart-card", "USB", "a b", "<script>", "from-the-future", string(make([]byte, 100))}))
	many := make([]string, 100)
	for i := range many {
		many[i] = "usb"
	}
	assert.Len(t, storable(many), 8)
}

func TestAgentsAsTheAPIsSayThem(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36":                   "Chrome 131.0.0 / Mac OS X 10.15.7",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1": "Safari 18.1 / iPhone",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.51":       "Edge 131.0.0 / Windows",
		"okhttp/4.12.0": "okhttp/4.12.0",
		"Chrome":        "Chrome",
		"Firefox/132.0": "Firefox 132.0 / unknown system",
	} {
		assert.Equal(t, want, describeAgent(agent))
	}
}
