package relyingparty

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// logPageLines is how many log lines a page shows.
const logPageLines = 200

// timestamp is how the operator's pages show times.
const timestamp = "2006-01-02 15:04:05.000"

// maxLogPage bounds how far back the pages reach.
const maxLogPage = 1_000_000

// longestFilter bounds what is looked for, in bytes.
const longestFilter = 256

// showLog shows a page of the tenant log, newest first, as far as it fits the filters.
func showLog(v *visit) error {
	query := v.r.URL.Query()
	filter := pages.LogFilter{Type: query.Get("type"), User: query.Get("user"), Text: query.Get("text")}
	number, err := strconv.Atoi(cmp.Or(query.Get("page"), "0"))
	if err != nil || number < 0 || number > maxLogPage || len(filter.Type)+len(filter.User)+len(filter.Text) > longestFilter {
		return fail(problemBadRequest)
	}
	for _, t := range EventTypes() {
		filter.Types = append(filter.Types, string(t))
	}
	q := logPageQuery(filter)
	if filter.Total, err = v.site.store.CountEvents(q); err != nil {
		return err
	}
	if number > 0 {
		filter.Newer = logPagePath(query, number-1)
	}
	if (number+1)*logPageLines < filter.Total {
		filter.Older = logPagePath(query, number+1)
	}
	q.OldestLast, q.Most, q.Skip = true, logPageLines, number*logPageLines
	lines, err := v.logPage(q)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, pages.View{Screen: pages.Log, Log: lines, Filter: filter})
}

func logPageQuery(f pages.LogFilter) store.EventQuery {
	var fits store.All
	if f.Text != "" {
		fits = append(fits, store.Mentions(f.Text))
	}
	if f.Type != "" {
		fits = append(fits, store.Match{Column: store.ByType, Value: f.Type})
	}
	if f.User != "" {
		fits = append(fits, store.Match{Column: store.ByUserName, Value: f.User + "*", Wild: true})
	}
	return store.EventQuery{Fits: fits}
}

// logPagePath is the same query for another page.
func logPagePath(query url.Values, number int) string {
	next := url.Values{}
	for _, name := range []string{"type", "user", "text"} {
		if value := query.Get(name); value != "" {
			next.Set(name, value)
		}
	}
	next.Set("page", strconv.Itoa(number))
	return "/log?" + next.Encode()
}

func (v *visit) logPage(q store.EventQuery) ([]pages.LogLine, error) {
	events, err := decodeEvents(v.site.store.FindEvents(q))
	if err != nil {
		return nil, err
	}
	var lines []pages.LogLine
	for _, e := range events {
		details, err := json.MarshalIndent(e.Details, "", "  ")
		if err != nil {
			return nil, err
		}
		lines = append(lines, pages.LogLine{
			Seq:         e.Seq,
			Time:        e.Time.Format(timestamp),
			Type:        string(e.Type),
			Description: e.Description,
			User:        e.User,
			IP:          e.IP,
			Details:     string(details),
			Failed:      e.Details.Error != nil,
		})
	}
	return lines, nil
}

func showOutbox(v *visit) error {
	var rows []pages.MailRow
	for _, m := range v.site.outbox.All() {
		rows = append(rows, pages.MailRow{
			Time:    m.Time.Format(timestamp),
			To:      m.To,
			Subject: m.Subject,
			Text:    m.Text,
			Links:   m.Links,
		})
	}
	slices.Reverse(rows)
	return v.show(http.StatusOK, pages.View{Screen: pages.Outbox, Mails: rows})
}
