package relyingparty

import (
	"encoding/json"
	"net/http"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// The native passkey API lets an application ask for passkeys with its own screens:
// POST /passkey/register or /passkey/challenge begins a ceremony, POST /oauth/token
// finishes it.

// nativeRequest is the body of both.
type nativeRequest struct {
	ClientID     string          `json:"client_id"`
	ClientSecret string          `json:"client_secret"`
	Realm        string          `json:"realm"`
	Organization string          `json:"organization"`
	UserProfile  json.RawMessage `json:"user_profile"`
	UserMetadata json.RawMessage `json:"user_metadata"`
}

// nativeAnswer is the answer of both.
type nativeAnswer struct {
	Options     json.RawMessage `json:"authn_params_public_key"`
	AuthSession string          `json:"auth_session"`
}

// nativeSelection is the same for every application.
var nativeSelection = json.RawMessage(`{"residentKey":"required","userVerification":"preferred"}`)

// Purposes of a native challenge, in details.purpose.
const (
	purposeRegister = "register"
	purposeLogin    = "login"
)

func nativeRegister(v *visit) error {
	return v.nativeChallenge(purposeRegister, v.site.registerCalls, v.beginNativeRegistration)
}

func nativeChallenge(v *visit) error {
	return v.nativeChallenge(purposeLogin, v.site.challengeCalls, v.beginNativeLogin)
}

// nativeChallenge begins a ceremony and logs how that went.
func (v *visit) nativeChallenge(purpose string, calls *limiter, begin func(nativeRequest) (nativeAnswer, subject, error)) error {
	if use := calls.take(v.ip(), v.now); !use.allowed {
		limited := apiProblemOf(fail(problemTooManyRequests))
		if !use.first { // the log does not grow with each
			return limited
		}
		return v.nativeFailed(purpose, subject{}, limited)
	}
	var asked nativeRequest
	if err := v.decodeAPI(&asked); err != nil {
		return v.nativeFailed(purpose, subject{}, err)
	}
	if err := v.checkNative(asked); err != nil {
		return v.nativeFailed(purpose, subject{}, err)
	}
	answer, who, err := begin(asked)
	if err != nil {
		return v.nativeFailed(purpose, who, err)
	}
	if err := v.record(EventPasskeyChallengeStarted, who, Details{Purpose: purpose}); err != nil {
		return err
	}
	return v.answer(http.StatusOK, answer)
}

// nativeFailed logs a challenge that could not be given and hands the problem on.
func (v *visit) nativeFailed(purpose string, who subject, err error) error {
	p := apiProblemOf(err)
	if p.status == http.StatusInternalServerError {
		return err
	}
	if err := v.record(EventPasskeyChallengeFailed, who, Details{Purpose: purpose, Error: p.details()}); err != nil {
		return err
	}
	return p
}

// checkNative says whether this application may use the native passkey API here.
func (v *visit) checkNative(asked nativeRequest) error {
	if asked.ClientID == "" {
		return badRequest("client_id is required")
	}
	if err := v.authenticate(asked.ClientID, asked.ClientSecret); err != nil {
		return err
	}
	if err := v.nativeAllowed(); err != nil {
		return err
	}
	return v.checkRealm(asked.Realm, asked.Organization)
}

// nativeAllowed holds the application and the site to what passkeys need.
func (v *visit) nativeAllowed() error {
	switch {
	case !v.policy.Passkeys:
		return &apiProblem{status: http.StatusNotFound, code: codeNotFound, text: "The Passkey APIs are not enabled."}
	case v.onTenantDomain():
		return badRequest("Passkeys can only be used on a custom domain.")
	case v.app.ThirdParty:
		return badRequest("Third-party applications may not use passkeys.")
	case !v.app.may(GrantPasskey):
		return badRequest("The application is not configured for passkey authentication.")
	}
	return nil
}

// checkRealm knows one connection, and no organisations.
func (v *visit) checkRealm(realm, organization string) error {
	if realm != "" && realm != connectionName {
		return badRequest("There is no database connection %q.", printable.Line(realm))
	}
	if organization != "" {
		return badRequest("There is no organization %q.", printable.Line(organization))
	}
	return nil
}

// beginNativeRegistration makes options for somebody who has no account. The account
// is made when the passkey is there.
func (v *visit) beginNativeRegistration(asked nativeRequest) (answer nativeAnswer, who subject, err error) {
	n, err := v.policy.Tenant.identifiers().readNewcomer(asked.UserProfile, asked.UserMetadata)
	if err != nil {
		return answer, who, err
	}
	who = subject{name: n.name()}
	if !v.policy.SignUp {
		return answer, who, badRequest("Public signup is disabled.")
	}
	switch taken, err := v.taken(*n); {
	case err != nil:
		return answer, who, err
	case taken:
		return answer, who, userExists()
	}
	handle, err := v.drawHandle(n.name())
	if err != nil {
		return answer, who, err
	}
	options, begun, err := v.rp.native.BeginRegistration(
		ceremony.Account{Handle: handle, Name: n.name(), DisplayName: n.displayName()}, nil, v.nativeRegistrationRules())
	if err != nil {
		return answer, who, err
	}
	answer, err = v.nativeAnswer(options, &authSession{clientID: v.app.ID, registration: begun, newcomer: n})
	return answer, who, err
}

// nativeVerification is what answers are held to. The options say "preferred" whatever
// the policy; a login without verification is refused all the same where the policy
// wants one.
func (v *visit) nativeVerification() ceremony.UserVerification {
	if v.policy.UserVerification == ceremony.VerificationRequired {
		return ceremony.VerificationRequired
	}
	return ceremony.VerificationPreferred
}

func (v *visit) nativeRegistrationRules() ceremony.RegistrationRules {
	return ceremony.RegistrationRules{
		UserVerification: v.nativeVerification(),
		Models:           v.policy.Models,
		Backup:           v.policy.Backup,
		Lifetime:         v.policy.ChallengeLifetime,
		Origins:          v.nativeOrigins(),
		Selection:        nativeSelection,
	}
}

// nativeOrigins are where the application that asks may use passkeys.
func (v *visit) nativeOrigins() []string {
	if v.app == nil {
		return nil
	}
	return v.app.Origins
}

func (v *visit) beginNativeLogin(nativeRequest) (answer nativeAnswer, who subject, err error) {
	options, begun, err := v.rp.native.BeginLogin(ceremony.LoginRules{
		UserVerification: v.nativeVerification(),
		Shown:            ceremony.VerificationPreferred,
		Models:           v.policy.Models,
		Backup:           v.policy.Backup,
		BackupLoss:       v.policy.BackupLoss,
		Lifetime:         v.policy.ChallengeLifetime,
		Origins:          v.nativeOrigins(),
	})
	if err != nil {
		return answer, who, err
	}
	answer, err = v.nativeAnswer(options, &authSession{clientID: v.app.ID, login: begun})
	return answer, who, err
}

func (v *visit) nativeAnswer(options json.RawMessage, a *authSession) (nativeAnswer, error) {
	name, err := v.openAuthSession(a)
	return nativeAnswer{Options: ceremony.PublicKeyOf(options), AuthSession: name}, err
}

func userExists() *apiProblem { return badRequest("%s", words[problemEmailInUse].text) }
