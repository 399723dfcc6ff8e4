package relyingparty

import (
	"regexp"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// suggestName gives a new passkey a name its owner will recognise in a list.
func suggestName(c ceremony.Credential, userAgent string) string {
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

// describeAgent says a User-Agent header as the APIs do: "Chrome 131.0.0 / Mac OS X
// 10.15.7". What it cannot read stays as it is.
func describeAgent(userAgent string) string {
	browser := firstMatch(userAgent, browsers, "")
	version := agentVersion.FindStringSubmatch(userAgent)
	if browser == "" || version == nil {
		return userAgent
	}
	return browser + " " + version[1] + " / " + agentSystem(userAgent)
}

var (
	agentVersion = regexp.MustCompile(`(?:Edg|OPR|Firefox|FxiOS|CriOS|Chrome|Version)/([0-9]+(?:\.[0-9]+){0,2})`)
	agentMac     = regexp.MustCompile(`Mac OS X ([0-9]+(?:_[0-9]+)*)`)
)

func agentSystem(userAgent string) string {
	if mac := agentMac.FindStringSubmatch(userAgent); mac != nil && !strings.Contains(userAgent, "like Mac OS X") {
		return "Mac OS X " + strings.ReplaceAll(mac[1], "_", ".")
	}
	return firstMatch(userAgent, systems, "unknown system")
}
