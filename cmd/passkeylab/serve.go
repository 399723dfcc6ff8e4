package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/relyingparty"
)

type serveVerb struct {
	Listen string `help:"Address to listen on. Only loopback addresses are taken, unless --anywhere." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	URL    string `help:"Public address of the site, when it is not http://localhost:PORT." placeholder:"URL"`
	Data   string `help:"Keep accounts and the tenant log in this SQLite file, or in the PostgreSQL database at this URL, postgres://USER:PASSWORD@HOST:PORT/DATABASE; in memory by default." placeholder:"FILE|URL"`
	Key    string `name:"data-key" help:"Key that secrets in the database are encrypted under; a missing file is made. By default the SQLite file's name with .key behind it; with PostgreSQL nothing is encrypted without." type:"path" placeholder:"FILE"`
	UI     string `name:"challenge-ui" help:"How the login page asks for passkeys: both, autofill or button. Both by default, or what the Management API has stored." default:"" enum:",both,autofill,button"`

	SecondFactor string `name:"second-factor" help:"When a login takes a second factor: never or always. Never by default, or what the Management API has stored." default:"" enum:",never,always"`

	Rate int `help:"Changing requests a second that one address may make in the long run; 100 by default." placeholder:"N"`

	LogDays int `help:"Days that the tenant log keeps its lines, as a plan of the product has 1, 5, 10 or 30; 0 for ever." default:"30" placeholder:"N"`

	mailFlags
	modelFlags
	policyFlags
	apiFlags
	faultFlags

	Anywhere bool `help:"Listen on an address that other machines can reach. The site is for tests: it shows its mails and log to everybody."`
}

// Time limits of the server, so that no client can hold a connection for ever.
const (
	readTimeout  = 10 * time.Second
	writeTimeout = 30 * time.Second
	idleTimeout  = 2 * time.Minute
	stopGrace    = 5 * time.Second
)

func (v *serveVerb) Run(c *console) (err error) {
	listener, err := v.listen()
	if err != nil {
		return err
	}
	defer listener.Close()
	address := v.URL
	if address == "" {
		// A passkey needs a domain name, and localhost is one.
		_, port, _ := net.SplitHostPort(listener.Addr().String())
		address = "http://localhost:" + port
		if v.TenantDomain == "" {
			v.TenantDomain = listener.Addr().String()
		}
	}
	policy := relyingparty.DefaultPolicy()
	v.insist(&policy)
	metadata, err := v.modelFlags.applyTo(&policy)
	if err != nil {
		return err
	}
	if err := v.policyFlags.applyTo(&policy); err != nil {
		return err
	}
	config := relyingparty.Config{
		BaseURL: address, Data: v.where(), Operator: true, Policy: policy, Insist: v.insist, Metadata: metadata,
		Clock: time.Now, Random: rand.Reader,
		Logger: slog.New(slog.NewTextHandler(c.err, nil)),
	}
	if config.Limits, err = v.limits(); err != nil {
		return err
	}
	if config.LogRetention, err = v.logRetention(); err != nil {
		return err
	}
	if config.MailServer, err = v.server(); err != nil {
		return err
	}
	if err := v.apiFlags.applyTo(&config); err != nil {
		return err
	}
	faults, err := v.look(v.Conformance, policy.Models != nil)
	if err != nil {
		return err
	}
	config.Faults, config.Seams = v.Fault, v.seams()
	site, err := v.open(config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, site.Close()) }()
	handler, err := v.handler(site, v.seams())
	if err != nil {
		return err
	}
	warn(c.err, faults)
	fmt.Fprintf(c.out, "the site:       %s\ntenant log:     %s/log\nmails it sends: %s/outbox\napplications:   %s\n",
		address, address, address, namesOf(config.Applications))
	return serve(c, listener, handler)
}

// limits are the site's own, with the rate that the flag gives.
func (v *serveVerb) limits() (relyingparty.Limits, error) {
	all := relyingparty.DefaultLimits()
	if v.Rate == 0 {
		return all, nil
	}
	if v.Rate < 0 || v.Rate > 1_000_000 {
		return all, fmt.Errorf("--rate %d: give it as 1 to 1000000", v.Rate)
	}
	every := relyingparty.Rate{Burst: max(all.Requests.Burst, v.Rate), Every: time.Second / time.Duration(v.Rate)}
	all.Requests, all.PasskeyAPI = every, every
	return all, nil
}

// logRetention is how long the site keeps lines of its log; less than 0 for ever.
func (v *serveVerb) logRetention() (time.Duration, error) {
	const most = 36_500
	switch {
	case v.LogDays < 0 || v.LogDays > most:
		return 0, fmt.Errorf("--log-days %d: give it as 1 to %d, or 0 for ever", v.LogDays, most)
	case v.LogDays == 0:
		return -1, nil
	}
	return time.Duration(v.LogDays) * 24 * time.Hour, nil
}

// insist makes a policy what the flags say that were given.
func (v *serveVerb) insist(p *relyingparty.Policy) {
	if v.UI != "" {
		p.ChallengeUI = relyingparty.ChallengeUI(v.UI)
	}
	if v.SecondFactor != "" {
		p.SecondFactor = relyingparty.SecondFactor(v.SecondFactor)
	}
}

func (v *serveVerb) listen() (net.Listener, error) {
	host, _, err := net.SplitHostPort(v.Listen)
	if err != nil {
		return nil, fmt.Errorf("--listen %q: give it as HOST:PORT, such as 127.0.0.1:8080", v.Listen)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) && !v.Anywhere {
		return nil, fmt.Errorf("--listen %s: other machines could reach that; use 127.0.0.1, or say --anywhere", v.Listen)
	}
	listener, err := net.Listen("tcp", v.Listen)
	if err != nil {
		return nil, fmt.Errorf("--listen %s: %w: choose another port; 127.0.0.1:0 takes a free one", v.Listen, unwrapOp(err))
	}
	return listener, nil
}

// unwrapOp drops what the flag says already from the error of a listener.
func unwrapOp(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return errors.New(strings.TrimPrefix(op.Err.Error(), "bind: "))
	}
	return err
}

// serve answers until the context ends, and then lets requests finish. Those that
// would never finish by themselves see the context end.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler: handler, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	stopped := make(chan error, 1)
	defer context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		defer cancel()
		stopped <- server.Shutdown(grace)
	})()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
