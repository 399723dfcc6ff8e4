package relyingparty

import (
	"encoding/json"
	"net/http"

	"github.com/passkeylab/passkeylab/internal/printable"
)

// tokenRequest is the body of POST /oauth/token; each grant has members of its own.
type tokenRequest struct {
	GrantType    GrantType `json:"grant_type"`
	ClientID     string    `json:"client_id"`
	ClientSecret string    `json:"client_secret"`
	Scope        string    `json:"scope"`
	Audience     string    `json:"audience"`

	// Of a passkey.
	Realm        string          `json:"realm"`
	Organization string          `json:"organization"`
	AuthSession  string          `json:"auth_session"`
	Response     json.RawMessage `json:"authn_response"`

	// Of an authorization code.
	Code         string `json:"code"`
	RedirectURI  string `json:"redirect_uri"`
	CodeVerifier string `json:"code_verifier"`

	RefreshToken string `json:"refresh_token"`

	// Of a second factor.
	MFAToken     string `json:"mfa_token"`
	OTP          string `json:"otp"`
	OOBCode      string `json:"oob_code"`
	BindingCode  string `json:"binding_code"`
	RecoveryCode string `json:"recovery_code"`
}

// grants say what each grant type does once the application is known.
var grants = map[GrantType]func(*visit, tokenRequest) error{
	GrantPasskey:           grantPasskey,
	GrantAuthorizationCode: grantCodeExchange,
	GrantRefreshToken:      grantRefresh,
	GrantClientCredentials: grantClientCredentials,
	GrantOTP:               grantOTP,
	GrantOOB:               grantOOB,
	GrantRecoveryCode:      grantRecoveryCode,
}

func token(v *visit) error {
	var asked tokenRequest
	if err := v.decodeAPI(&asked); err != nil {
		return err
	}
	if asked.GrantType == "" {
		return badRequest("grant_type is required")
	}
	if err := v.authenticate(asked.ClientID, asked.ClientSecret); err != nil {
		return err
	}
	grant, known := grants[asked.GrantType]
	if !known {
		return &apiProblem{status: http.StatusBadRequest, code: codeUnsupportedGrant,
			text: "Unsupported grant type: " + printable.Line(string(asked.GrantType))}
	}
	if !v.app.may(asked.GrantType) {
		return &apiProblem{status: http.StatusForbidden, code: codeUnauthorizedClient,
			text: "Grant type '" + string(asked.GrantType) + "' not allowed for the client."}
	}
	return grant(v, asked)
}
