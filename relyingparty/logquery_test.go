package relyingparty

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

func TestLogQueries(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]store.EventQuery{
		"":                {},
		"  ":              {},
		"type:ss":         {Match: []store.Match{{Column: store.ByType, Value: "ss"}}},
		"user_name:ann*":  {Match: []store.Match{{Column: store.ByUserName, Value: "ann", Prefix: true}}},
		"log_id:7":        {Is: 7},
		`user_id:"a|\"b"`: {Match: []store.Match{{Column: store.ByUserID, Value: `a|"b`}}},
		`description:"Successful login" AND  ip:192.0.2.1`: {Match: []store.Match{
			{Column: store.ByDescription, Value: "Successful login"}, {Column: store.ByIP, Value: "192.0.2.1"},
		}},
	} {
		got, err := parseLogQuery(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for text, says := range map[string]string{
		"ss": "no term", "type:": "double quotes", "type:ss OR type:s": "joined by AND", "type:ss type:s": "joined by AND",
		"role:x": "not known", `type:"ss`: "no end", "log_id:x": "a number", "log_id:7*": "a number", "date:[2030 TO *]": "is no date",
		"type:ss AND": "joined by AND", "type:ss AND ": "joined by AND", "type:(s)": "double quotes",
		strings.Repeat("x", maxLogQuery+1): "longer than", strings.Repeat("type:s AND ", maxLogTerms) + "type:s": "more than",
	} {
		_, err := parseLogQuery(text)
		require.ErrorContains(t, err, says, text)
	}
}

// FuzzLogQuery reads hostile queries and asks the database what they say: it must
// never be an error of the database.
func FuzzLogQuery(f *testing.F) {
	s, _ := newSite(f)
	for _, seed := range []string{"type:ss", `user_name:"a b" AND ip:1*`, "log_id:1", `type:"\`, "description:%_*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := parseLogQuery(text)
		if err != nil {
			return
		}
		_, err = s.store.FindEvents(q)
		require.NoError(t, err)
		_, err = s.store.CountEvents(q)
		require.NoError(t, err)
	})
}
