package relyingparty

import (
	"net/http"
	"strings"

	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
)

// Paths that handlers lead to.
const (
	pathHome            = "/"
	pathAccount         = "/account"
	pathPRFDemo         = "/prf-demo"
	pathLogin           = "/u/login/identifier"
	pathLoginPassword   = "/u/login/password"
	pathSignUp          = "/u/signup/identifier"
	pathSignUpPassword  = "/u/signup/password"
	pathEnrollment      = "/u/passkey-enrollment"
	pathLocalEnrollment = "/u/passkey-enrollment-local"
	pathResetRequest    = "/u/reset-password/request"
	pathReset           = "/u/reset-password/reset"
	pathResetEmail      = "/u/reset-password/email"
	pathResetSuccess    = "/u/reset-password/success"
	pathResetError      = "/u/reset-password/error"
	pathAuthorize       = "/authorize"

	pathFactorOptions      = "/u/mfa-login-options"
	pathOTPChallenge       = "/u/mfa-otp-challenge"
	pathOTPEnrollment      = "/u/mfa-otp-enrollment-qr"
	pathEmailChallenge     = "/u/mfa-email-challenge"
	pathRecoveryChallenge  = "/u/mfa-recovery-code-challenge"
	pathRecoveryEnrollment = "/u/mfa-recovery-code-enrollment"
	pathPlatformChallenge  = "/u/mfa-webauthn-platform-challenge"
	pathRoamingChallenge   = "/u/mfa-webauthn-roaming-challenge"

	pathResume         = "/authorize/resume"
	pathToken          = "/oauth/token"
	pathRevoke         = "/oauth/revoke"
	pathUserMethods    = "/api/v2/users/{user}/authentication-methods"
	pathCustomText     = "/api/v2/prompts/{prompt}/custom-text/{language}"
	pathFactorPolicies = "/api/v2/guardian/policies"
	pathKeySet         = "/.well-known/jwks.json"
)

// kind is how a route is asked and answers.
type kind int

const (
	page     kind = iota // GET, answers HTML
	form                 // POST of a form, answers HTML or a redirect
	exchange             // POST of JSON, answers JSON

	// Asked by programs, answering JSON; each API has its own form of an error.
	authentication // the Authentication API, also by form
	selfService    // the My Account API
	management     // the Management API
)

// route is one line of the site's table of contents.
type route struct {
	pattern string
	kind    kind
	handle  handler
}

