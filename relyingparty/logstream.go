package relyingparty

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// GET /log/stream sends lines of the tenant log as they are written, as server-sent
// events (HTML §9.2). Each is a line as the Management API has it; its ID is the
// log_id, so that a reader that lost the connection goes on where it was.

const (
	maxStreams   = 64               // at a time
	streamChunk  = 200              // lines read from the database at once
	streamPulse  = 15 * time.Second // between signs of life, so that proxies keep the connection
	streamStall  = 30 * time.Second // that a reader may leave what was sent to it unread
	lastEventID  = "Last-Event-ID"
	streamRetry  = "retry: 1000\n\n"
	streamAlive  = ": nothing new\n\n"
	eventsOfText = "text/event-stream"
)

func streamLog(v *visit) error {
	if err := v.checkOrigin(); err != nil { // a page elsewhere could take all places, though it would read nothing
		return err
	}
	q, err := v.streamQuery()
	if err != nil {
		return err
	}
	select {
	case v.site.streams <- struct{}{}:
		defer func() { <-v.site.streams }()
	default:
		return fail(problemTooManyRequests)
	}
	v.w.Header().Set("Content-Type", eventsOfText)
	v.w.Header().Set("Cache-Control", "no-store")
	v.w.WriteHeader(http.StatusOK)
	out := &streamWriter{to: v.w, control: http.NewResponseController(v.w), stall: v.site.streamStall}
	// A server's time limit for requests has passed by the time that a reader goes, which
	// ends the context.
	_ = out.control.SetReadDeadline(time.Time{})
	for chunk := []byte(streamRetry); out.send(chunk) == nil; {
		if chunk, err = v.nextChunk(&q); err != nil {
			if v.r.Context().Err() == nil {
				v.site.config.Logger.Error("log stream ended", "error", err)
			}
			return nil
		}
	}
	return nil // the reader has gone, or reads nothing
}

// streamWriter sends what has to be read within a while. A server's own time limit is
// for answers that end.
type streamWriter struct {
	to      http.ResponseWriter
	control *http.ResponseController
	stall   time.Duration
}

// send goes by real time, as connections do.
func (w *streamWriter) send(chunk []byte) error {
	if err := w.control.SetWriteDeadline(time.Now().Add(w.stall)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := w.to.Write(chunk); err != nil {
		return err
	}
	return w.control.Flush()
}

// streamQuery reads which lines are wanted: those that fit q and come after the one
// that the reader had last, or after now.
func (v *visit) streamQuery() (store.EventQuery, error) {
	query := v.r.URL.Query()
	fits, err := parseLogQuery(query.Get("q"))
	q := store.EventQuery{Fits: fits, Most: streamChunk}
	if err != nil {
		return q, badRequest("q: %s", err)
	}
	from := v.r.Header.Get(lastEventID)
	if from == "" {
		from = query.Get("from")
	}
	if from == "" {
		newest, err := v.site.store.LatestEvents(1)
		if err == nil && len(newest) > 0 {
			q.After = newest[0].Seq
		}
		return q, err
	}
	if q.After, err = strconv.ParseInt(from, 10, 64); err != nil || q.After < 0 {
		return q, badRequest("from must be a log_id")
	}
	return q, nil
}

// nextChunk waits for lines, or until it is time for a sign of life.
func (v *visit) nextChunk(q *store.EventQuery) ([]byte, error) {
	ctx, cancel := context.WithTimeout(v.r.Context(), streamPulse)
	defer cancel()
	events, err := decodeEvents(v.site.store.AwaitEvents(ctx, q))
	if errors.Is(err, context.DeadlineExceeded) && v.r.Context().Err() == nil {
		return []byte(streamAlive), nil
	}
	if err != nil {
		return nil, err
	}
	var chunk []byte
	for _, e := range events {
		line, err := json.Marshal(v.site.logLineOf(e))
		if err != nil {
			return nil, err
		}
		chunk = append(chunk, "id: "+strconv.FormatInt(e.Seq, 10)+"\ndata: "...)
		chunk = append(append(chunk, line...), "\n\n"...)
		q.After = e.Seq
	}
	return chunk, nil
}
