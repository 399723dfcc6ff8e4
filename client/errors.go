package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// Messages of exceptions whose reason a page must not learn (§14.5): they say
// the same whatever happened. The reason is in the Cause.
const (
	NotAllowedMessage   = "The request timed out, was declined, or cannot be served here (WebAuthn L3 §14.5)."
	InvalidStateMessage = "The user agreed, but this authenticator already holds a credential from excludeCredentials."
	AbortMessage        = "The page aborted the request."
)

// RangeError is the name that Chromium gives to lists that are too long.
// WebAuthn sets no limit of its own.
const RangeError = "RangeError"

func notAllowed(cause error) error {
	return &webauthn.DOMException{Name: webauthn.NotAllowedError, Message: NotAllowedMessage, Cause: cause}
}

func notAllowedf(format string, args ...any) error { return notAllowed(fmt.Errorf(format, args...)) }

// exceptionf is for mistakes of the page itself, about which the page may
// know everything.
func exceptionf(name, format string, args ...any) error {
	return &webauthn.DOMException{Name: name, Message: fmt.Sprintf(format, args...)}
}

// aborted is the exception for a page that withdrew its request: its own
// reason where it gave a DOMException as such, otherwise AbortError.
func aborted(page context.Context) error {
	reason := context.Cause(page)
	if chosen := (*webauthn.DOMException)(nil); errors.As(reason, &chosen) {
		return chosen
	}
	return &webauthn.DOMException{Name: webauthn.AbortError, Message: AbortMessage, Cause: reason}
}

// failed is the exception for a ceremony that ended without a result. page is
// the caller's context, lifetime the same with the lifetime timer.
func failed(page, lifetime context.Context, cause error) error {
	if errors.Is(page.Err(), context.Canceled) {
		return aborted(page)
	}
	if chosen := (*webauthn.DOMException)(nil); errors.As(cause, &chosen) {
		return chosen
	}
	if lifetime.Err() != nil {
		return notAllowedf("the time for the request is over: %w", errors.Join(lifetime.Err(), cause))
	}
	return notAllowed(cause)
}

// ends tells the failures of one authenticator that end the ceremony for all
// of them from those after which it is merely forgotten.
func ends(err error) (error, bool) {
	if err == nil {
		return nil, false
	}
	switch {
	case errors.Is(err, ctap.CredentialExcluded):
		return &webauthn.DOMException{Name: webauthn.InvalidStateError, Message: InvalidStateMessage, Cause: err}, true
	case errors.Is(err, ctap.OperationDenied), errors.Is(err, ErrCancelled):
		return notAllowed(err), true
	}
	if touched := (*selected)(nil); errors.As(err, &touched) {
		return touched, true
	}
	return nil, false
}
