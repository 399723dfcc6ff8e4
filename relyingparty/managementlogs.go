package relyingparty

import (
	"cmp"
	"net/http"
	"strconv"

	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// Names that stand in every line.
const (
	strategyName    = "auth0"
	strategyType    = "database"
	environmentName = "passkeylab"
)

// logLine is a line of the tenant log in the Management API and in the stream.
type logLine struct {
	LogID        string    `json:"log_id"`
	Date         string    `json:"date"`
	Type         EventType `json:"type"`
	Description  string    `json:"description"`
	Connection   string    `json:"connection,omitempty"`
	ConnectionID string    `json:"connection_id,omitempty"`
	Strategy     string    `json:"strategy,omitempty"`
	StrategyType string    `json:"strategy_type,omitempty"`
	ClientID     string    `json:"client_id,omitempty"`
	ClientName   string    `json:"client_name"`
	UserID       string    `json:"user_id,omitempty"`
	UserName     string    `json:"user_name,omitempty"`
	IP           string    `json:"ip"`
	UserAgent    string    `json:"user_agent"`
	Audience     string    `json:"audience,omitempty"`
	Scope        string    `json:"scope,omitempty"`
	Hostname     string    `json:"hostname"`
	TenantName   string    `json:"tenant_name"`
	Environment  string    `json:"environment_name"`
	Details      Details   `json:"details"`
}

func (s *Site) logLineOf(e Event) logLine {
	return logLine{
		LogID: strconv.FormatInt(e.Seq, 10), Date: timeText(e.Time), Type: e.Type, Description: e.Description,
		Connection: e.Connection, ConnectionID: connectionID, Strategy: strategyName, StrategyType: strategyType,
		ClientID: e.ClientID, ClientName: e.ClientName, UserID: e.UserID, UserName: e.User, IP: e.IP, UserAgent: e.UserAgent,
		Audience: e.Details.Audience, Scope: e.Details.Scope,
		Hostname: cmp.Or(e.Hostname, s.primary().name), TenantName: s.config.Company, Environment: environmentName, Details: e.Details,
	}
}

func (s *Site) logLines(q store.EventQuery) ([]logLine, error) {
	events, err := decodeEvents(s.store.FindEvents(q))
	if err != nil {
		return nil, err
	}
	lines := make([]logLine, len(events))
	for i, e := range events {
		lines[i] = s.logLineOf(e)
	}
	return lines, nil
}

// listLogs answers by page, newest first, or from a line on, oldest first.
func listLogs(v *visit) error {
	query := v.r.URL.Query()
	if query.Has("from") || query.Has("take") {
		return v.logsFrom(query.Get("from"))
	}
	fits, err := parseLogQuery(query.Get("q"))
	if err != nil {
		return badRequest("q: %s", err)
	}
	q := store.EventQuery{Fits: fits}
	page, err := v.readPage()
	if err != nil {
		return err
	}
	switch query.Get("sort") {
	case "", "date:-1":
		q.OldestLast = true
	case "date:1":
	default:
		return badRequest("sort must be date:1 or date:-1")
	}
	total := 0
	if page.totals {
		if total, err = v.site.store.CountEvents(q); err != nil {
			return err
		}
	}
	q.Skip, q.Most = page.start(), page.size
	lines, err := v.site.logLines(q)
	if err != nil {
		return err
	}
	return v.answerPage(page, "logs", total, lines)
}

// logsFrom answers with what came after a line.
func (v *visit) logsFrom(from string) error {
	var q store.EventQuery
	var err error
	if from != "" {
		if q.After, err = strconv.ParseInt(from, 10, 64); err != nil || q.After < 0 {
			return badRequest("from must be a log_id")
		}
	}
	if q.Most, err = v.queryNumber("take", pageSize, 1, maxPageSize); err != nil {
		return err
	}
	lines, err := v.site.logLines(q)
	if err != nil {
		return err
	}
	return v.answer(http.StatusOK, lines)
}

func getLog(v *visit) error {
	missing := &apiProblem{status: http.StatusNotFound, code: "inexistent_log", text: "The log does not exist."}
	seq, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil || seq < 1 {
		return missing
	}
	lines, err := v.site.logLines(store.EventQuery{Fits: store.Numbered(seq)})
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return missing
	}
	return v.answer(http.StatusOK, lines[0])
}
