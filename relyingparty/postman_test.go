package relyingparty

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mailbox is a mail server that shows what it has been given.
type mailbox struct {
	address string
	roots   *x509.CertPool
	refuse  func(to string) error // nil for nobody

	mails chan delivered
}

// delivered is a mail as it arrived.
type delivered struct {
	from, to, user string
	encrypted      bool
	message        *netmail.Message
	raw            string
}

// startMailbox serves SMTP; edit may change the server before.
func startMailbox(t *testing.T, edit func(*smtp.Server)) *mailbox {
	t.Helper()
	own := httptest.NewTLSServer(nil)
	t.Cleanup(own.Close)
	b := &mailbox{roots: x509.NewCertPool(), mails: make(chan delivered, 10)}
	b.roots.AddCert(own.Certificate())
	s := smtp.NewServer(b)
	s.Domain, s.AllowInsecureAuth = "mail.test", true
	s.TLSConfig = &tls.Config{Certificates: own.TLS.Certificates}
	edit(s)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	b.address = listener.Addr().String()
	var done sync.WaitGroup
	done.Go(func() { _ = s.Serve(listener) }) // until it is closed
	t.Cleanup(func() {
		_ = s.Close()
		done.Wait()
	})
	return b
}

// next waits for a mail.
func (b *mailbox) next(t *testing.T) delivered {
	t.Helper()
	select {
	case m := <-b.mails:
		return m
	case <-time.After(time.Minute):
		require.Fail(t, "no mail has come")
		return delivered{}
	}
}

func (b *mailbox) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, encrypted := c.TLSConnectionState()
	return &mailSession{box: b, got: delivered{encrypted: encrypted}, conn: c}, nil
}

type mailSession struct {
	box  *mailbox
	conn *smtp.Conn
	got  delivered
}

func (s *mailSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *mailSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != "sesame" {
			return smtp.ErrAuthFailed
		}
		s.got.user = user
		return nil
	}), nil
}

func (s *mailSession) Reset()        {}
func (s *mailSession) Logout() error { return nil }

func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	s.got.from = from
	return nil
}

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.got.to = to
	if s.box.refuse == nil {
		return nil
	}
	return s.box.refuse(to)
}

func (s *mailSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.got.raw = string(raw)
	if s.got.message, err = netmail.ReadMessage(bytes.NewReader(raw)); err != nil {
		return err
	}
	_, s.got.encrypted = s.conn.TLSConnectionState()
	s.box.mails <- s.got
	return nil
}

func plainly(*smtp.Server) {}

func mailedBy(b *mailbox, url string) func(*Config) {
	return func(c *Config) { c.MailServer = &MailServer{URL: url, Roots: b.roots} }
}

// requestReset asks for a link, as a visitor does.
func (b *browser) requestReset(email string) answer {
	b.t.Helper()
	b.open(pathResetRequest)
	return b.submit(pathResetRequest, "email", email)
}

func TestMailsReachTheServer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit      func(*smtp.Server)
		url       string
		encrypted bool
		user      string
	}{
		"in the open":            {func(s *smtp.Server) { s.TLSConfig = nil }, "smtp://%s", false, ""},
		"STARTTLS":               {plainly, "smtp://%s", true, ""},
		"STARTTLS with password": {func(s *smtp.Server) { s.AllowInsecureAuth = false }, "smtp://ann%%40acme:sesame@%s", true, "ann@acme"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box := startMailbox(t, test.edit)
			s, clock := newSite(t, mailedBy(box, fmt.Sprintf(test.url, box.address)))
			b := visitSite(t, s)
			b.signUpWithPassword("liam@example.com")
			b.logOut()
			require.Equal(t, "reset-password-email", b.requestReset("liam@example.com").screen())
			got := box.next(t)
			assert.Equal(t, test.encrypted, got.encrypted)
			assert.Equal(t, test.user, got.user)
			assert.Equal(t, "no-reply@auth.acme.test", got.from)
			assert.Equal(t, "liam@example.com", got.to)
			assert.Equal(t, "Change your password for Acme Shop", got.message.Header.Get("Subject"))
			date, err := got.message.Header.Date()
			require.NoError(t, err)
			assert.Equal(t, clock.Now().Truncate(time.Second).UTC(), date.UTC())
			mails := s.Outbox().To("liam@example.com")
			require.Len(t, mails, 1, "it is in the outbox as well")
			body := strings.ReplaceAll(strings.ReplaceAll(got.raw, "=\r\n", ""), "=3D", "=")
			assert.Contains(t, body, mails[0].Links[0])
		})
	}
}

