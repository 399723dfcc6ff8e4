package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
)

var selectionSteps = []step[*Authenticator]{
	{"1", (*Authenticator).testSelection},
}

// selection is authenticatorSelection (CTAP 2.3 §6.9): a touch and nothing else.
func (a *Authenticator) selection(ctx context.Context) (any, error) {
	if err := follow(ctx, a.active, "6.9", a, selectionSteps); err != nil {
		return nil, err
	}
	return new(ctap.Empty), nil
}

func (a *Authenticator) testSelection(ctx context.Context) error {
	return a.requirePresence(ctx, Prompt{Kind: SelectDevice})
}
