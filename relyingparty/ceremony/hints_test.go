package ceremony

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHints(t *testing.T) {
	t.Parallel()
	for text, attachment := range map[string]string{
		"":                                  "",
		"security-key":                      "cross-platform",
		"client-device":                     "platform",
		"hybrid":                            "cross-platform",
		"security-key,hybrid":               "cross-platform",
		"client-device,hybrid":              "",
		"hybrid,client-device,security-key": "",
	} {
		h, err := ParseHints(text)
		require.NoError(t, err, text)
		assert.Equal(t, text, h.String())
		assert.Equal(t, attachment, h.attachment(), text)
	}
	for text, says := range map[string]string{
		"key":                           `"key" is none of`,
		"hybrid,hybrid":                 "there twice",
		"hybrid,,security-key":          "a gap between",
		"hybrid,hybrid,hybrid,hybrid":   "4 hints are too many",
		"security-key , client-devices": `"client-devices" is none of`,
	} {
		_, err := ParseHints(text)
		assert.ErrorContains(t, err, says, text)
	}
}
