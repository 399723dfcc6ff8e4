package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// agreement is a secret shared with an authenticator, and our public key that
// it is shared by.
type agreement struct {
	protocol pinuv.Protocol
	key      *ctap.KeyAgreement
	secret   pinuv.Secret
}

// number is the protocol as messages carry it.
func (s *agreement) number() *uint64 { return protocolNumber(s.protocol) }

func protocolNumber(p pinuv.Protocol) *uint64 {
	n := uint64(p)
	return &n
}

// protocol is the authenticator's first choice among those that are known here;
// without a list it is protocol one (CTAP 2.3 §6.4, member 0x06).
func (a *candidate) protocol() (pinuv.Protocol, error) {
	if len(a.info.PinUvAuthProtocols) == 0 {
		return pinuv.One, nil
	}
	for _, number := range a.info.PinUvAuthProtocols {
		if p, ok := pinuv.Supported(number); ok {
			return p, nil
		}
	}
	return 0, fmt.Errorf("PIN/UV auth protocols %v are not known", a.info.PinUvAuthProtocols)
}

// agree returns the secret of this ceremony. It is agreed on once, and anew
// after a wrong PIN, for which the authenticator changes its key (§6.5.5.6).
func (c *ceremony) agree(ctx context.Context, a *candidate) (*agreement, error) {
	if a.shared != nil {
		return a.shared, nil
	}
	p, err := a.protocol()
	if err != nil {
		return nil, err
	}
	answer, err := ctap.Call(ctx, a.Transport, &ctap.ClientPINRequest{
		PinUvAuthProtocol: protocolNumber(p), SubCommand: ctap.GetKeyAgreement,
	})
	if err != nil {
		return nil, fmt.Errorf("getKeyAgreement: %w", err)
	}
	key, secret, err := pinuv.Encapsulate(c.client.random, p, answer.KeyAgreement)
	if err != nil {
		return nil, fmt.Errorf("getKeyAgreement: %w", err)
	}
	a.shared = &agreement{protocol: p, key: key, secret: secret}
	return a.shared, nil
}

// token is a pinUvAuthToken. It prints as "(secret)".
type token struct {
	protocol pinuv.Protocol
	value    []byte
	writes   bool // permission lbw is among those it was given for
}

// Format keeps the token out of logs, whatever the verb.
func (t *token) Format(out fmt.State, _ rune) { fmt.Fprint(out, "(secret)") }

// requestToken sends a request for a token and decrypts the answer. What is
// the same in all of them is filled in here.
func (c *ceremony) requestToken(ctx context.Context, a *candidate, s *agreement, req *ctap.ClientPINRequest) (*token, error) {
	req.PinUvAuthProtocol, req.KeyAgreement = s.number(), s.key
	answer, err := ctap.Call(ctx, a.Transport, req)
	if err != nil {
		return nil, err
	}
	value, err := s.secret.Decrypt(answer.PinUvAuthToken)
	if err != nil {
		return nil, err
	}
	if n := len(value); n != 32 && (n != 16 || s.protocol != pinuv.One) {
		return nil, errors.New("the pinUvAuthToken has neither of the lengths that the protocol allows")
	}
	writes := req.Permissions != nil && *req.Permissions&ctap.PermissionLargeBlobWrite != 0
	return &token{protocol: s.protocol, value: value, writes: writes}, nil
}
