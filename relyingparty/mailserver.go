package relyingparty

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/passkeylab/passkeylab/internal/printable"
)

// MailServer is where mails are handed over to, beside the outbox.
type MailServer struct {
	// URL is smtp://user:password@host:port, or smtps:// for TLS from the first byte
	// (RFC 8314); ports 587 and 465 by default. With smtp, STARTTLS is used where the
	// server has it, and has to be where there is a password and the host is another.
	URL string
	// From is the sender's address; default no-reply@ and the host of BaseURL.
	From string
	// Roots are what the server's certificate has to lead to; nil for the system's.
	Roots *x509.CertPool
}

// mailTimeout bounds one try to hand a mail over.
const mailTimeout = 10 * time.Second

// mailRoute is a MailServer, checked.
type mailRoute struct {
	from    string
	host    string
	port    int
	tls     *tls.Config
	wrapped bool // in TLS from the first byte
	options []mail.Option
	timeout time.Duration
}

func (m MailServer) route(where address) (*mailRoute, error) {
	u, err := url.Parse(m.URL)
	if err != nil {
		return nil, errors.New("relyingparty: the URL of the mail server cannot be read; give it as smtp://user:password@host:port") // err has the password
	}
	if (u.Scheme != "smtp" && u.Scheme != "smtps") || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("relyingparty: mail server %q: give it as smtp://user:password@host:port, or smtps:// for TLS from the first byte", u.Redacted())
	}
	r := &mailRoute{
		from: m.From, host: u.Hostname(), port: 587, wrapped: u.Scheme == "smtps", timeout: mailTimeout,
		tls: &tls.Config{ServerName: u.Hostname(), RootCAs: m.Roots, MinVersion: tls.VersionTLS12},
	}
	if r.wrapped {
		r.port = 465
	}
	if u.Port() != "" {
		if r.port, err = strconv.Atoi(u.Port()); err != nil || r.port == 0 || r.port > 65535 {
			return nil, fmt.Errorf("relyingparty: mail server %q: there is no port %s", u.Redacted(), u.Port())
		}
	}
	if r.from == "" {
		r.from = "no-reply@" + where.name
	}
	if _, err := netmail.ParseAddress(r.from); err != nil {
		return nil, fmt.Errorf("relyingparty: mails cannot come from %q: %w", r.from, err)
	}
	policy := mail.TLSOpportunistic
	password, secret := u.User.Password()
	if secret && !loopback(r.host) {
		policy = mail.TLSMandatory
	}
	r.options = []mail.Option{
		mail.WithPort(r.port), mail.WithTLSPolicy(policy), mail.WithTLSConfig(r.tls), mail.WithTimeout(r.timeout), mail.WithHELO(where.name),
	}
	if u.User != nil {
		r.options = append(r.options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
	}
	return r, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// deliver hands a mail over, and returns when the server has taken it.
func (r *mailRoute) deliver(ctx context.Context, m Mail, id string) error {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	message := mail.NewMsg(mail.WithNoDefaultUserAgent())
	// What is no address, or has a line break in it, is refused here.
	if err := errors.Join(message.From(r.from), message.To(m.To)); err != nil {
		return &undeliverableError{err}
	}
	message.Subject(printable.Only(m.Subject))
	message.SetDateWithValue(m.Time)
	message.SetMessageIDWithValue(id + "@" + r.host)
	message.SetBodyString(mail.TypeTextPlain, m.Text)
	client, err := mail.NewClient(r.host, append(r.options, mail.WithDialContextFunc(r.dialUntil(ctx)))...)
	if err != nil {
		return &undeliverableError{err}
	}
	err = client.DialAndSendWithContext(ctx, message)
	if refused := new(mail.SendError); errors.As(err, &refused) && refused.ErrorCode() >= 500 {
		return &undeliverableError{err}
	}
	return err
}

// dialUntil connects, and breaks the connection when ctx ends: a server that says
// nothing would otherwise be waited for.
func (r *mailRoute) dialUntil(ctx context.Context) mail.DialContextFunc {
	return func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(dialing, network, address)
		if err != nil {
			return nil, err
		}
		conn = &watchedConn{conn, context.AfterFunc(ctx, func() { conn.Close() })}
		if !r.wrapped {
			return conn, nil
		}
		wrapped := tls.Client(conn, r.tls)
		if err := wrapped.HandshakeContext(dialing); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		return wrapped, nil
	}
}

// watchedConn is no longer watched when it is closed.
type watchedConn struct {
	net.Conn
	stop func() bool
}

func (c *watchedConn) Close() error {
	c.stop()
	return c.Conn.Close()
}

// undeliverableError is a failure that another try would not mend.
type undeliverableError struct{ cause error }

func (e *undeliverableError) Error() string { return e.cause.Error() }
func (e *undeliverableError) Unwrap() error { return e.cause }
