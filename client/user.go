package client

import (
	"context"
	"errors"
)

// User is the person in front of the client. The client asks only when there
// is something to decide. An error from the Choose methods is the user's
// "cancel"; implementations return [ErrCancelled], or the error of ctx.
type User interface {
	// ChooseAuthenticators returns the indices of those the user is ready to
	// touch. They are asked at the same time, and the first answer wins. It
	// is called when at least two can serve the request, in the order in
	// which the client would offer them (§5.8.7).
	ChooseAuthenticators(ctx context.Context, names []string) ([]int, error)

	// ChooseAccount returns the index of the account to sign in with. It is
	// called when an authenticator without a display holds several.
	ChooseAccount(ctx context.Context, rpID string, accounts []Account) (int, error)

	// PickPasskey shows the passkeys that autofill offers and returns the
	// index of the one picked. A user who picks none keeps waiting until ctx
	// ends. A pick that comes to nothing, because the authenticator then
	// declines, brings the list up again.
	PickPasskey(ctx context.Context, rpID string, accounts []Account) (int, error)
}

// ErrCancelled is the answer of a [User] who dismisses the client's dialog.
var ErrCancelled = errors.New("the user cancelled")

// Account is a discoverable credential as it is shown to the user. Names are
// empty where the authenticator does not reveal them.
type Account struct {
	Authenticator string
	CredentialID  []byte
	UserHandle    []byte
	Name          string
	DisplayName   string
}

// Passive is a [User] with no preferences: ready to touch every authenticator,
// content with the first account, and never interested in autofill.
type Passive struct{}

var _ User = Passive{}

// ChooseAuthenticators returns all of them.
func (Passive) ChooseAuthenticators(_ context.Context, names []string) ([]int, error) {
	all := make([]int, len(names))
	for i := range all {
		all[i] = i
	}
	return all, nil
}

// ChooseAccount returns the first.
func (Passive) ChooseAccount(context.Context, string, []Account) (int, error) { return 0, nil }

// PickPasskey waits until ctx ends.
func (Passive) PickPasskey(ctx context.Context, _ string, _ []Account) (int, error) {
	<-ctx.Done()
	return 0, context.Cause(ctx)
}
