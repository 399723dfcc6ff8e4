package relyingparty

import (
	"slices"
	"strings"
)

// suggestName gives a new passkey a name its owner will recognise in a list.
func suggestName(c Credential, userAgent string) string {
	switch {
	case c.Attachment == "cross-platform" && slices.Contains(c.Transports, "hybrid"):
		return "Phone or tablet"
	case c.Attachment == "cross-platform":
		return "Security key"
	}
	browser := firstMatch(userAgent, browsers, "A browser")
	if system := firstMatch(userAgent, systems, ""); system != "" {
		return browser + " on " + system
	}
	return browser
}

// mark is a word of a User-Agent header and what it stands for. Order matters: most
// browsers also name the ones they descend from.
type mark struct{ word, name string }

var (
	browsers = []mark{
		{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Safari/", "Safari"},
	}
	systems = []mark{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"},
		{"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"},
	}
)

func firstMatch(userAgent string, marks []mark, otherwise string) string {
	for _, m := range marks {
		if strings.Contains(userAgent, m.word) {
			return m.name
		}
	}
	return otherwise
}
