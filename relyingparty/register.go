package relyingparty

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// registerRequest is the body of a request for creation options; every member may be
// missing.
type registerRequest struct {
	Screen    string `json:"screen"`    // data-screen of the page that asks
	Variant   string `json:"variant"`   // its data-variant
	Mediation string `json:"mediation"` // "conditional" for a passkey in silence
}

// pageExtensions asks for a passkey that can evaluate prf (WebAuthn L3 §10.1.4): some
// security keys do so only for those that were made with hmac-secret, and a note is
// kept with a passkey long after it was made.
var pageExtensions = json.RawMessage(`{"prf":{}}`)

func registerOptions(v *visit) error {
	var asked registerRequest
	if err := v.decodeRequest(&asked); err != nil {
		return err
	}
	if asked.Screen == pages.LocalEnrollment {
		v.screen = asked.Screen
	}
	who := v.whoRegisters
	if asked.Variant == pages.Resetting && asked.Mediation == "" {
		who = v.whoResets
	}
	account, have, pending, err := who()
	if err != nil {
		return err
	}
	pending.screen = asked.Screen
	rules := ceremony.RegistrationRules{
		UserVerification: v.policy.UserVerification,
		Attestation:      v.policy.Attestation,
		Models:           v.policy.Models,
		Backup:           v.policy.Backup,
		Hints:            v.policy.Hints,
		Lifetime:         v.policy.ChallengeLifetime,
		Extensions:       pageExtensions,
	}
	if asked.Screen == pages.LocalEnrollment {
		rules.Attachment, rules.Hints = "platform", ceremony.Hints{ceremony.HintClientDevice}
	}
	if asked.Mediation == mediationConditional {
		if err := v.allowUpgrade(pending); err != nil {
			return err
		}
		pending.silent, rules.WithoutPresence, rules.UserVerification = true, true, v.policy.UpgradeVerification
	}
	options, begun, err := v.rp.pages.BeginRegistration(account, have, rules)
	if err != nil {
		return err
	}
	pending.Registration = begun
	v.session.openRegistration(pending)
	v.site.enrolling.begin(pending.userID, begun, v.now)
	v.rp.pages.Begin(v.atPages(ceremony.Create, begun.Challenge(), pending))
	return v.answer(http.StatusOK, options)
}

// whoRegisters says for which account a passkey is wanted: the one logged in, or
// the one being signed up.
func (v *visit) whoRegisters() (ceremony.Account, []ceremony.Credential, *registration, error) {
	if u, err := v.user(); err == nil {
		have, err := v.registered(u)
		if err != nil {
			return ceremony.Account{}, nil, nil, err
		}
		account, err := accountOfUser(u)
		return account, have, &registration{userID: u.ID, email: nameOf(u)}, err
	} else if !errors.Is(err, store.ErrNotFound) {
		return ceremony.Account{}, nil, nil, err
	}
	n := v.session.state().newcomer
	email := n.name()
	switch {
	case email == "":
		return ceremony.Account{}, nil, nil, fail(problemNotSigningUp)
	case !v.policy.SignUp:
		return ceremony.Account{}, nil, nil, fail(problemSignUpOff)
	case !v.policy.Tenant.identifiers().mayHavePasskey(n):
		return ceremony.Account{}, nil, nil, v.signUpFailed(email, "passkey", fail(problemPasskeysOff))
	}
	// Asked again when the account is made; but a passkey that leads nowhere is best
	// not made at all.
	switch taken, err := v.taken(n); {
	case err != nil:
		return ceremony.Account{}, nil, nil, err
	case taken:
		return ceremony.Account{}, nil, nil, v.signUpFailed(email, "passkey", fail(problemEmailInUse))
	}
	handle, err := v.drawHandle(email)
	return accountOf(handle, email), nil, &registration{email: email, newcomer: n}, err
}

func accountOf(handle []byte, email string) ceremony.Account {
	return ceremony.Account{Handle: handle, Name: email, DisplayName: email}
}

// accountOfUser is an account as authenticators show it.
func accountOfUser(u store.User) (ceremony.Account, error) {
	who, err := newcomerOf(u)
	return ceremony.Account{Handle: u.Handle, Name: who.name(), DisplayName: who.displayName()}, err
}

// registered lists the passkeys an account has here, unless there is no room for more.
// Those for other RP IDs count, too.
func (v *visit) registered(u store.User) ([]ceremony.Credential, error) {
	switch may, err := v.mayEnrol(u); {
	case err != nil:
		return nil, err
	case !may:
		return nil, v.enrollmentFailed(subjectOf(u), "", fail(problemPasskeysOff))
	}
	keys, err := v.site.store.Passkeys(u.ID)
	if err != nil {
		return nil, err
	}
	if len(keys) >= v.policy.MaxPasskeys {
		return nil, v.enrollmentFailed(subjectOf(u), "", fail(problemTooManyPasskeys))
	}
	var have []ceremony.Credential
	for _, k := range v.usable(keys) {
		have = append(have, recordOf(k))
	}
	return have, nil
}

func registerVerify(v *visit) error {
	asked, credential, err := v.verifyRegistration()
	if asked.screen == pages.LocalEnrollment {
		v.screen = asked.screen
	}
	if err == nil {
		return v.keepPasskey(asked, credential)
	}
	if ceremony.ReasonOf(err) == "" {
		return err
	}
	key := problemEnrollment
	if ceremony.ReasonOf(err) == ceremony.ReasonMalformed {
		key = problemInvalidPasskey
	}
	return v.registrationFailed(asked, failBecause(key, err))
}

