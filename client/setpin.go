package client

import (
	"context"
	"errors"
	"io"

	"github.com/passkeylab/passkeylab/ctap"
)

// SetPIN gives an authenticator a PIN outside of any ceremony, as the settings of
// a browser do: its first one if old is empty (CTAP 2.3 §6.5.5.5), otherwise one in
// the place of old (§6.5.5.6). The error is the authenticator's [ctap.Status], or
// says why the PIN is none.
func SetPIN(ctx context.Context, authenticator ctap.Transport, random io.Reader, old, pin string) error {
	c, err := New(Config{Authenticators: Attached(), PIN: &onlyPIN{pin}, Random: random})
	if err != nil {
		return err
	}
	a := &candidate{Authenticator: &Authenticator{Name: "setting a PIN", Transport: authenticator}, pin: old}
	if err := c.introduce(ctx, a); err != nil {
		return err
	}
	d := pinDialog{ceremony: &ceremony{client: c}, a: a}
	if old == "" {
		return d.set(ctx)
	}
	return d.change(ctx)
}

// onlyPIN is a user who has one PIN in mind, and no other when it is refused.
type onlyPIN struct{ pin string }

func (o *onlyPIN) PIN(_ context.Context, prompt PINPrompt) (string, error) {
	if prompt.Refused != "" {
		return "", errors.New(prompt.Refused)
	}
	return o.pin, nil
}
