package relyingparty

import (
	"errors"
	"net/http"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// A mailed link is for a new password, or, where the policy says so, for a new passkey
// in its place: the link then leads to passkey-enrollment first. Which of the two it
// was used for, it is used up, the account's sessions end, and the old password stays
// as it was if nobody chose a new one.

// offerPasskeyForReset shows the offer, unless the account has no room for a passkey.
func (v *visit) offerPasskeyForReset(u store.User, secret string) error {
	keys, err := v.site.store.Passkeys(u.ID)
	if err != nil {
		return err
	}
	if len(keys) >= v.policy.MaxPasskeys {
		return v.show(http.StatusOK, resetView(u, secret))
	}
	v.session.change(func(f *flow) { f.resetTicket = secret })
	return v.show(http.StatusOK, pages.View{Screen: pages.Enrollment, Variant: pages.Resetting, Email: u.Email, Ticket: secret})
}

// whoResets says for which account a passkey is wanted by who has its mailed link.
func (v *visit) whoResets() (ceremony.Account, []ceremony.Credential, *registration, error) {
	secret := v.session.state().resetTicket
	_, u, err := v.openResetTicket(secret)
	if err != nil {
		return ceremony.Account{}, nil, nil, err
	}
	have, err := v.registered(u)
	if err != nil {
		return ceremony.Account{}, nil, nil, err
	}
	account, err := accountOfUser(u)
	return account, have, &registration{userID: u.ID, email: nameOf(u), ticket: secret}, err
}

// openResetTicket is openTicket while the policy offers a passkey for it.
func (v *visit) openResetTicket(secret string) (store.Ticket, store.User, error) {
	if !v.policy.resetEnrollment() {
		return store.Ticket{}, store.User{}, fail(problemPasskeysOff)
	}
	return v.openTicket(secret)
}

// addPasskeyByTicket uses a mailed link up for a passkey, and logs its owner in.
func (v *visit) addPasskeyByTicket(asked *registration, c ceremony.Credential) error {
	ticket, u, err := v.openResetTicket(asked.ticket)
	if err != nil {
		return err
	}
	p, err := v.newPasskey(u.ID, c)
	if err != nil {
		return err
	}
	line := v.event(EventPasskeyEnrolled, subjectOf(u), Details{
		AuthenticationMethods: []string{"passkey"},
		Authenticator:         authenticatorDetails(p, c.Attachment),
	})
	err = v.site.store.Update(func(tx *store.Tx) error {
		if err := tx.SpendTicket(ticket.Hash, v.now); err != nil {
			return err
		}
		return errors.Join(
			tx.SpendTicketsOf(u.ID, v.now),
			tx.DeleteRefreshTokensOf(u.ID),
			tx.SetPassword(u.ID, u.Password, v.now), // the same: sessions of before are over everywhere
			tx.InsertPasskey(p, v.policy.MaxPasskeys),
			tx.InsertEvent(line))
	})
	if errors.Is(err, store.ErrNotFound) {
		return v.ticketFailed(u, problemTicketUsed)
	}
	if err != nil {
		return err
	}
	v.site.sessions.endAllOf(u.ID)
	v.site.passwordErrors.forgive(countedBy(u))
	return v.startSession(u.ID)
}
