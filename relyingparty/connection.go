package relyingparty

import (
	"errors"
	"net/http"
)

// connectionID names the one database connection in the Management API.
const connectionID = "con_usernamepassword"

// connectionJSON is the connection in the Management API.
type connectionJSON struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	Strategy  string            `json:"strategy"`
	Options   connectionOptions `json:"options"`
	Readiness readinessJSON     `json:"passkey_readiness"` // not the product's: its dashboard shows it
}

// readinessJSON is the checklist.
type readinessJSON struct {
	Ready     bool          `json:"ready"`
	Checklist []Requirement `json:"checklist"`
}

// connectionOptions are the options of the connection that the site knows.
type connectionOptions struct {
	AuthenticationMethods struct {
		Password struct {
			Enabled        bool   `json:"enabled"`
			APIBehavior    string `json:"api_behavior"`
			SignupBehavior string `json:"signup_behavior"`
		} `json:"password"`
		Passkey  enabledJSON `json:"passkey"`
		EmailOTP enabledJSON `json:"email_otp"`
		PhoneOTP enabledJSON `json:"phone_otp"`
	} `json:"authentication_methods"`
	PasskeyOptions struct {
		ChallengeUI           ChallengeUI `json:"challenge_ui"`
		ProgressiveEnrollment bool        `json:"progressive_enrollment_enabled"`
		LocalEnrollment       bool        `json:"local_enrollment_enabled"`
	} `json:"passkey_options"`
	Attributes            *attributesJSON `json:"attributes,omitempty"` // there: Flexible Identifiers
	RequiresUsername      bool            `json:"requires_username"`
	DisableSignup         bool            `json:"disable_signup"`
	OwnDatabase           bool            `json:"enabledDatabaseCustomization"`
	ImportMode            bool            `json:"import_mode"`
	DisableChangePassword bool            `json:"disable_self_service_change_password"`
	MultiFactor           struct {
		Active bool `json:"active"`
	} `json:"mfa"`
}

type enabledJSON struct {
	Enabled bool `json:"enabled"`
}

// defaultOptions are those of a connection that nobody has configured: a password,
// and no passkeys. Options that are sent replace all that there were.
func defaultOptions() (o connectionOptions) {
	o.AuthenticationMethods.Password.Enabled = true
	o.AuthenticationMethods.Password.APIBehavior = behaviourRequired
	o.AuthenticationMethods.Password.SignupBehavior = behaviourAllow
	o.PasskeyOptions.ChallengeUI = ChallengeBoth
	o.PasskeyOptions.ProgressiveEnrollment = true
	o.PasskeyOptions.LocalEnrollment = true
	return o
}

// Behaviours of the password.
const (
	behaviourRequired = "required"
	behaviourOptional = "optional"
	behaviourAllow    = "allow"
	behaviourBlock    = "block"
)

// optionsOf says a policy as options.
func optionsOf(p Policy) (o connectionOptions) {
	password := &o.AuthenticationMethods.Password
	password.Enabled = p.Tenant.Password
	password.APIBehavior, password.SignupBehavior = behaviourRequired, behaviourBlock
	if p.PasswordOptional {
		password.APIBehavior = behaviourOptional
	}
	if p.PasswordSignUp {
		password.SignupBehavior = behaviourAllow
	}
	o.AuthenticationMethods.Passkey.Enabled = p.Passkeys
	o.PasskeyOptions.ChallengeUI = p.ChallengeUI
	o.PasskeyOptions.ProgressiveEnrollment = p.ProgressiveEnrollment
	o.PasskeyOptions.LocalEnrollment = p.LocalEnrollment
	if p.Tenant.FlexibleIdentifiers {
		o.Attributes = attributesOf(p.Tenant.identifiers())
	}
	o.RequiresUsername = p.Tenant.RequiresUsername
	o.DisableSignup = !p.SignUp
	o.OwnDatabase = p.Tenant.OwnDatabase
	o.ImportMode = p.Tenant.ImportMode
	o.DisableChangePassword = !p.PasswordReset
	return o
}

// applyTo makes a policy what the options say. What they do not speak of stays.
func (o connectionOptions) applyTo(p *Policy) error {
	password := o.AuthenticationMethods.Password
	switch {
	case password.APIBehavior != behaviourRequired && password.APIBehavior != behaviourOptional:
		return badRequest("authentication_methods.password.api_behavior must be required or optional")
	case password.SignupBehavior != behaviourAllow && password.SignupBehavior != behaviourBlock:
		return badRequest("authentication_methods.password.signup_behavior must be allow or block")
	case o.AuthenticationMethods.EmailOTP.Enabled || o.AuthenticationMethods.PhoneOTP.Enabled:
		return badRequest("One-time codes by email or phone are not available here.")
	case o.MultiFactor.Active:
		return badRequest("Multi-factor authentication of one connection is not available here; PUT /api/v2/guardian/policies asks all logins for it.")
	case password.SignupBehavior == behaviourBlock && !o.AuthenticationMethods.Passkey.Enabled:
		return badRequest("signup_behavior block leaves nobody a way to sign up unless passkeys are enabled.")
	}
	identifiers, err := o.Attributes.identifiers()
	if err != nil {
		return err
	}
	p.Tenant.Identifiers = identifiers
	p.Passkeys = o.AuthenticationMethods.Passkey.Enabled
	p.PasswordOptional = password.APIBehavior == behaviourOptional
	p.PasswordSignUp = password.SignupBehavior == behaviourAllow
	p.SignUp = !o.DisableSignup
	p.PasswordReset = !o.DisableChangePassword
	p.ChallengeUI = o.PasskeyOptions.ChallengeUI
	p.ProgressiveEnrollment = o.PasskeyOptions.ProgressiveEnrollment
	p.LocalEnrollment = o.PasskeyOptions.LocalEnrollment
	p.Tenant.Password = password.Enabled
	p.Tenant.RequiresUsername = o.RequiresUsername
	p.Tenant.FlexibleIdentifiers = o.Attributes != nil
	p.Tenant.OwnDatabase = o.OwnDatabase
	p.Tenant.ImportMode = o.ImportMode
	return nil
}

