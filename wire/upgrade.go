package wire

import (
	"context"

	"github.com/passkeylab/passkeylab/client"
)

// How an attempt at a passkey in silence ends, as data-upgrade of the page's body says.
const (
	upgradeDone   = "done"
	upgradeFailed = "failed"
)

// tryUpgrade is what the script does after a login with a password, where the site
// wants it: conditional create(), of which nobody is told if nothing comes of it. It
// returns where the page then leads, "" for nowhere.
func (t *Tab) tryUpgrade(ctx context.Context) (redirect string) {
	if attribute(find(t.page, isElement("body")), "data-upgrade") != "due" {
		return ""
	}
	caller := t.caller()
	caller.Mediation = client.Conditional
	asked := map[string]string{"screen": t.Screen(), "mediation": client.Conditional}
	end := t.ceremony(ctx, registerOptions, asked, registerVerify, func(options []byte) ([]byte, error) {
		return t.create(ctx, caller, options)
	})
	if end.err != nil {
		t.upgrade = upgradeFailed
		return ""
	}
	t.upgrade = upgradeDone
	if t.Screen() == "passkey-enrollment" { // which offers what is there now
		return end.redirect
	}
	return ""
}

// Upgrade tells how the page's attempt at a passkey in silence ended: "done", "failed",
// or "" where it made none.
func (t *Tab) Upgrade() string { return t.upgrade }
