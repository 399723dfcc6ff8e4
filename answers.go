package passkeylab

import (
	"sync"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/webauthn"
)

// answers keeps the last login response that left a device, as somebody who
// listens in would.
type answers struct {
	mu    sync.Mutex
	login *webauthn.AuthenticationResponse
}

func (a *answers) seams() client.Seams {
	return client.Seams{Authentication: func(r *webauthn.AuthenticationResponse) *webauthn.AuthenticationResponse {
		a.mu.Lock()
		defer a.mu.Unlock()
		kept := *r
		a.login = &kept
		return r
	}}
}

func (a *answers) last() *webauthn.AuthenticationResponse {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.login
}
