package relyingparty

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// logOf is a site with one line of each type, a day apart from 2030-01-01 on: s of ann, f
// of bob, fp of "jane a smith", slo of ann.
func logOf(t testing.TB) *Site {
	t.Helper()
	s, _ := newSite(t)
	day := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, e := range []store.Event{
		{Type: "s", UserName: "ann@example.com", Description: "Successful login", IP: "192.0.2.1"},
		{Type: "f", UserName: "bob@example.com", Description: "Failed login", IP: "192.0.2.2"},
		{Type: "fp", UserName: "jane a smith", Description: "Failed login, incorrect password", IP: "2001:db8::1"},
		{Type: "slo", UserName: "ann@example.com", Description: "Successful logout", IP: "192.0.2.1"},
	} {
		e.At, e.Details = day.AddDate(0, 0, i), json.RawMessage("{}")
		require.NoError(t, s.store.Update(func(tx *store.Tx) error { return tx.InsertEvent(e) }))
	}
	return s
}

func TestLogQueriesFind(t *testing.T) {
	t.Parallel()
	s := logOf(t)
	for text, want := range map[string][]int64{
		"":                 {1, 2, 3, 4},
		"  ":               {1, 2, 3, 4},
		"type:s":           {1},
		"type:S":           {1},
		"type:s*":          {1, 4},
		"type:*":           {1, 2, 3, 4},
		"log_id:3":         {3},
		`ip:192.0.2.1`:     {1, 4},
		`ip:"2001:db8::1"`: {3},

		"type:s OR type:f":                                 {1, 2},
		"type:s OR type:f OR type:fp":                      {1, 2, 3},
		"NOT type:s":                                       {2, 3, 4},
		"NOT NOT type:s":                                   {1},
		"NOT (type:s OR type:f)":                           {3, 4},
		"NOT(type:s)":                                      {2, 3, 4},
		"type:s OR type:f AND user_name:ann*":              {1}, // AND binds closer
		"(type:s OR type:f) AND NOT user_name:ann*":        {2},
		"type:f AND type:s OR type:slo":                    {4},
		"type:f AND (type:s OR type:slo)":                  nil,
		"user_name:ann* AND NOT type:s":                    {4},
		"NOT type:s AND NOT type:f":                        {3, 4},
		"((type:s))":                                       {1},
		"( type:s  OR ( type:f ) )":                        {1, 2},
		"type:(s OR f)":                                    {1, 2},
		"type:(NOT s AND NOT f*)":                          {4},
		`description:("Failed login" OR *logout)`:          {2, 4},
		`description:"Successful login" AND  ip:192.0.2.1`: {1},

		"user_name:*SMITH":         {3},
		"user_name:jane*smith":     {3},
		"description:*incorrect*":  {3},
		`description:"Failed*"`:    nil, // no wildcard in quotes
		"description:Failed":       nil, // fields are whole values
		"user_name:*exa_ple*":      nil,
		"user_name:*100%*":         nil,
		`user_name:"jane a smith"`: {3},

		"slo":                      {4},
		"ann@example.com":          {1, 4},
		`"Failed login"`:           {2},
		"2":                        {2}, // a log_id
		"192.0.2.2 OR slo":         {2, 4},
		"*passw* AND NOT log_id:1": {3},

		"date:[2030-01-02 TO 2030-01-03]":                   {2, 3},
		"date:[2030-01-02 TO 2030-01-03}":                   {2},
		"date:{2030-01-02 TO 2030-01-03]":                   {3},
		"date:{2030-01-01 TO *]":                            {2, 3, 4},
		"date:[* TO 2030-01-02}":                            {1},
		"date:[* TO *]":                                     {1, 2, 3, 4},
		"date:2030-01-03":                                   {3},
		"date:2030-01":                                      {1, 2, 3, 4},
		"date:[2030-02 TO *]":                               nil,
		"date:[2029-12 TO 2030-01]":                         {1, 2, 3, 4},
		"date:[2030-01-02T00:00:00 TO 2030-01-03T00:00:00}": {2},
		"date:{2030-01-02T00:00:00 TO 2030-01-03T00:00:00]": {3},
		"date:[2030-01-02T00:00:00.001Z TO *]":              {3, 4},
		"date:[2030-01-02T02:00:00+02:00 TO *]":             {2, 3, 4},
		strings.Repeat("(type:s) OR ", 12) + "(type:f)":     {1, 2}, // wide, but not deep

		"NOT date:[2030-01-02 TO 2030-01-03]": {1, 4},
	} {
		fits, err := parseLogQuery(text)
		require.NoError(t, err, text)
		found, err := s.store.FindEvents(store.EventQuery{Fits: fits})
		require.NoError(t, err, text)
		var got []int64
		for _, e := range found {
			got = append(got, e.Seq)
		}
		assert.Equal(t, want, got, text)
	}
}

func TestLogQueriesThatAreRefused(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"type:": "missing at the end", "type:ss type:s": "joined by AND or OR", "type:ss or type:s": "joined by AND or OR",
		"role:x": "not known", `type:"ss`: "no end", "log_id:x": "a number", "log_id:7*": "a number", "log_id:0": "a number",
		"type:ss AND": "missing at the end", "type:ss AND ": "missing at the end", "type:ss OR NOT": "missing at the end",
		"type:?": "double quotes", "type:a:b": "double quotes", "AND": "stands where", "type:s OR OR type:f": "stands where",
		"(type:s": "no closing", "(type:s type:f)": "joined by", "type:s)": "no opening", "()": "double quotes", "type:(s": "no closing",
		"type:(ip:x)": "within the brackets", "date:[2030 TO *]": "is no date", "date:x": "is no date", "date:[2030-01-01]": "give dates",
		"date:[2030-01-01 TO *": "no end", "ip:[1 TO 2]": "ranges are of dates", "user_name:*ab": "3 characters", "user_name:a*b": "3 characters",
		"user_name:*a*b*cc*": "wildcards", strings.Repeat("x", maxLogQuery+1): "longer than",
		strings.Repeat("type:s AND ", maxLogTerms) + "type:s": "more than", strings.Repeat("(", maxLogDepth) + "s": "deep",
		strings.Repeat("NOT ", maxLogDepth) + "s": "deep",
	} {
		_, err := parseLogQuery(text)
		require.ErrorContains(t, err, says, text)
	}
}

// FuzzLogQuery reads hostile queries and asks the database what they say: it must
// never be an error of the database.
func FuzzLogQuery(f *testing.F) {
	s := logOf(f)
	for _, seed := range []string{
		"type:ss", `user_name:"a b" AND ip:1*`, "log_id:1", `type:"\`, "description:%_*", "NOT (type:(s OR f*) AND date:{2030-01 TO *])", "a*b*c OR 7",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fits, err := parseLogQuery(text)
		if err != nil {
			return
		}
		found, err := s.store.FindEvents(store.EventQuery{Fits: fits})
		require.NoError(t, err)
		n, err := s.store.CountEvents(store.EventQuery{Fits: fits})
		require.NoError(t, err)
		require.Len(t, found, n)
		if fits == nil || !utf8.ValidString(text) || strings.Contains(text, "\x00") { // PostgreSQL holds no such text
			return
		}
		others, err := s.store.CountEvents(store.EventQuery{Fits: store.Not{Condition: fits}})
		require.NoError(t, err)
		require.Equal(t, 4, n+others, "each line fits it or does not")
	})
}