func (s *Site) table() []route {
	return []route{
		{"GET /{$}", page, showHome},
		{"POST /logout", form, logOut},

		{"GET /u/signup/identifier", page, withoutUser(withSignUp(showSignUp))},
		{"POST /u/signup/identifier", form, withoutUser(withSignUp(signUpIdentifier))},
		{"GET /u/signup/password", page, withoutUser(withPasswordSignUp(showSignUpPassword))},
		{"POST /u/signup/password", form, withoutUser(withPasswordSignUp(signUpPassword))},

		{"GET /u/login/identifier", page, withoutUser(showLogin)},
		{"POST /u/login/identifier", form, withoutUser(loginIdentifier)},
		{"GET /u/login/password", page, withoutUser(showLoginPassword)},
		{"POST /u/login/password", form, withoutUser(loginPassword)},

		{"GET /u/passkey-enrollment", page, showEnrollment},
		{"POST /u/passkey-enrollment", form, withUser(skipEnrollment)},
		{"GET /u/passkey-enrollment-local", page, withUser(showLocalEnrollment)},
		{"POST /u/passkey-enrollment-local", form, withUser(skipLocalEnrollment)},

		{"POST /u/passkey/register/options", exchange, onScreen(pages.Enrollment, withPasskeys(registerOptions))},
		{"POST /u/passkey/register/verify", exchange, onScreen(pages.Enrollment, withPasskeys(registerVerify))},
		{"POST /u/passkey/register/abandon", exchange, onScreen(pages.Enrollment, withPasskeys(abandonRegistration))},
		{"POST /u/passkey/login/options", exchange, onScreen(pages.LoginID, withPasskeys(loginOptions))},
		{"POST /u/passkey/login/verify", exchange, onScreen(pages.LoginID, withPasskeys(loginVerify))},

		{"GET " + pathResetRequest, page, withPasswordReset(showResetRequest)},
		{"POST " + pathResetRequest, form, withPasswordReset(resetRequest)},
		{"GET /u/reset-password/email", page, showResetEmail},
		{"GET /u/reset-password/reset", page, showReset},
		{"POST /u/reset-password/reset", form, reset},
		{"GET /u/reset-password/success", page, showResetSuccess},
		{"GET /u/reset-password/error", page, showResetError},

		{"GET " + pathFactorOptions, page, withStepUp(showFactorOptions)},
		{"POST " + pathFactorOptions, form, withStepUp(chooseFactor)},
		{"GET " + pathOTPChallenge, page, withFactor(factorOTP, showFactor(pages.OTPChallenge))},
		{"POST " + pathOTPChallenge, form, withFactor(factorOTP, checkDigits(pages.OTPChallenge, (*visit).verifyOTP))},
		{"GET " + pathOTPEnrollment, page, withEnrolment(showOTPEnrollment)},
		{"POST " + pathOTPEnrollment, form, withEnrolment(checkDigits(pages.OTPEnrollment, (*visit).verifyOTP))},
		{"GET " + pathEmailChallenge, page, withFactor(factorEmail, showFactor(pages.EmailChallenge))},
		{"POST " + pathEmailChallenge, form, withFactor(factorEmail, checkDigits(pages.EmailChallenge, (*visit).verifyMailed))},
		{"GET " + pathRecoveryChallenge, page, withFactor(factorRecoveryCode, showFactor(pages.RecoveryChallenge))},
		{"POST " + pathRecoveryChallenge, form, withFactor(factorRecoveryCode, checkRecoveryCode)},
		{"GET " + pathRecoveryEnrollment, page, withUser(showRecoveryCode)},
		{"POST " + pathRecoveryEnrollment, form, withUser(confirmRecoveryCode)},
		{"GET " + pathPlatformChallenge, page, withFactor(factorPlatform, showFactor(pages.PlatformChallenge))},
		{"GET " + pathRoamingChallenge, page, withFactor(factorRoaming, showFactor(pages.RoamingChallenge))},
		{"POST /u/mfa-webauthn/options", exchange, onScreen(pages.PlatformChallenge, withPasskeys(withStepUp(factorOptions)))},
		{"POST /u/mfa-webauthn/verify", exchange, onScreen(pages.PlatformChallenge, withPasskeys(withStepUp(factorVerify)))},
		{"POST /u/mfa-webauthn/abandon", exchange, onScreen(pages.PlatformChallenge, withStepUp(factorAbandoned))},

		{"GET " + pathAuthorize, page, authorize},
		{"GET " + pathResume, page, resume},
		{"GET /v2/logout", page, logOutForApplication},

		{"GET /account", page, withUser(showAccount)},
		{"POST /account/passkeys/rename", form, withUser(renamePasskey)},
		{"POST /account/passkeys/remove", form, withUser(removePasskey)},
		{"POST /account/factors/remove", form, withUser(removeFactor)},

		{"GET " + pathPRFDemo, page, withUser(showNote)},
		{"POST " + pathPRFDemo + "/note", exchange, withUser(keepNote)},
		{"POST " + pathPRFDemo + "/remove", form, withUser(removeNote)},
	}
}

