package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// set has the user choose the authenticator's first PIN (CTAP 2.3 §6.5.5.5).
func (d *pinDialog) set(ctx context.Context) error {
	return d.choose(ctx, PINSet, func(newPINEnc []byte, shared *agreement) (*ctap.ClientPINRequest, error) {
		return &ctap.ClientPINRequest{
			SubCommand: ctap.SetPIN, NewPINEnc: newPINEnc, PinUvAuthParam: shared.secret.Authenticate(newPINEnc),
		}, nil
	})
}

// change has the user choose another PIN in place of the one just entered
// (§6.5.5.6).
func (d *pinDialog) change(ctx context.Context) error {
	return d.choose(ctx, PINChange, func(newPINEnc []byte, shared *agreement) (*ctap.ClientPINRequest, error) {
		hash, err := shared.secret.Encrypt(d.client.random, pinuv.HashPIN(d.a.pin))
		if err != nil {
			return nil, err
		}
		both := append(append([]byte{}, newPINEnc...), hash...)
		return &ctap.ClientPINRequest{
			SubCommand: ctap.ChangePIN, NewPINEnc: newPINEnc, PINHashEnc: hash, PinUvAuthParam: shared.secret.Authenticate(both),
		}, nil
	})
}

// choose asks for new PINs until the authenticator's policy likes one, and
// leaves the authenticator with it.
func (d *pinDialog) choose(ctx context.Context, reason PINReason, request func([]byte, *agreement) (*ctap.ClientPINRequest, error)) error {
	prompt := newPINPrompt(d.a, reason)
	for range maxPINMistakes {
		pin, err := d.client.askPIN(ctx, prompt)
		if err != nil {
			return err
		}
		err = d.store(ctx, pin, request)
		if errors.Is(err, ctap.PINPolicyViolation) {
			prompt.Refused = "the authenticator does not accept it as a PIN"
			continue
		}
		if err != nil {
			return fmt.Errorf("PIN (%s): %w", reason, err)
		}
		d.a.pin, d.unset, d.mustChange = pin, false, false
		return d.learn(ctx)
	}
	return fmt.Errorf("PIN (%s): the authenticator refused %d of them", reason, maxPINMistakes)
}

// store encrypts a new PIN and hands it to the authenticator.
func (d *pinDialog) store(ctx context.Context, pin string, request func([]byte, *agreement) (*ctap.ClientPINRequest, error)) error {
	shared, err := d.agree(ctx, d.a)
	if err != nil {
		return err
	}
	padded, err := pinuv.PadPIN(pin)
	if err != nil {
		return err
	}
	newPINEnc, err := shared.secret.Encrypt(d.client.random, padded)
	if err != nil {
		return err
	}
	req, err := request(newPINEnc, shared)
	if err != nil {
		return err
	}
	req.PinUvAuthProtocol, req.KeyAgreement = shared.number(), shared.key
	_, err = ctap.Call(ctx, d.a.Transport, req)
	return err
}

// learn asks again what the authenticator is, now that it has another PIN, and
// lets whoever keeps that know.
func (d *pinDialog) learn(ctx context.Context) error {
	info, err := ctap.Call(ctx, d.a.Transport, &ctap.GetInfoRequest{})
	if err != nil {
		return fmt.Errorf("getInfo: %w", err)
	}
	d.a.info = info
	if d.a.Changed != nil {
		d.a.Changed(info)
	}
	return nil
}
