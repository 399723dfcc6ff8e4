package pages

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
)

// FuzzTexts words a screen anew: what is taken shows as text, and changes nothing of
// what the page is made of.
func FuzzTexts(f *testing.F) {
	for _, seed := range []string{"Welcome to ${clientName}", `"><script>alert(1)</script>`, "</title><svg onload=x>", "${email}${", "\x00", "&lt;", "{{.CSRF}}"} {
		f.Add(LoginID, "title", seed)
		f.Add(LoginPassword, "showPasswordText", seed)
		f.Add(Enrollment, "passkeyBenefit1ImgAltText", seed)
	}
	s, err := Load()
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, screen, key, text string) {
		texts, err := Texts{screen: {key: text}}.Clean(PromptOf(screen))
		if err != nil || len(texts) == 0 {
			return
		}
		v := View{Screen: screen, CSRF: "token", Company: "Acme", Client: "Acme Shop", Email: "alice@example.com", Offers: everyOffer}
		v.Texts = Texts{screen: {key: "plain"}}
		want := made(t, s, v)
		v.Texts = texts
		require.Equal(t, want, made(t, s, v))
	})
}

// made are the elements of a page and the names of their attributes, in order.
func made(t *testing.T, s *Set, v View) (parts []string) {
	t.Helper()
	w := httptest.NewRecorder()
	require.NoError(t, s.Render(w, http.StatusOK, v))
	root, err := html.Parse(w.Body)
	require.NoError(t, err)
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		parts = append(parts, n.Data)
		for _, a := range n.Attr {
			parts = append(parts, n.Data+" "+a.Key)
		}
	}
	return parts
}
