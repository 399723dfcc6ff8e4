package pages

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
)

// views shows every screen in each of its shapes.
func views() []View {
	var out []View
	for _, screen := range screens {
		plain := View{Screen: screen, Email: "alice@example.com", Account: &AccountBody{}, Note: &NoteBody{Ciphertext: "AA"}, Offers: Offers{SignUp: true, PasswordSignUp: true, Reset: true}}
		full := plain
		full.EmailField = Field{Asked: true, Required: true}
		full.PhoneField, full.UsernameField = Field{Asked: true, Required: true}, Field{Asked: true, Required: true, Value: "alice"}
		full.Error = &Problem{Key: "some-problem", Text: "That did not work."}
		full.SignedIn, full.Operator, full.Autofill, full.Button = true, true, true, true
		full.Variant, full.Ticket, full.Signals = Progressive, "ticket", `{"rpId":"acme.test"}`
		full.Upgrade = screen == Home || screen == Account
		full.Account = &AccountBody{HasPassword: true, Factors: someFactors(), Passkeys: []PasskeyRow{
			{ID: "1", Credential: "AA", Name: "One", DeviceType: "single_device", Created: "today"},
			{ID: "2", Credential: "BB", Name: "Two", DeviceType: "multi_device", BackedUp: true, LastUsed: "today"},
		}}
		full.Factors, full.SentTo, full.Secret, full.QR = everyFactor, "alice@example.com", "ABCDEFGH", someQR()
		full.Note = &NoteBody{Facts: `{"rpId":"acme.test"}`, Ciphertext: "AA", Passkey: "One"}
		full.Log = []LogLine{{Seq: 1, Type: "ss", Failed: true}}
		full.Filter = LogFilter{Type: "ss", Types: []string{"s", "ss"}, Total: 1, Newer: "/log?page=0", Older: "/log?page=2"}
		full.Mails = []MailRow{{To: "alice@example.com", Links: []string{"https://acme.test/"}}}
		out = append(out, plain, full)
		if screen == Enrollment {
			reset := plain
			reset.Variant, reset.Ticket = Resetting, "ticket"
			out = append(out, reset)
		}
	}
	return out
}

func render(t *testing.T, s *Set, v View) (string, *html.Node) {
	t.Helper()
	v.CSRF, v.Company, v.Client = "token", "Acme", "Acme Shop"
	w := httptest.NewRecorder()
	require.NoError(t, s.Render(w, http.StatusTeapot, v))
	assert.Equal(t, http.StatusTeapot, w.Code)
	root, err := html.Parse(strings.NewReader(w.Body.String()))
	require.NoError(t, err)
	return w.Body.String(), root
}

func attributes(n *html.Node) map[string]string {
	out := make(map[string]string)
	for _, a := range n.Attr {
		out[a.Key] = a.Val
	}
	return out
}

// elements walks all elements of a page.
func elements(root *html.Node) func(func(*html.Node, map[string]string) bool) {
	return func(yield func(*html.Node, map[string]string) bool) {
		for n := range root.Descendants() {
			if n.Type == html.ElementNode && !yield(n, attributes(n)) {
				return
			}
		}
	}
}

func TestEveryScreenIsAccessibleAndInert(t *testing.T) {
	t.Parallel()
	s, err := Load()
	require.NoError(t, err)
	for _, v := range views() {
		text, root := render(t, s, v)
		ids, labelled, count := map[string]bool{}, map[string]bool{}, map[string]int{}
		for n, a := range elements(root) {
			count[n.Data]++
			if id := a["id"]; id != "" {
				assert.False(t, ids[id], "%s: two elements with the ID %s", v.Screen, id)
				ids[id] = true
			}
			if n.Data == "label" && a["for"] != "" {
				labelled[a["for"]] = true
			}
			for name := range a {
				assert.False(t, strings.HasPrefix(name, "on") || name == "style", "%s: %s is inline", v.Screen, name)
			}
			if n.Data == "img" {
				assert.Contains(t, a, "alt", v.Screen)
			}
			if n.Data == "script" || n.Data == "style" {
				assert.Nil(t, n.FirstChild, "%s: inline %s", v.Screen, n.Data)
			}
		}
		for n, a := range elements(root) {
			if n.Data == "input" && a["type"] != "hidden" && n.Parent.Data != "label" {
				assert.True(t, labelled[a["id"]], "%s: input %s has no label", v.Screen, a["name"])
			}
			for _, id := range strings.Fields(a["aria-describedby"] + " " + a["aria-labelledby"]) {
				assert.True(t, ids[id], "%s: %s describes nothing", v.Screen, id)
			}
			if n.Data == "form" && a["method"] == "get" {
				assert.Equal(t, "search", a["role"], "%s: what is no search changes something", v.Screen)
				count["form"]--
			}
		}
		assert.Equal(t, 1, count["h1"], v.Screen)
		assert.Equal(t, 1, count["main"], v.Screen)
		assert.Equal(t, count["form"], strings.Count(text, `name="csrf" value="token"`), "%s: a form without a token", v.Screen)
		assert.Contains(t, text, `data-screen="`+v.Screen+`"`)
		assert.NotContains(t, text, "ZgotmplZ")
	}
}

