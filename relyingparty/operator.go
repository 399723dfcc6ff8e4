package relyingparty

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
)

// logPageLines is how many of the newest log lines the page shows.
const logPageLines = 200

// timestamp is how the operator's pages show times.
const timestamp = "2006-01-02 15:04:05.000"

func showLog(v *visit) error {
	events, err := decodeEvents(v.site.store.LatestEvents(logPageLines))
	if err != nil {
		return err
	}
	var lines []pages.LogLine
	for _, e := range events {
		details, err := json.MarshalIndent(e.Details, "", "  ")
		if err != nil {
			return err
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
	return v.show(http.StatusOK, pages.View{Screen: pages.Log, Log: lines})
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
