package authenticator

import (
	"context"
	"errors"
	"time"

	"github.com/passkeylab/passkeylab/ctap"
)

// User is the person in front of the device. Answer shows p and returns what
// the person did. It owns the waiting: it returns [ErrTimedOut] when the person
// did nothing for the user action timeout (CTAP 2.3 §5: at least 10 s), or for
// p.Patience where the prompt has one, and ctx.Err() as soon as ctx is done,
// which is how the platform cancels. Where p.Polled, it does not wait: it tells
// what the person has done by now, and returns [ErrTimedOut] where that is
// nothing. It may be called by several devices at once.
type User interface {
	Answer(ctx context.Context, p Prompt) (Gesture, error)
}

// What a [User] returns instead of a gesture.
var (
	ErrDeclined = errors.New("the user declined")
	ErrTimedOut = errors.New("the user did not act in time")
)

// PromptKind is the question a [Prompt] asks. The set is closed.
type PromptKind int

// The questions.
const (
	ConfirmNew    PromptKind = iota + 1 // make a passkey for Prompt.User at Prompt.RP?
	ConfirmUse                          // sign in at Prompt.RP?
	ChooseAccount                       // which of Prompt.Accounts? Only devices with a display ask
	TellExcluded                        // this device already holds a passkey for the account; acknowledge
	ConfirmReset                        // erase everything?
	SelectDevice                        // is this the device you mean?
	ConfirmToken                        // let the platform act for you? Asked with Verify alone
	CaptureFinger                       // touch the sensor, so that it learns your finger
)

var promptKindNames = map[PromptKind]string{
	ConfirmNew: "confirm new passkey", ConfirmUse: "confirm sign-in", ChooseAccount: "choose account",
	TellExcluded: "tell excluded", ConfirmReset: "confirm reset", SelectDevice: "select device",
	ConfirmToken: "confirm access", CaptureFinger: "capture finger",
}

// String names the question for transcripts.
func (k PromptKind) String() string { return promptKindNames[k] }

// Prompt is a question to the user. RP carries only the ID at a sign-in, because
// getAssertion sends no more, and nothing at all in U2F, which sends a hash.
type Prompt struct {
	Kind     PromptKind
	RP       ctap.RPEntity
	User     ctap.UserEntity   // of ConfirmNew and TellExcluded
	Accounts []ctap.UserEntity // of ChooseAccount, newest first
	Verify   bool              // built-in user verification is wanted, not only presence
	Long     bool              // the touch is to last five seconds (CTAP 2.3 §7.7)
	Polled   bool              // U2F: the platform asks again and again, and each time gets an answer at once
	Patience time.Duration     // how long the platform has the device wait; 0 = as long as the device likes
}

// Gesture is what the user did.
type Gesture struct {
	Present  bool              // touched, pressed or looked: evidence of user interaction
	Verified bool              // and proved to be the owner; only meaningful when the prompt asked
	Choice   int               // index into Prompt.Accounts
	Long     bool              // the touch lasted as long as Prompt.Long asked
	Sample   ctap.SampleStatus // of CaptureFinger: how good it was
}