// verifyRegistration checks the response. What was asked is returned also with a
// refusal, as far as it is known by then.
func (v *visit) verifyRegistration() (*registration, ceremony.Credential, error) {
	state := v.session.state()
	asked := &registration{userID: state.userID, email: state.newcomer.name()}
	response, err := v.rp.pages.ParseRegistration(v.body)
	if err != nil {
		return asked, ceremony.Credential{}, err
	}
	taken, ok := v.session.takeRegistration(response.Challenge())
	taken, ok = ceremony.Taken(v.rp.pages, v.atPages(ceremony.Create, response.Challenge(), nil), taken, ok)
	if !ok {
		return asked, ceremony.Credential{}, v.noChallenge(response.Challenge())
	}
	v.site.spent.put(response.Challenge(), struct{}{})
	defer v.site.enrolling.end(taken.userID, taken.Registration)
	credential, err := v.rp.pages.FinishRegistration(taken.Registration, response)
	return taken, credential, err
}

// keepPasskey stores a verified credential, with its account if that is new.
func (v *visit) keepPasskey(asked *registration, c ceremony.Credential) error {
	var (
		next string
		err  error
	)
	switch {
	case asked.ticket != "":
		err = v.addPasskeyByTicket(asked, c)
	case asked.userID == "":
		next, err = v.createWithPasskey(asked, c)
	default:
		err = v.addPasskey(asked, c)
	}
	if err == nil && next == "" {
		next = v.afterRegistration(asked)
	}
	var key problemKey
	switch {
	case errors.Is(err, store.ErrCredentialTaken):
		return v.registrationFailed(asked, failBecause(problemEnrollment, &ceremony.Refusal{Reason: ceremony.ReasonDuplicateCredential, Cause: err}))
	case errors.Is(err, store.ErrEmailTaken):
		key = problemEmailInUse
	case errors.Is(err, store.ErrTooManyPasskeys):
		key = problemTooManyPasskeys
	case err != nil:
		return err
	default:
		return v.answer(http.StatusOK, redirection{next})
	}
	return v.registrationFailed(asked, failBecause(key, err))
}

// createWithPasskey makes an account whose first method is a passkey, and logs it in.
func (v *visit) createWithPasskey(asked *registration, c ceremony.Credential) (string, error) {
	u, err := v.insertWithPasskey(asked.newcomer, asked.Account().Handle, c)
	if err != nil {
		return "", err
	}
	return v.admitUser(firstFactor{user: u, passkey: true, onward: func(v *visit, _ store.User) (string, error) {
		return v.afterRegistration(asked), nil
	}})
}

// insertWithPasskey stores an account together with its first passkey.
func (v *visit) insertWithPasskey(n newcomer, handle []byte, c ceremony.Credential) (store.User, error) {
	u, err := v.newUser(n, handle)
	if err != nil {
		return u, err
	}
	p, err := v.newPasskey(u.ID, c)
	if err != nil {
		return u, err
	}
	line := v.event(EventSignUp, subjectOf(u), Details{
		AuthenticationMethods: []string{"passkey"},
		Authenticator:         authenticatorDetails(p, c.Attachment),
	})
	return u, v.site.store.Update(func(tx *store.Tx) error {
		if err := tx.InsertUser(u); err != nil {
			return err
		}
		return errors.Join(tx.InsertPasskey(p, v.policy.MaxPasskeys), tx.InsertEvent(line))
	})
}

// addPasskey puts a passkey beside whatever an account has already.
func (v *visit) addPasskey(asked *registration, c ceremony.Credential) error {
	u, err := v.user()
	if errors.Is(err, store.ErrNotFound) { // its session has ended since the passkey was asked for
		return fail(problemSessionEnded)
	}
	if err != nil {
		return err
	}
	_, err = v.enrol(u, c, asked.mediation())
	return err
}

// mediation is how the page asked for the passkey; "" is with the user's attention.
func (r *registration) mediation() string {
	if r.silent {
		return mediationConditional
	}
	return ""
}

// enrol stores a passkey of an account that exists, with its log line.
func (v *visit) enrol(u store.User, c ceremony.Credential, mediation string) (store.Passkey, error) {
	p, err := v.newPasskey(u.ID, c)
	if err != nil {
		return p, err
	}
	line := v.event(EventPasskeyEnrolled, subjectOf(u), Details{
		AuthenticationMethods: []string{"passkey"},
		Authenticator:         authenticatorDetails(p, c.Attachment),
		Mediation:             mediation,
	})
	return p, v.site.store.Update(func(tx *store.Tx) error {
		return errors.Join(tx.InsertPasskey(p, v.policy.MaxPasskeys), tx.InsertEvent(line))
	})
}

// afterRegistration says where a new passkey leads: back where it was asked for, or
// on to the home page.
func (v *visit) afterRegistration(asked *registration) string {
	v.session.change(func(f *flow) { f.signalsDue = true })
	if asked.screen == pages.Account {
		return pathAccount
	}
	return v.onward()
}

// registrationFailed logs a registration that came to nothing and hands the problem on.
func (v *visit) registrationFailed(asked *registration, p *problem) error {
	if asked.userID == "" {
		return v.signUpFailed(asked.email, "passkey", p)
	}
	return v.enrollmentFailed(subject{asked.userID, asked.email}, asked.mediation(), p)
}

func (v *visit) enrollmentFailed(who subject, mediation string, p *problem) error {
	if err := v.record(EventPasskeyEnrollmentFailed, who, Details{
		AuthenticationMethods: []string{"passkey"},
		Mediation:             mediation,
		Error:                 p.details(),
	}); err != nil {
		return err
	}
	return p
}
