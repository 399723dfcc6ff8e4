package relyingparties_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance/relyingparties"
)

const smallAdapter = `{
  "registration": {
    "options": {"url": "/r/options", "save": {"token": {"json": "a.0.b"}}},
    "result": {"url": "/r/result?t=${token}", "json": {"x": [1, "${response}"]}}
  },
  "login": {
    "options": {"method": "GET", "url": "/l/options"},
    "result": {"url": "/l/result", "form": {"answer": "${response}"}, "success": {"statuses": [302]}}
  }
}`

func TestReadAdapter(t *testing.T) {
	t.Parallel()
	a, err := relyingparties.ReadAdapter([]byte(smallAdapter))
	require.NoError(t, err)
	assert.Equal(t, "/r/options", a.Registration.Options.URL)
	assert.Equal(t, []relyingparties.Save{{Variable: "token", From: relyingparties.FromJSON, What: "a.0.b"}}, a.Registration.Options.Save)
	assert.Equal(t, []int{302}, a.Login.Result.Success.Statuses)
	for name, c := range map[string]struct{ from, to, says string }{
		"unknown member":    {`"registration": {`, `"registation": {`, `line 2, registation: there is no such member; did you mean "registration"?`},
		"no method":         {`"GET"`, `"FETCH"`, "line 7, login.options.method: is no method"},
		"no path":           {`"/l/options"`, `"https://elsewhere.example/"`, "line 7, login.options.url: is no path below the target"},
		"another host":      {`"/l/options"`, `"//elsewhere.example/"`, "is no path below the target"},
		"unknown variable":  {"${token}", "${tokn}", "line 4, registration.result.url: nothing is called ${tokn} here; did you mean ${token}?"},
		"of another flow":   {`"/l/options"`, `"/l/${token}"`, "line 7, login.options.url: nothing is called ${token} here"},
		"no answer":         {`"form": {"answer": "${response}"}`, `"form": {"answer": "x"}`, "line 6, login: result does not bring the answer"},
		"two bodies":        {`"form": {`, `"json": {}, "form": {`, "line 8, login.result: has both json and form"},
		"no status":         {"[302]", "[3020]", "line 8, login.result.success.statuses[0]: 3020 is no status"},
		"equals nothing":    {`"statuses": [302]`, `"equals": "x"`, "equals needs a path"},
		"no source":         {`{"json": "a.0.b"}`, `{}`, "wants one of json, header, text and cookie"},
		"two sources":       {`{"json": "a.0.b"}`, `{"json": "a", "header": "b"}`, "wants one of"},
		"no expression":     {`{"json": "a.0.b"}`, `{"text": "("}`, "is no regular expression"},
		"no group":          {`{"json": "a.0.b"}`, `{"text": "x"}`, "has 0 groups"},
		"no variable":       {`"token":`, `"to-ken":`, "is no name of a variable"},
		"twice":             {`"method": "GET",`, `"method": "GET", "method": "GET",`, "line 7, login.options.method: is there twice"},
		"null":              {`"/l/options"`, `null`, "is null"},
		"cut off":           {`"login": {`, `"login": `, "line "},
		"result missing":    {`"result": {"url": "/l/result"`, `"about": {"url": "/l/result"`, `lacks "result"`},
		"users alike":       {`"registration": {`, `"user": "me", "registration": {`, "lacks ${user}"},
		"an origin's path":  {`"registration": {`, `"origin": "https://a.example/x", "registration": {`, "is no origin"},
		"a switch":          {`"registration": {`, `"switches": {"conter": "any"}, "registration": {`, `did you mean "counter"?`},
		"a switch's value":  {`"registration": {`, `"switches": {"counter": "no"}, "registration": {`, "switch counter is any or refuse or accept"},
		"not UTF-8":         {`"registration": {`, "\"about\": \"\xff\", \"registration\": {", "not UTF-8"},
		"text for a number": {"[302]", `["302"]`, "line 8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(smallAdapter, c.from, c.to, 1)
			require.NotEqual(t, smallAdapter, text)
			_, err := relyingparties.ReadAdapter([]byte(text))
			assert.ErrorContains(t, err, c.says)
		})
	}
	_, err = relyingparties.ReadAdapter([]byte(strings.Repeat(" ", relyingparties.MaxAdapter+1)))
	assert.ErrorContains(t, err, "at most 65536 are read")
}

// Whatever is in a file, reading ends, and what is read can be used.
func FuzzReadAdapter(f *testing.F) {
	f.Add([]byte(smallAdapter))
	for _, name := range []string{"passkeylab-pages.json", "passkeylab-native.json"} {
		text, err := os.ReadFile("../../docs/adapters/" + name)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := relyingparties.ReadAdapter(data)
		if err != nil {
			require.Nil(t, a)
			return
		}
		require.True(t, strings.HasPrefix(a.Registration.Options.URL, "/"))
		require.True(t, strings.HasPrefix(a.Login.Result.URL, "/"))
	})
}
