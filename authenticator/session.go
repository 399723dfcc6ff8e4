package authenticator

import (
	"context"
	"time"

	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// session is what a device knows only until the power goes.
type session struct {
	poweredUp time.Time
	pinMisses int               // wrong PINs in a row (CTAP 2.3 §6.5.2.3)
	keys      [3]*pinuv.KeyPair // key agreement keys by protocol, drawn at first need
	token     token
	sequence  sequence // what the next command may go on with
	enrolment *enrolment
	attestor  *AttestationKey // of U2F registrations, made at first need
}

// sequence is a stateful command that another command goes on with (§6):
// getNextAssertion, the enumerations of credentialManagement, the fragments of
// largeBlobs. There is one at a time, and any command that does not go on with
// it ends it, as the text allows.
type sequence interface{ authorised() *grant }

// grant is a token as a sequence remembers it; nil where none was needed.
type grant struct{ serial uint64 }

// stillGranted reports whether the token that authorised a sequence is in use.
func (a *Authenticator) stillGranted(g *grant) bool {
	return g == nil || a.session.token.current(a.active, a.env.Clock.Now()) && a.session.token.serial == g.serial
}

// takeSequence ends the sequence and returns it to the command that may go on
// with it: nil if its token has expired.
func (a *Authenticator) takeSequence() sequence {
	taken := a.session.sequence
	a.session.sequence = nil
	if taken == nil || !a.stillGranted(taken.authorised()) {
		return nil
	}
	return taken
}

// keyAgreement returns the key of a protocol.
func (a *Authenticator) keyAgreement(p pinuv.Protocol) (*pinuv.KeyPair, error) {
	key := &a.session.keys[p]
	if *key == nil {
		drawn, err := pinuv.NewKeyPair(a.env.Random)
		if err != nil {
			return nil, err
		}
		*key = a.active.agreement(p, drawn)
	}
	return *key, nil
}

// regenerate is regenerate() of a protocol (§6.5.4): the next key agreement key
// is another one.
func (a *Authenticator) regenerate(p pinuv.Protocol) { a.session.keys[p] = nil }

type transportKey struct{}

// Over says by which transport a request made with the context reaches the
// device, such as webauthn.TransportNFC. Without it, it is the first of
// Model.Transports.
func Over(ctx context.Context, transport string) context.Context {
	return context.WithValue(ctx, transportKey{}, transport)
}

func (a *Authenticator) transport(ctx context.Context) string {
	if transport, ok := ctx.Value(transportKey{}).(string); ok {
		return transport
	}
	return a.model.Transports[0]
}