// apiTable is what programs ask for.
func (s *Site) apiTable() []route {
	return []route{
		{"POST /passkey/register", authentication, nativeRegister},
		{"POST /passkey/challenge", authentication, nativeChallenge},
		{"POST " + pathToken, authentication, token},
		{"POST " + pathRevoke, authentication, revoke},
		{"GET /userinfo", authentication, userinfo},
		{"POST /userinfo", authentication, userinfo},

		{"POST /mfa/associate", authentication, associate},
		{"POST /mfa/challenge", authentication, challengeFactor},
		{"GET " + pathAuthenticators, authentication, listAuthenticators},
		{"DELETE " + pathAuthenticators + "/{id}", authentication, deleteAuthenticator},

		{"POST /dbconnections/change_password", authentication, withPasswordReset(requestPasswordChange)},

		{"GET " + pathMethods, selfService, withSelf(scopeReadMethods, listOwnMethods)},
		{"POST " + pathMethods, selfService, withSelf(scopeCreateMethods, beginOwnEnrolment)},
		{"POST " + pathMethods + "/{id}/verify", selfService, withSelf(scopeCreateMethods, finishOwnEnrolment)},
		{"GET " + pathMethods + "/{id}", selfService, withSelf(scopeReadMethods, getOwnMethod)},
		{"PATCH " + pathMethods + "/{id}", selfService, withSelf(scopeUpdateMethods, renameOwnMethod)},
		{"DELETE " + pathMethods + "/{id}", selfService, withSelf(scopeDeleteMethods, deleteOwnMethod)},

		{"GET /api/v2/connections", management, withManagement(scopeReadConnections, listConnections)},
		{"GET /api/v2/connections/{id}", management, withManagement(scopeReadConnections, getConnection)},
		{"PATCH /api/v2/connections/{id}", management, withManagement(scopeUpdateConnections, patchConnection)},
		{"GET /api/v2/prompts", management, withManagement(scopeReadPrompts, getPrompts)},
		{"PATCH /api/v2/prompts", management, withManagement(scopeUpdatePrompts, patchPrompts)},
		{"GET " + pathCustomText, management, withManagement(scopeReadPrompts, withPrompt(getCustomText))},
		{"PUT " + pathCustomText, management, withManagement(scopeUpdatePrompts, withPrompt(putCustomText))},
		{"GET /api/v2/clients/{id}", management, withManagement(scopeReadClients, getClient)},
		{"PATCH /api/v2/clients/{id}", management, withManagement(scopeUpdateClients, patchClient)},
		{"GET /api/v2/custom-domains", management, withManagement(scopeReadCustomDomains, listCustomDomains)},
		{"GET /api/v2/custom-domains/{id}", management, withManagement(scopeReadCustomDomains, getCustomDomain)},
		{"PATCH /api/v2/custom-domains/{id}", management, withManagement(scopeUpdateCustomDomains, patchCustomDomain)},
		{"GET " + pathFactorPolicies, management, withManagement(scopeReadFactorPolicy, getFactorPolicies)},
		{"PUT " + pathFactorPolicies, management, withManagement(scopeUpdateFactorPolicy, putFactorPolicies)},
		{"GET /api/v2/users-by-email", management, withManagement(scopeReadUsers, usersByEmail)},
		{"GET /api/v2/users/{user}", management, withManagement(scopeReadUsers, withManaged(getUser))},
		{"PATCH /api/v2/users/{user}", management, withManagement(scopeUpdateUsers, withManaged(patchUser))},
		{"GET " + pathUserMethods, management, withManagement(scopeReadUserMethods, withManaged(listUserMethods))},
		{"POST " + pathUserMethods, management, withManagement(scopeCreateUserMethods, withManaged(createUserMethod))},
		{"PUT " + pathUserMethods, management, withManagement(scopeUpdateUserMethods, withManaged(putUserMethods))},
		{"DELETE " + pathUserMethods, management, withManagement(scopeDeleteUserMethods, withManaged(deleteUserMethods))},
		{"GET " + pathUserMethods + "/{id}", management, withManagement(scopeReadUserMethods, withManaged(getUserMethod))},
		{"PATCH " + pathUserMethods + "/{id}", management, withManagement(scopeUpdateUserMethods, withManaged(renameUserMethod))},
		{"DELETE " + pathUserMethods + "/{id}", management, withManagement(scopeDeleteUserMethods, withManaged(deleteUserMethod))},
		{"GET /api/v2/logs", management, withManagement(scopeReadLogs, listLogs)},
		{"GET /api/v2/logs/{id}", management, withManagement(scopeReadLogs, getLog)},

		{"GET " + pathKeySet, authentication, showKeySet},
		{"GET /.well-known/openid-configuration", authentication, showDiscovery},
	}
}

// operatorTable is served only where [Config.Operator] says so.
func (s *Site) operatorTable() []route {
	return []route{
		{"GET /log", page, showLog},
		{"GET /log/stream", management, streamLog},
		{"GET /outbox", page, showOutbox},
	}
}

func (s *Site) routes() http.Handler {
	mux := http.NewServeMux()
	table := s.table()
	if s.config.Operator {
		table = append(table, s.operatorTable()...)
	}
	for _, r := range table {
		mux.Handle(r.pattern, s.endpoint(r))
	}
	asked := make(map[string]bool)
	for _, r := range s.apiTable() {
		mux.Handle(r.pattern, s.endpoint(r))
		if _, path, _ := strings.Cut(r.pattern, " "); !asked[path] {
			asked[path] = true
			mux.Handle("OPTIONS "+path, s.preflight(r.kind))
		}
	}
	mux.HandleFunc("GET "+pathRelated, s.showRelated)
	mux.HandleFunc("GET /", s.notFound)
	mux.Handle("GET "+pages.StaticPath, s.pages.Static())
	return s.guarded(s.routed(mux))
}

// endpoint turns a route into an http.Handler.
func (s *Site) endpoint(to route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := s.newVisit(w, r, to.kind)
		err := v.admit()
		if err == nil {
			err = to.handle(v)
		}
		if err != nil {
			v.fail(err)
		}
	})
}