func TestMailInTLSFromTheFirstByte(t *testing.T) {
	t.Parallel()
	own := httptest.NewTLSServer(nil)
	defer own.Close()
	roots := x509.NewCertPool()
	roots.AddCert(own.Certificate())
	box := &mailbox{roots: roots, mails: make(chan delivered, 1)}
	server := smtp.NewServer(box)
	server.Domain = "mail.test"
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: own.TLS.Certificates})
	require.NoError(t, err)
	var done sync.WaitGroup
	done.Go(func() { _ = server.Serve(listener) })
	defer done.Wait()
	defer server.Close()
	s, _ := newSite(t, mailedBy(box, "smtps://ann:sesame@"+listener.Addr().String()))
	b := visitSite(t, s)
	b.signUpWithPassword("liam@example.com")
	b.logOut()
	b.requestReset("liam@example.com")
	assert.True(t, box.next(t).encrypted)
}

// failedMail waits for the line about a mail that failed.
func failedMail(t *testing.T, s *Site) Event {
	t.Helper()
	for after := int64(0); ; {
		events, err := s.WaitEvents(t.Context(), after)
		require.NoError(t, err)
		for _, e := range events {
			if e.Type == EventMailFailed {
				return e
			}
			after = e.Seq
		}
	}
}

func TestMailsThatFailAreLogged(t *testing.T) {
	t.Parallel()
	noSuchUser := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	for name, test := range map[string]struct {
		edit   func(*smtp.Server)
		url    string
		roots  bool
		refuse error
		why    string
	}{
		"refused":               {plainly, "smtp://%s", true, noSuchUser, "no such user"},
		"wrong password":        {plainly, "smtp://ann:wrong@%s", true, nil, "535"},
		"stranger's TLS":        {plainly, "smtp://%s", false, nil, "certificate"},
		"nobody there, no TLS":  {plainly, "smtp://127.0.0.1:1", true, nil, "refused"},
		"smtps without any TLS": {plainly, "smtps://%s", true, nil, "tls"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box := startMailbox(t, test.edit)
			box.refuse = func(string) error { return test.refuse }
			if !test.roots {
				box.roots = x509.NewCertPool()
			}
			url := test.url
			if strings.Contains(url, "%s") {
				url = fmt.Sprintf(url, box.address)
			}
			s, _ := newSite(t, mailedBy(box, url))
			s.postman.pauses = []time.Duration{time.Millisecond}
			b := visitSite(t, s)
			b.signUpWithPassword("liam@example.com")
			b.logOut()
			require.Equal(t, "reset-password-email", b.requestReset("liam@example.com").screen(), "the page does not tell")
			line := failedMail(t, s)
			assert.Equal(t, "liam@example.com", line.User)
			assert.Contains(t, line.Details.Error.Message, test.why)
			assert.NotContains(t, line.Details.Error.Message, "wrong")
			require.Len(t, s.Outbox().To("liam@example.com"), 1)
		})
	}
}

// A server that is not itself for a while gets the mail in the end.
func TestMailsAreTriedAgain(t *testing.T) {
	t.Parallel()
	box := startMailbox(t, plainly)
	tries := 0
	box.refuse = func(string) error {
		if tries++; tries < 3 {
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "later"}
		}
		return nil
	}
	s, _ := newSite(t, mailedBy(box, "smtp://"+box.address))
	s.postman.pauses = []time.Duration{time.Millisecond, time.Millisecond}
	b := visitSite(t, s)
	b.signUpWithPassword("liam@example.com")
	b.logOut()
	b.requestReset("liam@example.com")
	assert.Equal(t, "liam@example.com", box.next(t).to)
	assert.NotContains(t, codes(t, s), "fn")
}

