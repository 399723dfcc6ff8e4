package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// selected ends a race: the user has picked this authenticator by touching it,
// and what follows needs it alone.
type selected struct{ by *candidate }

func (s *selected) Error() string { return s.by.Name + " was selected by a touch" }

// selectByTouch waits for a touch. Its error is then [selected].
func (a *candidate) selectByTouch(ctx context.Context) error {
	if err := a.touch(ctx); err != nil {
		return err
	}
	return &selected{a}
}

// touch waits until the user touches the authenticator: by
// authenticatorSelection (CTAP 2.3 §6.9), or where that is not known by a
// makeCredential that asks for nothing else (§6.1.2 step 1).
func (a *candidate) touch(ctx context.Context) error {
	for _, version := range a.info.Versions {
		if version == ctap.VersionFIDO21 || version == ctap.VersionFIDO23 {
			if _, err := ctap.Call(ctx, a.Transport, &ctap.SelectionRequest{}); err != nil {
				return fmt.Errorf("authenticatorSelection: %w", err)
			}
			return nil
		}
	}
	_, err := ctap.Call(ctx, a.Transport, dummyCreation())
	if err == nil || slices.ContainsFunc(answersToTouch, func(s ctap.Status) bool { return errors.Is(err, s) }) {
		return nil
	}
	return fmt.Errorf("makeCredential for a touch alone: %w", err)
}

// answersToTouch are what firmware answers to a dummyCreation once touched.
var answersToTouch = []ctap.Status{ctap.PINInvalid, ctap.PINNotSet, ctap.PINAuthInvalid}

// dummyCreation cannot make a credential: its pinUvAuthParam is empty.
func dummyCreation() *ctap.MakeCredentialRequest {
	return &ctap.MakeCredentialRequest{
		ClientDataHash:   make([]byte, 32),
		RP:               ctap.RPEntity{ID: ".dummy"},
		User:             ctap.UserEntity{ID: []byte{1}, Name: "dummy"},
		PubKeyCredParams: []ctap.Parameters{{Type: ctap.PublicKey, Algorithm: int64(webauthn.ES256)}},
		PinUvAuthParam:   []byte{}, PinUvAuthProtocol: protocolNumber(1),
	}
}
