package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// PINEntry is where the user types PINs. The client asks only when an
// authenticator has to verify its user and cannot do so by itself.
type PINEntry interface {
	// PIN returns what the user typed. An error is the user's "cancel":
	// [ErrCancelled], or the error of ctx.
	PIN(ctx context.Context, prompt PINPrompt) (string, error)
}

// PINReason says why the user is asked for a PIN.
type PINReason string

// The reasons.
const (
	PINEnter  PINReason = "enter"  // the PIN of the authenticator
	PINAgain  PINReason = "again"  // the same: the last one was wrong
	PINSet    PINReason = "set"    // a new one: the request needs a PIN, and there is none
	PINChange PINReason = "change" // a new one: the authenticator insists that it be changed
)

// PINPrompt is what the user sees when asked for a PIN.
type PINPrompt struct {
	Authenticator string
	Reason        PINReason
	Retries       uint64 // attempts left before the PIN is blocked, with [PINEnter] and [PINAgain]
	MinLength     int    // of a new PIN, in code points
	MaxLength     int    // the same
	Refused       string // why a PIN was not even tried, or not accepted as a new one; empty at first
}

// Lengths of PINs in code points where getInfo says nothing (CTAP 2.3 §6.4).
const (
	defaultMinPIN = 4
	defaultMaxPIN = 63
)

// maxPINMistakes is how many PINs in a row may break the rules before the
// client no longer asks: an entry that is a script would never stop.
const maxPINMistakes = 8

// newPINPrompt asks for a new PIN.
func newPINPrompt(a *candidate, reason PINReason) PINPrompt {
	prompt := PINPrompt{Authenticator: a.Name, Reason: reason, MinLength: defaultMinPIN, MaxLength: defaultMaxPIN}
	if n := a.info.MinPINLength; n > 0 {
		prompt.MinLength = int(min(n, defaultMaxPIN))
	}
	if n := a.info.MaxPINLength; n > 0 {
		prompt.MaxLength = int(min(n, defaultMaxPIN))
	}
	return prompt
}

// check reports why a PIN in Normalization Form C breaks the rules of the
// platform (CTAP 2.3 §6.5.1). The length in code points is for new ones only:
// the limit may have grown since an old one was set.
func (p PINPrompt) check(pin string) error {
	n := utf8.RuneCountInString(pin)
	switch {
	case !utf8.ValidString(pin):
		return errors.New("it is not text")
	case pin == "":
		return errors.New("it is empty")
	case len(pin) > pinuv.MaxPIN:
		return fmt.Errorf("it takes %d bytes, at most %d are allowed", len(pin), pinuv.MaxPIN)
	case strings.HasSuffix(pin, "\x00"):
		return errors.New("it ends in a zero byte")
	case p.MaxLength > 0 && (n < p.MinLength || n > p.MaxLength):
		return fmt.Errorf("it has %d characters, %d to %d are allowed", n, p.MinLength, p.MaxLength)
	}
	return nil
}

// askPIN has the user type a PIN that keeps the rules, and returns it in
// Normalization Form C.
func (c *Client) askPIN(ctx context.Context, prompt PINPrompt) (string, error) {
	for range maxPINMistakes {
		typed, err := c.config.PIN.PIN(ctx, prompt)
		if err != nil {
			return "", fmt.Errorf("%s: asking for a PIN (%s): %w", prompt.Authenticator, prompt.Reason, err)
		}
		pin := c.used(typed, norm.NFC.String(typed))
		broken := prompt.check(pin)
		if broken == nil {
			return pin, nil
		}
		prompt.Refused = broken.Error()
	}
	return "", fmt.Errorf("%s: %d PINs in a row broke the rules, the last because %s", prompt.Authenticator, maxPINMistakes, prompt.Refused)
}

// explain adds what the user has to do about a status that no further PIN
// mends.
func explain(err error) error {
	advice := ""
	switch {
	case errors.Is(err, ctap.PINBlocked):
		advice = "the PIN is blocked until the authenticator is reset"
	case errors.Is(err, ctap.PINAuthBlocked):
		advice = "too many wrong PINs in a row: unplug the authenticator and plug it in again"
	case errors.Is(err, ctap.UVBlocked):
		advice = "built-in user verification is blocked until the PIN is entered"
	default:
		return err
	}
	return fmt.Errorf("%s: %w", advice, err)
}