// TestAMailServerThatHangs takes connections and never says a word.
func TestAMailServerThatHangs(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	s, _ := newSite(t, func(c *Config) {
		c.MailServer = &MailServer{URL: "smtp://" + listener.Addr().String()}
		c.Limits = DefaultLimits()
		c.Limits.ResetMails.Burst = 10 * maxLetters
		c.Limits.Requests.Burst = 100 * maxLetters
	})
	b := visitSite(t, s)
	b.signUpWithPassword("liam@example.com")
	b.logOut()
	for range maxLetters + 2 { // one more is in the postman's hands
		require.Equal(t, "reset-password-email", b.requestReset("liam@example.com").screen())
	}
	assert.Contains(t, failedMail(t, s).Details.Error.Message, errTooManyLetters.Error())

	// One try ends by itself.
	route := *s.postman.route
	route.timeout = 10 * time.Millisecond
	err = route.deliver(t.Context(), Mail{To: "liam@example.com", Time: time.Unix(0, 0)}, "id")
	require.Error(t, err)
	hopeless := new(undeliverableError)
	assert.False(t, errors.As(err, &hopeless), "%v", err)
	// Closing does not wait for the server; the test would not end.
}

func TestMailsCannotSayMoreThanTheyShould(t *testing.T) {
	t.Parallel()
	box := startMailbox(t, plainly)
	where, err := parseAddress(testOrigin)
	require.NoError(t, err)
	route, err := MailServer{URL: "smtp://" + box.address, Roots: box.roots}.route(where)
	require.NoError(t, err)
	for _, to := range []string{"a@example.com\r\nBcc: b@example.com", "a@example.com>\r\nRCPT TO:<b@example.com", "a@example.com, b@example.com", ""} {
		hopeless := new(undeliverableError)
		require.ErrorAs(t, route.deliver(t.Context(), Mail{To: to, Time: time.Unix(0, 0)}, "id"), &hopeless, to)
	}
	require.NoError(t, route.deliver(t.Context(), Mail{To: "a@example.com", Time: time.Unix(0, 0),
		Subject: "hello\r\nBcc: b@example.com", Text: "one\r\n.\r\nMAIL FROM:<c@example.com>\r\n"}, "id"))
	got := box.next(t)
	assert.Empty(t, got.message.Header.Get("Bcc"))
	assert.Contains(t, got.raw, "\r\n.\r\nMAIL FROM", "a dot alone is no end")
	assert.Empty(t, box.mails)
}

func TestMailServersThatCannotBe(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"mail.test":                       "give it as smtp://",
		"http://mail.test":                "give it as smtp://",
		"smtp://":                         "give it as smtp://",
		"smtp://u:sesame@mail.test/x":     "give it as smtp://",
		"smtp://u:sesame@mail.test:99999": "no port",
		"smtp://u:sesame@mail.test:%":     "cannot be read",
	} {
		_, err := New(Config{BaseURL: testOrigin, Clock: time.Now, Random: rand.Reader, MailServer: &MailServer{URL: url}})
		require.ErrorContains(t, err, want, url)
		assert.NotContains(t, err.Error(), "sesame")
	}
	_, err := New(Config{BaseURL: testOrigin, Clock: time.Now, Random: rand.Reader, MailServer: &MailServer{URL: "smtp://mail.test", From: "a\r\nb"}})
	require.ErrorContains(t, err, "mails cannot come from")
}

// Letters that wait when the site is closed are not lost without a word.
func TestClosingGivesUpWhatWaits(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	where, err := parseAddress(testOrigin)
	require.NoError(t, err)
	route, err := MailServer{URL: "smtp://" + listener.Addr().String()}.route(where)
	require.NoError(t, err)
	var mu sync.Mutex
	given := map[string]error{}
	p := newPostman(route, func(l letter, why error) {
		mu.Lock()
		defer mu.Unlock()
		given[l.id] = why
	})
	for _, id := range []string{"1", "2", "3"} {
		p.post(letter{id: id, mail: Mail{To: "a@example.com", Time: time.Unix(0, 0)}})
	}
	p.close()
	assert.Len(t, given, 3)
	assert.ErrorIs(t, given["3"], context.Canceled)
}

// What a subject is made of may have line breaks, but a mail has the headers of the site alone.
func TestSubjectsAreOneLine(t *testing.T) {
	t.Parallel()
	box := startMailbox(t, plainly)
	s, _ := newSite(t, mailedBy(box, "smtp://"+box.address), func(c *Config) { c.Client = "Acme\r\nBcc: eve@example.com\r\n\r\nShop" })
	visitSite(t, s).signUpWithPassword("liam@example.com")
	visitSite(t, s).requestReset("liam@example.com")
	got := box.next(t)
	assert.Empty(t, got.message.Header.Get("Bcc"))
	subject, err := new(mime.WordDecoder).DecodeHeader(got.message.Header.Get("Subject"))
	require.NoError(t, err)
	assert.Equal(t, "Change your password for AcmeBcc: eve@example.comShop", subject)
}
