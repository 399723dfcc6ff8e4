package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/client"
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
	return client.SetPIN(ctx, device, rand.Reader, "", pin)
}
