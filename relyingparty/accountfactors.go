package relyingparty

import (
	"errors"
	"slices"

	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// The account page lists the second factors of its user, and takes them away. Who does
// that has shown one since logging in, whatever the policy, as at the MFA API: whoever
// has found out a password must not be able to make it be enough.

// factorRows are the second factors of an account as its page shows them.
func factorRows(held []store.Authenticator) (rows []pages.FactorRow) {
	for _, a := range held {
		rows = append(rows, pages.FactorRow{
			ID: a.ID, Kind: string(a.Type), Address: a.Address, Created: day(a.Created), LastUsed: day(a.LastUsed),
		})
	}
	return rows
}

func removeFactor(v *visit, u store.User) error {
	id := v.r.PostFormValue("id")
	held, err := v.site.store.Authenticators(u.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(held, func(a store.Authenticator) bool { return a.ID == id })
	switch {
	case i < 0 || held[i].Type == store.AuthenticatorRecoveryCode: // which goes with the last of the others
		return v.accountProblem(u, fail(problemNoSuchFactor))
	case !v.session.state().multiFactor:
		return v.askOwner(u)
	}
	err = v.site.store.Update(func(tx *store.Tx) error { return v.removeAuthenticator(tx, u, id) })
	if errors.Is(err, store.ErrNotFound) {
		return v.accountProblem(u, fail(problemNoSuchFactor))
	}
	if err != nil {
		return err
	}
	return v.redirect(pathAccount)
}

// askOwner asks somebody who is logged in for a second factor, and leads back to the
// account. A passkey is none: it may be what they have logged in with.
func (v *visit) askOwner(u store.User) error {
	next, err := v.askSecond(v.newStepUp(firstFactor{
		user: u, passkey: true, since: v.session.state().authenticated,
		onward: func(*visit, store.User) (string, error) { return pathAccount, nil },
	}), u)
	var p *problem
	if errors.As(err, &p) { // no more mails
		return v.accountProblem(u, p)
	}
	if err != nil {
		return err
	}
	return v.redirect(next)
}
