package relyingparty

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestLogsByPageAndCheckpoint(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withApplications)
	p := operator(t, s)
	for i := range 5 {
		clock.advance(time.Second)
		newProgram(t, s).signUp("user"+strconv.Itoa(i)+"@example.com", nil)
	}
	assert.Len(t, p.get("/api/v2/logs").list(t), 10)
	newest := p.get("/api/v2/logs?per_page=3").list(t)
	assert.Equal(t, []any{"10", "9", "8"}, ids(newest))
	assert.Equal(t, []any{"7", "6", "5"}, ids(p.get("/api/v2/logs?per_page=3&page=1").list(t)))
	assert.Equal(t, []any{"1", "2"}, ids(p.get("/api/v2/logs?per_page=2&sort=date:1").list(t)))
	totals := p.get("/api/v2/logs?per_page=4&page=2&include_totals=true&q=" + url.QueryEscape("type:ss AND user_name:user*")).json(t)
	assert.Equal(t, 5.0, totals["total"])
	assert.Equal(t, 8.0, totals["start"])
	assert.Equal(t, []any{}, totals["logs"])
	assert.Equal(t, []any{"4", "5"}, ids(p.get("/api/v2/logs?from=3&take=2").list(t)))
	assert.Equal(t, []any{"1"}, ids(p.get("/api/v2/logs?take=1").list(t)))
	assert.Equal(t, "[]", p.get("/api/v2/logs?from=10").body)

	line := p.get("/api/v2/logs/10").json(t)
	assert.Equal(t, newest[0], line)
	for _, required := range []string{"client_name", "description", "details", "environment_name", "hostname", "ip", "log_id", "strategy", "strategy_type", "tenant_name", "type"} {
		assert.NotEmpty(t, line[required], required)
	}
	assert.Equal(t, []any{"passkey"}, line["details"].(object)["authentication_methods"])
	for _, path := range []string{"/api/v2/logs/11", "/api/v2/logs/x", "/api/v2/logs/0"} {
		missing := p.get(path)
		assert.Equal(t, http.StatusNotFound, missing.status)
		missing.managementError(t)
	}
	for _, query := range []string{"per_page=0", "per_page=101", "page=-1", "page=x", "page=20", "sort=date", "include_totals=x", "from=x", "take=0", "take=101", "q=x:y"} {
		a := p.get("/api/v2/logs?" + query)
		assert.Equal(t, http.StatusBadRequest, a.status, query)
		a.managementError(t)
	}
}

func ids(lines []object) []any {
	var out []any
	for _, l := range lines {
		out = append(out, l["log_id"])
	}
	return out
}

func TestLogsByDateAndHost(t *testing.T) {
	t.Parallel()
	s, clock := newSite(t, withApplications, withSecondDomain)
	p := operator(t, s)
	for range 4 { // a line a day, from 2030-01-01 on
		newProgram(t, s).beginLogin("app")
		clock.advance(24 * time.Hour)
	}
	there := newProgram(t, s)
	there.host = secondHost
	there.beginLogin("app")
	for query, want := range map[string][]any{
		"date:[2030-01-02 TO 2030-01-04}":                           {"3", "2"},
		"date:[2030-01-03T00:00:00Z TO *]":                          {"5", "4", "3"},
		"date:[* TO 2030-01-01T00:00:00Z}":                          nil,
		"date:[* TO *] AND log_id:2":                                {"2"},
		"date:2030-01-03 OR hostname:" + secondHost:                 {"5", "3"},
		"type:passkey_challenge_started AND date:[2030-01-05 TO *]": {"5"},
		"hostname:" + secondHost:                                    {"5"},
		"hostname:auth*":                                            {"4", "3", "2", "1"},
	} {
		lines := p.get("/api/v2/logs?q=" + url.QueryEscape(query)).list(t)
		assert.Equal(t, want, ids(lines), query)
		for _, l := range lines {
			assert.Equal(t, map[bool]string{true: secondHost, false: "auth.acme.test"}[l["log_id"] == "5"], l["hostname"])
		}
	}
	for _, query := range []string{"date:2030", "date:[2030-01-01]", "date:[x TO *]", "date:[2030-01-01 TO *", "date:[2030-13-01 TO *]"} {
		assert.Equal(t, http.StatusBadRequest, p.get("/api/v2/logs?q="+url.QueryEscape(query)).status, query)
	}
}
