package passkeylab

import (
	"errors"
	"fmt"
	"strings"

	"github.com/passkeylab/passkeylab/authenticator/provider"
	"github.com/passkeylab/passkeylab/authenticator/provider/cxf"
)

// Migrate has the owner of two devices take their passkeys from the provider on one to
// the provider on the other, by a document in FIDO's Credential Exchange Format. The
// first keeps what it had. It returns what may not go, each with the reason.
func (l *Lab) Migrate(from, to *Device) (left []string) {
	l.t.Helper()
	what := l.migrating(from, to)
	passkeys, stay, err := from.cloud.Member(from).Export()
	l.must(what, err)
	for _, r := range stay {
		left = append(left, r.String())
	}
	text, report, err := cxf.Write(cxf.New("passkeylab.test", from.cloud.account.Provider().Name, l.clock.Now(), cxf.Account{ID: []byte(from.cloud.name)}, passkeys...))
	l.must(what, err)
	for _, r := range report.LeftOut {
		left = append(left, r.String())
	}
	document, err := cxf.Read(text)
	l.must(what, err)
	done, err := to.cloud.Member(to).Import(document.Passkeys()...)
	l.must(what, err)
	l.record.step(fmt.Sprintf("%s: %d moved, %d stay. %s", what, done.Added, len(left), strings.Join(left, "; ")), nil)
	return left
}

// StaysBehind is Migrate where n passkeys may not go, and are told of.
func (l *Lab) StaysBehind(from, to *Device, n int) {
	l.t.Helper()
	left := l.Migrate(from, to)
	if len(left) != n {
		l.fail(l.migrating(from, to), fmt.Sprintf("%d passkeys that may not go", n), fmt.Sprintf("%d: %s", len(left), strings.Join(left, "; ")))
	}
}

// MayNotMigrate checks that an organisation's rules let no passkeys go.
func (l *Lab) MayNotMigrate(from, to *Device) {
	l.t.Helper()
	what := l.migrating(from, to)
	_, _, err := from.cloud.Member(from).Export()
	if !errors.Is(err, provider.ErrManaged) {
		l.fail(what, "the organisation does not allow it", fmt.Sprint(err))
	}
	l.record.step(what+" is not allowed: "+err.Error(), nil)
}

// migrating is what the steps above are called. It ends the journey where a device is
// not at hand, or at no provider.
func (l *Lab) migrating(from, to *Device) string {
	l.t.Helper()
	what := fmt.Sprintf("taking passkeys from %s to %s", from.name, to.name)
	for _, d := range []*Device{from, to} {
		l.atHand(what, d)
		if d.cloud == nil {
			l.fail(what, d.name+" in a cloud", "it is in none")
		}
	}
	return what
}
