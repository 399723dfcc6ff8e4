package relyingparty

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/internal/totp"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// A second factor is enrolled in two steps, too: it is made up here, and stored when its
// user has shown that they have it. The first one of an account brings a recovery code.

// enrolOTP begins with an authenticator app.
func (v *visit) enrolOTP(s *stepUp, u store.User) error {
	secret, err := v.site.draw(totp.SecretSize)
	if err != nil {
		return err
	}
	return v.beginFactor(s, u, store.Authenticator{Type: store.AuthenticatorOTP, Secret: secret})
}

// enrolEmail begins with an address, to which it sends a code.
func (v *visit) enrolEmail(s *stepUp, u store.User, address string) error {
	if err := v.beginFactor(s, u, store.Authenticator{Type: store.AuthenticatorEmail, Address: address}); err != nil {
		return err
	}
	return v.mailCode(s, u, *s.enrolling)
}

// idPrefixes begin the IDs of second factors.
var idPrefixes = map[store.AuthenticatorType]string{
	store.AuthenticatorOTP: "totp|dev_", store.AuthenticatorEmail: "email|dev_", store.AuthenticatorRecoveryCode: "recovery-code|dev_",
}

func (v *visit) beginFactor(s *stepUp, u store.User, a store.Authenticator) error {
	held, err := v.site.store.Authenticators(u.ID)
	if err != nil {
		return err
	}
	if err := v.nameFactor(&a, u); err != nil {
		return err
	}
	recovery := ""
	if len(held) == 0 {
		if recovery, err = v.site.drawRecoveryCode(); err != nil {
			return err
		}
	}
	s.enrolling, s.recovery, s.asked = &a, recovery, v.now
	of := detailsOf(a)
	return v.record(EventFactorEnrollmentStarted, subjectOf(u), Details{Authenticator: &of})
}

// nameFactor gives a factor its ID and its owner.
func (v *visit) nameFactor(a *store.Authenticator, u store.User) error {
	id, err := v.site.draw(recordIDSize)
	a.ID, a.UserID, a.Created = idPrefixes[a.Type]+encode(id), u.ID, v.now
	return err
}

// enrolled is the factor of a stepUp that has just been confirmed, with its recovery code.
// Who has one by now has to show that one: with a first factor alone nobody adds another.
func (v *visit) enrolled(s *stepUp, u store.User) (secondFactor, error) {
	a, alone := *s.enrolling, s.first != nil
	if alone {
		if all, err := v.factorsOf(u, s.first.passkey); err != nil || len(all) > 0 {
			s.enrolling = nil
			return secondFactor{}, errors.Join(err, v.factorFailed(u, factorKind(a.Type), a.ID))
		}
	}
	all := []store.Authenticator{a}
	if s.recovery != "" {
		code := store.Authenticator{Type: store.AuthenticatorRecoveryCode, Secret: hashSecret(s.recovery)}
		if err := v.nameFactor(&code, u); err != nil {
			return secondFactor{}, err
		}
		all = append(all, code)
	}
	return secondFactor{authenticator: detailsOf(a), enrolled: true, recovery: s.recovery, keep: func(tx *store.Tx) error {
		return tx.InsertAuthenticators(all, alone)
	}}, nil
}

// mailCode sends a code to an address, in place of the last one.
func (v *visit) mailCode(s *stepUp, u store.User, a store.Authenticator) error {
	to := detailsOf(a)
	if use := v.site.factorMails.take(u.ID, v.now); !use.allowed {
		p := fail(problemTooManyEmail)
		if use.first {
			if err := v.record(EventFactorLimited, subjectOf(u), Details{Authenticator: &to, Error: p.details()}); err != nil {
				return err
			}
		}
		return p
	}
	code, err := v.site.drawDigits()
	if err != nil {
		return err
	}
	name, err := v.site.drawToken()
	if err != nil {
		return err
	}
	s.mailed = &mailedCode{code: code, name: name, to: a, expires: v.now.Add(v.policy.MailedCodeLifetime)}
	if err := v.record(EventFactorMailSent, subjectOf(u), Details{Authenticator: &to}); err != nil {
		return err
	}
	client := v.clientName()
	if v.app != nil {
		client = v.app.Name
	}
	return v.send(Mail{
		Time:    v.now,
		To:      a.Address,
		Subject: "Your code for " + client,
		Text: fmt.Sprintf("Your code for %s is:\n\n%s\n\nIt is good once and for a few minutes. If it was not you who asked for it, "+
			"somebody knows your password or has your passkey.\n", client, code),
	}, subjectOf(u))
}

// drawDigits returns a code of six digits, each as likely as any other.
func (s *Site) drawDigits() (string, error) {
	const codes = 1_000_000
	for {
		drawn, err := s.draw(4)
		if err != nil {
			return "", err
		}
		const fair = 1 << 32 / codes * codes // what is above would make low codes likelier
		if n := binary.BigEndian.Uint32(drawn); int64(n) < fair {
			return fmt.Sprintf("%06d", n%codes), nil
		}
	}
}
