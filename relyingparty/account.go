package relyingparty

import (
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// longestName bounds the name a user gives to a passkey, in characters.
const longestName = 60

func showAccount(v *visit, u store.User) error {
	view, err := v.accountView(u)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, view)
}

func (v *visit) accountView(u store.User) (pages.View, error) {
	keys, err := v.site.store.Passkeys(u.ID)
	if err != nil {
		return pages.View{}, err
	}
	may, err := v.mayEnrol(u)
	if err != nil {
		return pages.View{}, err
	}
	changes, err := v.site.store.BackupChanges(u.ID)
	if err != nil {
		return pages.View{}, err
	}
	changed := make(map[string]string)
	for _, c := range changes { // the last one counts
		changed[c.PasskeyID] = day(c.At)
	}
	held, err := v.site.store.Authenticators(u.ID)
	if err != nil {
		return pages.View{}, err
	}
	body := pages.AccountBody{Factors: factorRows(held), HasPassword: u.Password != "", Full: !v.policy.Passkeys || !may || len(keys) >= v.policy.MaxPasskeys}
	for _, k := range keys {
		body.Passkeys = append(body.Passkeys, pages.PasskeyRow{
			ID:         k.ID,
			Credential: encode(k.CredentialID),
			Name:       k.Name,
			Provider:   providerOf(k.AAGUID),
			RPID:       k.RPID,
			Elsewhere:  k.RPID != v.rp.id,
			DeviceType: deviceType(k.BackupEligible),
			BackedUp:   k.BackedUp,
			Since:      changed[k.ID],
			Created:    day(k.Created),
			LastUsed:   day(k.LastUsed),
		})
	}
	signals, err := v.signals(u, keys)
	return pages.View{Screen: pages.Account, Email: nameOf(u), Account: &body, Signals: signals, Upgrade: v.takeUpgrade()}, err
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2 January 2006")
}

func renamePasskey(v *visit, u store.User) error {
	id, name := v.r.PostFormValue("id"), strings.TrimSpace(printable.Line(v.r.PostFormValue("name")))
	if name == "" || utf8.RuneCountInString(name) > longestName {
		return v.accountProblem(u, fail(problemInvalidName))
	}
	return v.accountChange(u, func(tx *store.Tx) error { return tx.RenamePasskey(u.ID, id, name) })
}

func removePasskey(v *visit, u store.User) error {
	id := v.r.PostFormValue("id")
	return v.accountChange(u, func(tx *store.Tx) error { return v.removePasskey(tx, u, id) })
}

// removePasskey removes a passkey of an account, with its log line.
func (v *visit) removePasskey(tx *store.Tx, u store.User, id string) error {
	if err := tx.DeletePasskey(u.ID, id); err != nil {
		return err
	}
	return tx.InsertEvent(v.event(EventPasskeyRemoved, subjectOf(u), Details{
		Authenticator: &AuthenticatorDetails{Type: "passkey", ID: id},
	}))
}

// accountChange changes one of the user's own passkeys and shows the account again.
func (v *visit) accountChange(u store.User, change func(*store.Tx) error) error {
	switch err := v.site.store.Update(change); {
	case errors.Is(err, store.ErrNotFound):
		return v.accountProblem(u, fail(problemNoSuchPasskey))
	case err != nil:
		return err
	}
	return v.redirect(pathAccount)
}

func (v *visit) accountProblem(u store.User, p *problem) error {
	view, err := v.accountView(u)
	if err != nil {
		return err
	}
	return v.showAgain(p, view)
}