func (v *visit) connection() connectionJSON {
	p := v.site.Policy()
	return connectionJSON{
		ID: connectionID, Name: connectionName, Strategy: strategyName, Options: optionsOf(p),
		Readiness: readinessJSON{Ready: p.Tenant.unready() == nil, Checklist: v.site.Readiness()},
	}
}

func listConnections(v *visit) error {
	return v.answer(http.StatusOK, []connectionJSON{v.connection()})
}

func (v *visit) checkConnection() error {
	if v.r.PathValue("id") != connectionID {
		return &apiProblem{status: http.StatusNotFound, code: "inexistent_connection", text: "The connection does not exist."}
	}
	return nil
}

func getConnection(v *visit) error {
	if err := v.checkConnection(); err != nil {
		return err
	}
	return v.answer(http.StatusOK, v.connection())
}

// connectionPatch is the body of a change: what may be changed are the options.
type connectionPatch struct {
	Options *connectionOptions `json:"options"`
}

func patchConnection(v *visit) error {
	if err := v.checkConnection(); err != nil {
		return err
	}
	options := defaultOptions()
	patch := connectionPatch{Options: &options}
	if err := v.decodeStrict(&patch); err != nil {
		return err
	}
	if patch.Options == nil {
		return badRequest("options must be an object")
	}
	if err := v.changeSetting(connectionSetting, patch.Options.applyTo); err != nil {
		return err
	}
	return v.answer(http.StatusOK, v.connection())
}

// changeSetting changes a part of the policy for good, unless that would make it an
// impossible one.
func (v *visit) changeSetting(part *tenantSetting, change func(*Policy) error) error {
	err := v.site.changeSetting(part, change)
	var told *apiProblem
	if err == nil || errors.As(err, &told) {
		return err
	}
	return badRequest("%s", unreadyText(err)).because(err)
}

// promptsJSON are the settings of the login pages.
type promptsJSON struct {
	Experience      string `json:"universal_login_experience"` // "new" or "classic"
	IdentifierFirst bool   `json:"identifier_first"`
}

func promptsOf(t Tenant) promptsJSON {
	p := promptsJSON{Experience: "classic", IdentifierFirst: t.IdentifierFirst}
	if t.UniversalLogin {
		p.Experience = "new"
	}
	return p
}

func (o promptsJSON) applyTo(p *Policy) error {
	if o.Experience != "new" && o.Experience != "classic" {
		return badRequest("universal_login_experience must be new or classic")
	}
	p.Tenant.UniversalLogin, p.Tenant.IdentifierFirst = o.Experience == "new", o.IdentifierFirst
	return nil
}

func getPrompts(v *visit) error { return v.answer(http.StatusOK, promptsOf(v.policy.Tenant)) }

func patchPrompts(v *visit) error {
	if err := v.changeSetting(promptsSetting, func(p *Policy) error {
		asked := promptsOf(p.Tenant)
		if err := v.decodeStrict(&asked); err != nil {
			return err
		}
		return asked.applyTo(p)
	}); err != nil {
		return err
	}
	return v.answer(http.StatusOK, promptsOf(v.site.Policy().Tenant))
}

// clientJSON is an application in the Management API. The custom login page is the
// tenant's here, whichever application it is switched on by.
type clientJSON struct {
	ID              string      `json:"client_id"`
	Name            string      `json:"name"`
	FirstParty      bool        `json:"is_first_party"`
	Grants          []GrantType `json:"grant_types"`
	Callbacks       []string    `json:"callbacks"`
	LogoutURLs      []string    `json:"allowed_logout_urls"`
	Origins         []string    `json:"allowed_origins"`
	CustomLoginPage bool        `json:"custom_login_page_on"`
}

func (v *visit) client() (clientJSON, error) {
	app, known := v.site.applications.find(v.r.PathValue("id"))
	if !known {
		return clientJSON{}, &apiProblem{status: http.StatusNotFound, code: "inexistent_client", text: "The client does not exist."}
	}
	return clientJSON{
		ID: app.ID, Name: app.Name, FirstParty: !app.ThirdParty, Grants: app.Grants, Callbacks: app.Callbacks,
		LogoutURLs: app.LogoutURLs, Origins: app.Origins, CustomLoginPage: v.site.Policy().Tenant.CustomLoginPage,
	}, nil
}

func getClient(v *visit) error {
	c, err := v.client()
	if err != nil {
		return err
	}
	return v.answer(http.StatusOK, c)
}

// clientPatch is the body of a change: the rest of an application is configuration.
type clientPatch struct {
	CustomLoginPage bool `json:"custom_login_page_on"`
}

func patchClient(v *visit) error {
	if _, err := v.client(); err != nil {
		return err
	}
	if err := v.changeSetting(loginPageSetting, func(p *Policy) error {
		asked := clientPatch{p.Tenant.CustomLoginPage}
		if err := v.decodeStrict(&asked); err != nil {
			return err
		}
		p.Tenant.CustomLoginPage = asked.CustomLoginPage
		return nil
	}); err != nil {
		return err
	}
	return getClient(v)
}
