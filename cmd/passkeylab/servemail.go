package main

import (
	"errors"

	"github.com/passkeylab/passkeylab/relyingparty"
)

// mailFlags say where mails go.
type mailFlags struct {
	SMTP     string `name:"smtp" help:"Hand mails to this server as well as to /outbox: smtp://USER:PASSWORD@HOST:PORT, with STARTTLS where it has that, or smtps://. SSL_CERT_FILE names a root of your own." placeholder:"URL"`
	MailFrom string `name:"mail-from" help:"The sender of mails; no-reply@ and the site's host by default." placeholder:"ADDRESS"`
}

// server is the mail server; nil for none.
func (f mailFlags) server() (*relyingparty.MailServer, error) {
	switch {
	case f.SMTP != "":
		return &relyingparty.MailServer{URL: f.SMTP, From: f.MailFrom}, nil
	case f.MailFrom != "":
		return nil, errors.New("--mail-from goes with --smtp")
	}
	return nil, nil
}
