package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// givePIN sees to it that a device has a PIN, "" being none in particular. It
// sets the first one as a platform does (CTAP 2.3 §6.5.5.5), so that it is one
// the device accepts. One that a store brings along is not replaced.
func givePIN(ctx context.Context, device *authenticator.Authenticator, store authenticator.Store, pin string) error {
	if pin == "" {
		return nil
	}
	if !device.Model().PIN.Supported {
		return errors.New("this kind of device takes no PIN")
	}
	held, err := store.Load(ctx)
	switch has := held.Settings.PINHash; {
	case err != nil:
		return err
	case len(has) > 0 && !bytes.Equal(has, pinuv.HashPIN(pin)):
		return errors.New("the device in the store has another PIN")
	case len(has) > 0:
		return nil
	}
	return setPIN(ctx, device, pin)
}

func setPIN(ctx context.Context, device *authenticator.Authenticator, pin string) error {
	padded, err := pinuv.PadPIN(pin)
	if err != nil {
		return err
	}
	protocol := device.Model().Protocols[0]
	number := uint64(protocol)
	theirs, err := ctap.Call(ctx, device, &ctap.ClientPINRequest{SubCommand: ctap.GetKeyAgreement, PinUvAuthProtocol: &number})
	if err != nil {
		return err
	}
	ours, shared, err := pinuv.Encapsulate(rand.Reader, protocol, theirs.KeyAgreement)
	if err != nil {
		return err
	}
	encrypted, err := shared.Encrypt(rand.Reader, padded)
	if err != nil {
		return err
	}
	_, err = ctap.Call(ctx, device, &ctap.ClientPINRequest{
		SubCommand: ctap.SetPIN, PinUvAuthProtocol: &number, KeyAgreement: ours,
		NewPINEnc: encrypted, PinUvAuthParam: shared.Authenticate(encrypted),
	})
	if errors.Is(err, ctap.PINPolicyViolation) {
		return errors.New("the device does not accept it as a PIN: take 4 to 63 characters")
	}
	return err
}
