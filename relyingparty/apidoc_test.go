package relyingparty

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEveryEndpointIsDocumented wants a command in docs/api.md for each route that
// programs ask for, and for those that a browser is sent to.
func TestEveryEndpointIsDocumented(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../docs/api.md")
	require.NoError(t, err)
	commands := regexp.MustCompile(`(?m)^curl (?:.*\\\n)*.*(?:\n  .*)*$`).FindAllString(string(document), -1)
	s, _ := newSite(t)
	patterns := []string{"GET " + pathAuthorize, "GET /v2/logout", "GET /log/stream"}
	for _, r := range s.apiTable() {
		patterns = append(patterns, r.pattern)
	}
	for _, pattern := range patterns {
		method, path, _ := strings.Cut(pattern, " ")
		if pattern == "POST /userinfo" { // as GET, which is there
			continue
		}
		assert.True(t, documented(commands, method, path), "docs/api.md has no command for %s", pattern)
	}
}

// documented reports whether a command asks for a path by a method.
func documented(commands []string, method, path string) bool {
	segments := regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(path), `[$$%A-Za-z0-9_-]+`)
	asked := regexp.MustCompile(`\$S` + segments + `["? \n]`)
	for _, c := range commands {
		if !asked.MatchString(c + "\n") {
			continue
		}
		by := "GET"
		if found := regexp.MustCompile(`-X ([A-Z]+)`).FindStringSubmatch(c); found != nil {
			by = found[1]
		} else if regexp.MustCompile(` -d `).MatchString(c) && !strings.Contains(c, "-G ") {
			by = "POST"
		}
		if by == method {
			return true
		}
	}
	return false
}