func TestReferencedFilesExist(t *testing.T) {
	t.Parallel()
	s, err := Load()
	require.NoError(t, err)
	asked := map[string]bool{}
	for _, v := range views() {
		_, root := render(t, s, v)
		for _, a := range elements(root) {
			for _, path := range []string{a["src"], a["href"]} {
				if strings.HasPrefix(path, StaticPath) {
					asked[path] = true
				}
			}
		}
	}
	for path := range asked {
		w := httptest.NewRecorder()
		s.Static().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		assert.Equal(t, http.StatusOK, w.Code, path)
		assert.Contains(t, w.Header().Get("Cache-Control"), "immutable", path)
	}
	entries, err := staticFiles.ReadDir("static")
	require.NoError(t, err)
	assert.Len(t, asked, len(entries), "every static file is used")
	for _, path := range []string{s.assets, s.assets + "nothing.css", StaticPath + "old/style.css", s.assets + "x/style.css"} {
		w := httptest.NewRecorder()
		s.Static().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		assert.Equal(t, http.StatusNotFound, w.Code, path)
	}
}

func TestHostileValuesAreInert(t *testing.T) {
	t.Parallel()
	s, err := Load()
	require.NoError(t, err)
	const hostile = `"><script>alert(1)</script>`
	for _, v := range views() {
		v.Email, v.Ticket, v.Signals, v.Error = hostile, hostile, hostile, &Problem{Key: hostile, Text: hostile}
		v.SentTo, v.Secret, v.QR.Path = hostile, hostile, hostile
		own := map[string]string{}
		for key := range catalog[v.Screen].texts {
			own[key] = hostile
		}
		v.Texts = Texts{v.Screen: own}
		v.Account = &AccountBody{Passkeys: []PasskeyRow{{ID: hostile, Credential: hostile, Name: hostile}}}
		v.Log = []LogLine{{User: hostile, Details: hostile}}
		v.Filter = LogFilter{Type: hostile, User: hostile, Text: hostile, Types: []string{hostile}, Newer: "javascript:alert(1)"}
		v.Mails = []MailRow{{Text: hostile, Links: []string{"javascript:alert(1)"}}}
		text, _ := render(t, s, v)
		assert.NotContains(t, text, "<script>alert", v.Screen)
		assert.NotContains(t, text, `href="javascript:`, v.Screen)
	}
}

func TestUnknownScreen(t *testing.T) {
	t.Parallel()
	s, err := Load()
	require.NoError(t, err)
	w := httptest.NewRecorder()
	require.ErrorContains(t, s.Render(w, http.StatusOK, View{Screen: "nonsense"}), "nonsense")
	assert.Empty(t, w.Body.String())
}

// TestHooksAreDocumented compares the IDs on the screens with the table that drivers
// rely on, in both directions.
func TestHooksAreDocumented(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../../docs/site-hooks.md")
	require.NoError(t, err)
	documented := map[string][]string{}
	row := regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| [`a].*?\\| (.*`#.*) \\|$")
	for _, m := range row.FindAllStringSubmatch(string(document), -1) {
		for _, id := range regexp.MustCompile("`#([a-z-]+)`").FindAllStringSubmatch(m[2], -1) {
			documented[m[1]] = append(documented[m[1]], id[1])
		}
	}
	s, err := Load()
	require.NoError(t, err)
	shown := map[string]map[string]bool{}
	for _, v := range views() {
		_, root := render(t, s, v)
		if shown[v.Screen] == nil {
			shown[v.Screen] = map[string]bool{}
		}
		for _, a := range elements(root) {
			if id := a["id"]; id != "" && id != "error" && !strings.HasPrefix(id, "name-") {
				shown[v.Screen][id] = true
			}
		}
	}
	for _, screen := range screens {
		assert.ElementsMatch(t, slices.Collect(maps.Keys(shown[screen])), documented[screen], screen)
	}
}
