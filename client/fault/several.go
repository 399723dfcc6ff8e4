package fault

import (
	"context"
	"sync/atomic"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
)

func severalFaults() []Fault {
	const spec = "WebAuthn L3 §5.1.3"
	return []Fault{
		{ID: "several/one-asked", Spec: spec, Doc: "One authenticator is asked, however many there are.", Reach: func(all []client.Authenticator) []client.Authenticator { return all[len(all)-1:] }},
		{ID: "several/failure-ends-all", Spec: spec, Doc: "The failure of one authenticator is that of all.", Messages: afterFailure()},
		{ID: "several/pin-for-all", Spec: "CTAP 2.3 §6.9", Doc: "The PIN is sent to every authenticator.", Messages: before(ctap.CommandSelection, append([]byte{byte(clientPIN)}, written(members{
			key(1): uint64(2), key(2): uint64(byPIN), key(6): make32(1), key(9): uint64(1),
		})...))},
		{ID: "several/waits-on", Spec: spec, Doc: "A user who declines at one authenticator is waited for at the others.", Messages: both(
			onStatus(create, ctap.Other, ctap.OperationDenied), onStatus(assert, ctap.Other, ctap.OperationDenied))},
	}
}

// afterFailure refuses all answers to a ceremony once one authenticator has failed, or
// has not told what it is.
func afterFailure() func(Exchange) Exchange {
	var failed atomic.Bool // of any authenticator
	return func(next Exchange) Exchange {
		return func(ctx context.Context, request []byte) ([]byte, error) {
			answer, err := next(ctx, request)
			if err != nil || len(request) == 0 || len(answer) == 0 {
				return answer, err
			}
			command := ctap.Command(request[0])
			_, readable := readMembers(answer[1:])
			switch {
			case command == getInfo && !readable, command == create && answer[0] != 0:
				failed.Store(true)
			case (command == create || command == assert) && failed.Load():
				return []byte{byte(ctap.OperationDenied)}, nil
			}
			return answer, nil
		}
	}
}
