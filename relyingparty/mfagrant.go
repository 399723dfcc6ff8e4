package relyingparty

import (
	"crypto/subtle"
	"errors"
	"net/http"

	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// grantOTP completes a login with a code of an authenticator app.
func grantOTP(v *visit, asked tokenRequest) error {
	if asked.OTP == "" {
		return badRequest("otp is required")
	}
	return v.grantFactor(asked, EventExchangePasskeyOTP, "Invalid otp_code.", func(s *stepUp, u store.User) (secondFactor, error) {
		return v.verifyOTP(s, u, asked.OTP)
	})
}

// grantOOB completes a login with a code that was mailed.
func grantOOB(v *visit, asked tokenRequest) error {
	if asked.OOBCode == "" || asked.BindingCode == "" {
		return badRequest("oob_code and binding_code are required")
	}
	return v.grantFactor(asked, EventExchangePasskeyOOB, "Invalid binding_code.", func(s *stepUp, u store.User) (secondFactor, error) {
		code := asked.BindingCode
		if s.mailed == nil || subtle.ConstantTimeCompare([]byte(s.mailed.name), []byte(asked.OOBCode)) != 1 {
			code = "" // of another request
		}
		return v.verifyMailed(s, u, code)
	})
}

// grantRecoveryCode completes a login with a recovery code, which is used up.
func grantRecoveryCode(v *visit, asked tokenRequest) error {
	if asked.RecoveryCode == "" {
		return badRequest("recovery_code is required")
	}
	return v.grantFactor(asked, EventExchangePasskeyRecovery, "MFA Authorization rejected.", func(s *stepUp, u store.User) (secondFactor, error) {
		return v.verifyRecovery(s, u, asked.RecoveryCode)
	})
}

// factorTokens is the answer of POST /oauth/token to a second factor.
type factorTokens struct {
	tokenAnswer
	RecoveryCode string `json:"recovery_code,omitempty"` // in place of the one that was used up
}

// grantFactor gives tokens for a login once its second factor is right. refused is what a
// wrong one is told.
func (v *visit) grantFactor(asked tokenRequest, exchanged EventType, refused string, verify func(*stepUp, store.User) (secondFactor, error)) error {
	if asked.MFAToken == "" {
		return badRequest("mfa_token is required")
	}
	return v.withStepUpOf(asked.MFAToken, func(s *stepUp, u store.User) error {
		second, err := verify(s, u)
		if err == nil {
			err = v.passFactor(s, u, second)
		}
		if err != nil {
			return factorRefused(err, refused)
		}
		v.site.stepUps.delete(s.token)
		answer := factorTokens{RecoveryCode: second.recovery}
		if second.enrolled { // the application has shown it with the factor
			answer.RecoveryCode = ""
		}
		if answer.tokenAnswer, err = v.makeTokens(u, s.want, occasion{authenticated: v.now}); err != nil {
			return err
		}
		if s.first != nil {
			if err := v.record(exchanged, subjectOf(u), Details{
				Authenticator: &second.authenticator, Audience: s.want.audienceText(v.at), Scope: s.want.scope(),
			}); err != nil {
				return err
			}
		}
		return v.answer(http.StatusOK, answer)
	})
}

// audienceText is the audience as the log names it.
func (w want) audienceText(at *domain) string {
	if w.audience == "" {
		return at.audienceUserinfo()
	}
	return w.audience
}

// factorRefused is how a wrong factor is told to an application.
func factorRefused(err error, text string) error {
	var p *problem
	if errors.As(err, &p) && p.key == problemWrongCode {
		return invalidGrant(text).because(err)
	}
	return err
}
