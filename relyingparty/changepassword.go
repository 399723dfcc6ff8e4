package relyingparty

import (
	"net/http"

	"github.com/passkeylab/passkeylab/internal/printable"
)

// changePasswordRequest is the body of POST /dbconnections/change_password.
type changePasswordRequest struct {
	ClientID   string `json:"client_id"`
	Email      string `json:"email"`
	Connection string `json:"connection"`
}

// changePasswordSent is the answer, whether or not there is an account.
const changePasswordSent = "We've just sent you an email to reset your password."

func requestPasswordChange(v *visit) error {
	var asked changePasswordRequest
	if err := v.decodeAPI(&asked); err != nil {
		return err
	}
	app, known := v.site.applications.find(asked.ClientID)
	switch {
	case asked.ClientID != "" && !known:
		return &apiProblem{status: http.StatusUnauthorized, code: codeInvalidClient, text: "Unknown client."}
	case asked.Connection == "":
		return badRequest("connection is required")
	case asked.Connection != connectionName:
		return badRequest("There is no database connection %q.", printable.Line(asked.Connection))
	case !validEmail(asked.Email):
		return badRequest("email is required")
	}
	v.app = app
	if err := v.takeResetMail(asked.Email); err != nil {
		return err
	}
	if err := v.sendResetLink(asked.Email); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err := v.w.Write([]byte(changePasswordSent))
	return err
}
