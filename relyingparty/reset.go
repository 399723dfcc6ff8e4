package relyingparty

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// A password is reset through a link that is mailed to the account's address. The
// link works once and for a while. Asking for one answers the same whether or not
// there is an account.

func showResetRequest(v *visit) error {
	return v.show(http.StatusOK, pages.View{Screen: pages.ResetRequest, Email: v.session.state().loginEmail})
}

func resetRequest(v *visit) error {
	email := strings.TrimSpace(v.r.PostFormValue("email"))
	again := pages.View{Screen: pages.ResetRequest, Email: printable.Line(email)}
	if p := checkEmail(email); p != nil {
		return v.showAgain(p, again)
	}
	err := v.takeResetMail(email)
	var p *problem
	if errors.As(err, &p) {
		return v.showAgain(p, again)
	}
	if err != nil {
		return err
	}
	if err := v.sendResetLink(email); err != nil {
		return err
	}
	v.session.change(func(f *flow) { f.loginEmail = email })
	return v.redirect(pathResetEmail)
}

// takeResetMail bounds how many mails an address gets.
func (v *visit) takeResetMail(email string) error {
	use := v.site.resetMails.take(emailKey(email), v.now)
	if use.allowed {
		return nil
	}
	p := fail(problemTooManyEmail)
	if use.first {
		if err := v.record(EventPasswordChangeRequestFailed, subject{name: email}, Details{Error: p.details()}); err != nil {
			return err
		}
	}
	return p
}

// ticketsKept is how long after its time a link is still known, so that whoever comes with
// it reads that it has expired.
const ticketsKept = 30 * 24 * time.Hour

// sendResetLink mails a link if there is an account, and logs the request either way.
func (v *visit) sendResetLink(email string) error {
	u, err := v.site.store.UserByEmail(emailKey(email))
	if errors.Is(err, store.ErrNotFound) {
		return v.record(EventPasswordChangeRequestFailed, subject{name: email}, Details{
			Error: &ErrorDetails{Message: "No account has this email address."},
		})
	}
	if err != nil {
		return err
	}
	secret, err := v.site.drawToken()
	if err != nil {
		return err
	}
	ticket := store.Ticket{Hash: hashSecret(secret), UserID: u.ID, Expires: v.now.Add(v.policy.ResetLinkLifetime)}
	if err := v.site.store.Update(func(tx *store.Tx) error {
		return errors.Join(
			tx.InsertTicket(ticket),
			tx.SweepTickets(v.now.Add(-ticketsKept), mostSwept),
			tx.InsertEvent(v.event(EventPasswordChangeRequested, subjectOf(u), Details{})))
	}); err != nil {
		return err
	}
	link := v.at.origin + pathReset + "?ticket=" + secret
	return v.send(Mail{
		Time:    v.now,
		To:      u.Email,
		Subject: "Change your password for " + v.site.config.Client,
		Text: fmt.Sprintf("Somebody, hopefully you, asked to change your password for %s.\n\nChoose a new one here:\n%s\n\n"+
			"The link works once. If it was not you, ignore this mail: nothing has changed.\n", v.site.config.Client, link),
		Links: []string{link},
	}, subjectOf(u))
}

func showResetEmail(v *visit) error {
	email := v.session.state().loginEmail
	if email == "" {
		return v.redirect(pathResetRequest)
	}
	return v.show(http.StatusOK, pages.View{Screen: pages.ResetEmail, Email: email})
}

func showReset(v *visit) error {
	secret := v.r.URL.Query().Get("ticket")
	_, u, err := v.openTicket(secret)
	if err != nil {
		return v.ticketRefused(err)
	}
	if v.policy.resetEnrollment() && v.r.URL.Query().Get("with") != "password" {
		return v.offerPasskeyForReset(u, secret)
	}
	return v.show(http.StatusOK, resetView(u, secret))
}

func resetView(u store.User, secret string) pages.View {
	return pages.View{Screen: pages.Reset, Email: u.Email, Ticket: secret}
}

func reset(v *visit) error {
	secret, password := v.r.PostFormValue("ticket"), v.r.PostFormValue("password")
	ticket, u, err := v.openTicket(secret)
	if err != nil {
		return v.ticketRefused(err)
	}
	switch {
	case password == "":
		return v.showAgain(fail(problemNoNewPassword), resetView(u, secret))
	case !acceptable(password):
		return v.showAgain(fail(problemWeakPassword), resetView(u, secret))
	}
	if err := v.changePassword(ticket, u, password); err != nil {
		return v.ticketRefused(err)
	}
	v.site.sessions.endAllOf(u.ID)
	v.site.passwordErrors.forgive(countedBy(u))
	return v.redirect(pathResetSuccess)
}

// changePassword uses a ticket up, together with any others the account has, since
// whoever asked for those has got in now.
func (v *visit) changePassword(ticket store.Ticket, u store.User, password string) error {
	hash, err := v.site.passwords.hash(password)
	if err != nil {
		return err
	}
	err = v.site.store.Update(func(tx *store.Tx) error {
		if err := tx.SpendTicket(ticket.Hash, v.now); err != nil {
			return err
		}
		return errors.Join(
			tx.SpendTicketsOf(u.ID, v.now),
			tx.DeleteRefreshTokensOf(u.ID),
			tx.SetPassword(u.ID, hash, v.now),
			tx.InsertEvent(v.event(EventPasswordChanged, subjectOf(u), Details{})))
	})
	if errors.Is(err, store.ErrNotFound) {
		return v.ticketFailed(u, problemTicketUsed)
	}
	return err
}

// openTicket finds the account that a mailed secret is for, as long as it is good.
func (v *visit) openTicket(secret string) (store.Ticket, store.User, error) {
	ticket, err := v.site.store.Ticket(hashSecret(secret))
	if errors.Is(err, store.ErrNotFound) {
		return ticket, store.User{}, fail(problemTicketInvalid)
	}
	if err != nil {
		return ticket, store.User{}, err
	}
	u, err := v.site.store.UserByID(ticket.UserID)
	switch {
	case err != nil:
		return ticket, u, err
	case !ticket.Used.IsZero():
		return ticket, u, v.ticketFailed(u, problemTicketUsed)
	case v.now.After(ticket.Expires):
		return ticket, u, v.ticketFailed(u, problemTicketExpired)
	}
	return ticket, u, nil
}

// ticketFailed logs a link that is no good any more and hands the problem on.
func (v *visit) ticketFailed(u store.User, key problemKey) error {
	p := fail(key)
	if err := v.record(EventPasswordChangeFailed, subjectOf(u), Details{Error: p.details()}); err != nil {
		return err
	}
	return p
}

// ticketRefused leads to the screen that says what is wrong with a link.
func (v *visit) ticketRefused(err error) error {
	var p *problem
	if !errors.As(err, &p) {
		return err
	}
	return v.redirect(pathResetError + "?error=" + url.QueryEscape(string(p.key)))
}

func showResetSuccess(v *visit) error {
	return v.show(http.StatusOK, pages.View{Screen: pages.ResetSuccess})
}

func showResetError(v *visit) error {
	key, variant := problemKey(v.r.URL.Query().Get("error")), pages.LinkInvalid
	switch key {
	case problemTicketUsed:
		variant = pages.LinkUsed
	case problemTicketExpired:
		variant = pages.LinkExpired
	default:
		key = problemTicketInvalid
	}
	return v.showAgain(fail(key), pages.View{Screen: pages.ResetError, Variant: variant})
}
