package relyingparties

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"

	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
	"github.com/passkeylab/passkeylab/internal/report"
)

// maxReply is the longest answer that is read, in bytes.
const maxReply = 1 << 20

// reply is what a relying party answered, as the judge reads it.
type reply struct {
	step   string // what was asked
	status int
	header http.Header
	body   []byte
	value  any   // the body, where it is JSON
	wrong  error // why it is not
}

// noRedirects has redirections be answers: whoever answers a ceremony with one does
// not answer the ceremony.
func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// newBrowser is what HTTP has of a session: cookies.
func (c *client) newBrowser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.Brokenf("no cookies can be kept: %v", err)
	}
	transport := c.site.Transport
	if transport == nil {
		transport = network
	}
	return &http.Client{Transport: transport, Jar: jar, CheckRedirect: noRedirects}
}

// network is shared, so that connections are used again.
var network = &http.Transport{MaxIdleConnsPerHost: 16, MaxResponseHeaderBytes: 64 << 10}

// carryOut makes a request of a step. A relying party that cannot be asked, or whose
// answer cannot be read, ends the case.
func (v *visitor) carryOut(s *Step, more variables) *reply {
	method, address, body, kind := v.request(s, more)
	request, err := http.NewRequestWithContext(v.Context(), method, address, bytes.NewReader(body))
	if err != nil {
		v.Brokenf("there is no such request as %s %s: %v", method, address, err)
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	request.Header.Set("Accept", "application/json")
	all := v.with(more)
	for _, h := range s.Headers {
		request.Header.Set(h.Name, strings.NewReplacer("\r", "", "\n", "").Replace(all.text(h.Value)))
	}
	name := method + " " + request.URL.Path
	v.Record(report.Message{From: "judge", To: "server", Layer: "HTTP", Name: name, Bytes: body}, func() string { return describe(body) })
	r, err := v.send(request)
	if err != nil {
		v.explain(name, err)
	}
	r.step = name
	v.Record(report.Message{From: "server", To: "judge", Layer: "HTTP", Name: name, Status: fmt.Sprint(r.status), Bytes: r.body}, func() string { return describe(r.body) })
	v.save(s, r)
	return r
}

func (v *visitor) request(s *Step, more variables) (method, address string, body []byte, kind string) {
	all := v.with(more)
	if method = s.Method; method == "" {
		method = http.MethodPost
	}
	address = strings.TrimSuffix(v.site.URL, "/") + all.query(s.URL)
	switch {
	case s.Form != nil:
		form := url.Values{}
		for _, f := range s.Form {
			form.Set(f.Name, all.text(f.Value))
		}
		return method, address, []byte(form.Encode()), "application/x-www-form-urlencoded"
	case s.JSON != nil:
		value, _ := all.json(s.JSON)
		return method, address, forge.JSON(value), "application/json"
	}
	return method, address, nil, ""
}

// errTooLong says that an answer is longer than any that a relying party has to give.
var errTooLong = fmt.Errorf("the answer is longer than %d bytes", maxReply)

func (v *visitor) send(request *http.Request) (*reply, error) {
	response, err := v.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxReply+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxReply {
		return nil, errTooLong
	}
	r := &reply{status: response.StatusCode, header: response.Header, body: body}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	switch {
	case kind != "application/json":
		r.wrong = fmt.Errorf("the content type is %q, not application/json", kind)
	default:
		if r.wrong = json.Unmarshal(body, &r.value); r.wrong != nil {
			r.value = nil
		}
	}
	return r, nil
}

// explain ends the case because there is no answer.
func (v *visitor) explain(name string, err error) {
	var inner *url.Error
	if errors.As(err, &inner) {
		err = inner.Err
	}
	if v.Context().Err() != nil {
		v.Brokenf("%s was not answered within the time of the case: %v", name, err)
	}
	v.Brokenf("%s was not answered: %v", name, err)
}

// save keeps what the step wants of an answer.
func (v *visitor) save(s *Step, r *reply) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, want := range s.Save {
		switch want.From {
		case FromJSON:
			if value, there := at(r.value, want.What); there {
				v.known[want.Variable] = value
			}
		case FromHeader:
			v.known[want.Variable] = r.header.Get(want.What)
		case FromCookie:
			if at, err := url.Parse(v.site.URL); err == nil {
				for _, cookie := range v.http.Jar.Cookies(at) {
					if cookie.Name == want.What {
						v.known[want.Variable] = cookie.Value
					}
				}
			}
		case FromText:
			if pattern, err := regexp.Compile(want.What); err == nil {
				if found := pattern.FindSubmatch(r.body); len(found) == 2 {
					v.known[want.Variable] = string(found[1])
				}
			}
		}
	}
}
