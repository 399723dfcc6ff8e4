package control_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/transport/control"
)

// Whatever is asked, the panel answers. What carries the marks of a web page, or
// names another machine, changes nothing.
func FuzzPanel(f *testing.F) {
	f.Add("POST /touch/2s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
	f.Add("GET /usb1/power/off HTTP/1.1\r\nHost: localhost:3000\r\nOrigin: null\r\n\r\n")
	f.Add("POST /conformance/results HTTP/1.1\r\nHost: [::1]:1\r\nContent-Length: 2\r\n\r\n{}")
	f.Add("POST /wrong-finger/7 HTTP/1.1\r\nHost: evil.example\r\nSec-Fetch-Site: cross-site\r\n\r\n")
	f.Fuzz(func(t *testing.T, raw string) {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
		if err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond) // for what waits
		defer cancel()
		d := newDesk()
		before := d.Status()
		w := httptest.NewRecorder()
		d.Handler().ServeHTTP(w, r.WithContext(ctx))
		require.GreaterOrEqual(t, w.Code, 200)
		fromPage := len(r.Header["Origin"]) > 0 || len(r.Header["Referer"]) > 0 || strings.Contains(r.Host, ".example")
		if fromPage || w.Code >= 400 && w.Code < 500 {
			require.Equal(t, before, d.Status())
			require.Empty(t, d.journal.read())
		}
	})
}

func FuzzParseManner(f *testing.F) {
	for _, seed := range []string{"auto", "manual", "refuse", "2s", "1h2m", "delay", "-1s"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := control.ParseManner(s)
		if err != nil {
			return
		}
		again, err := control.ParseManner(m.String())
		require.NoError(t, err)
		require.Equal(t, m, again)
	})
}
