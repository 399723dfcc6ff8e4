package relyingparties

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
)

// Handler carries requests to a handler in this process, as a [Site.Transport].
type Handler struct{ http.Handler }

// RoundTrip implements [http.RoundTripper]. It returns when the request's context ends,
// though the handler may not.
func (h Handler) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	in.RequestURI, in.RemoteAddr, in.Host = r.URL.RequestURI(), "127.0.0.1:1", r.URL.Host
	done := make(chan *http.Response, 1)
	go func() {
		w := &recorder{header: http.Header{}}
		defer func() {
			if recover() != nil { // as package http has it: the connection ends
				close(done)
			}
		}()
		h.ServeHTTP(w, in)
		done <- w.response(r)
	}()
	select {
	case response, ok := <-done:
		if !ok {
			return nil, io.ErrUnexpectedEOF
		}
		return response, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// recorder is an [http.ResponseWriter] that keeps what is written, up to more than
// anybody reads.
type recorder struct {
	header http.Header // as the handler changes it
	sent   http.Header // as it was when the status was sent
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.body.Len()+len(p) > 2*maxReply {
		return 0, io.ErrShortWrite
	}
	return w.body.Write(p)
}

func (w *recorder) response(r *http.Request) *http.Response {
	w.WriteHeader(http.StatusOK)
	if w.sent.Get("Content-Type") == "" && w.body.Len() > 0 {
		w.sent.Set("Content-Type", http.DetectContentType(w.body.Bytes()))
	}
	return &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: w.sent, Request: r,
		Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()),
	}
}
