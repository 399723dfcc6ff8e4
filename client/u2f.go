package client

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/u2f"
	"github.com/passkeylab/passkeylab/webauthn"
)

// u2fFace makes of an authenticator that speaks U2F one that speaks CTAP2 and can
// do nothing else: it holds no discoverable credentials, verifies nobody and has
// no extensions (CTAP 2.3 §10). The rest of the client sees no difference; it sends
// nothing that getInfo does not list, and hashes of 32 bytes.
//
// What the authenticator refuses for a reason that CTAP2 has no status for is an
// error of the transport.
type u2fFace struct {
	device u2f.Transport
	pause  func(context.Context) error // between two questions whether the user has touched it
}

var _ ctap.Transport = (*u2fFace)(nil)

// u2fPoll is how long the client waits before it asks again for a touch.
const u2fPoll = 200 * time.Millisecond

// pause lasts for [u2fPoll], or until ctx ends, whose error it then is.
func (c *Client) pause(ctx context.Context) error {
	wait, cancel := c.config.Deadline(ctx, u2fPoll)
	defer cancel()
	<-wait.Done()
	return ctx.Err()
}

// overU2F is the authenticator as it is to whom speaks U2F to it.
func (c *Client) overU2F(a *candidate) *candidate {
	other := *a.Authenticator
	other.Transport, other.U2F = &u2fFace{device: a.U2F, pause: c.pause}, nil
	face := &candidate{Authenticator: &other, info: u2fInfo()}
	if a.info != nil {
		other.Attachment, face.info.Transports = a.attachment(), a.info.Transports
	}
	return face
}

// alsoU2F reports whether an authenticator that speaks CTAP2 lets itself be used
// by U2F, too. It does not while every ceremony needs verification (§7.2.4).
func (a *candidate) alsoU2F() bool {
	return a.U2F != nil && a.supports(ctap.VersionU2FV2) && !a.info.Option(ctap.OptionAlwaysUv)
}

// Exchange implements [ctap.Transport].
func (f *u2fFace) Exchange(ctx context.Context, raw []byte) ([]byte, error) {
	req, err := ctap.DecodeRequest(raw)
	if err != nil {
		return ctap.EncodeResponse(nil, err), nil
	}
	answer, err := f.answer(ctx, req)
	if err != nil && !isStatus(err) {
		return nil, err
	}
	return ctap.EncodeResponse(answer, err), nil
}

func (f *u2fFace) answer(ctx context.Context, req ctap.Request) (any, error) {
	switch req := req.(type) {
	case *ctap.GetInfoRequest:
		return f.getInfo(ctx)
	case *ctap.MakeCredentialRequest:
		return f.register(ctx, req)
	case *ctap.GetAssertionRequest:
		return f.authenticate(ctx, req)
	}
	return nil, ctap.Errorf(ctap.InvalidCommand, "U2F has nothing like %s", req.Command())
}

// getInfo asks for the version of U2F, of which there is one.
func (f *u2fFace) getInfo(ctx context.Context) (any, error) {
	answer, err := u2f.Call(ctx, f.device, &u2f.VersionRequest{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", u2f.InstructionVersion, err)
	}
	if answer.Version != u2f.V2 {
		return nil, fmt.Errorf("%s: it speaks %q, not %q", u2f.InstructionVersion, answer.Version, u2f.V2)
	}
	return u2fInfo(), nil
}

// u2fInfo is what getInfo would say.
func u2fInfo() *ctap.GetInfoResponse {
	return &ctap.GetInfoResponse{
		Versions: []string{ctap.VersionU2FV2}, AAGUID: make([]byte, len(webauthn.AAGUID{})),
		MaxMsgSize: ctap.MaxMsgSize, MaxCredentialCountInList: maxList, MaxCredentialIDLength: u2f.MaxKeyHandle,
	}
}

// find returns the first credential of a list that the authenticator holds for
// the application. Nobody is asked for a touch, and nothing is signed (U2F Raw
// Message Formats §5.1, check-only).
func (f *u2fFace) find(ctx context.Context, application u2f.Parameter, list []ctap.Descriptor) (*ctap.Descriptor, error) {
	for i, d := range list {
		if len(d.ID) > u2f.MaxKeyHandle {
			continue
		}
		_, err := u2f.Call(ctx, f.device, &u2f.AuthenticateRequest{Control: u2f.CheckOnly, Application: application, KeyHandle: d.ID})
		switch {
		case err == nil, errors.Is(err, u2f.ConditionsNotSatisfied):
			return &list[i], nil
		case !isForeign(err, d.ID):
			return nil, fmt.Errorf("%s, check-only: %w", u2f.InstructionAuthenticate, err)
		}
	}
	return nil, nil
}

// isForeign reports whether the authenticator says that a key handle is not its
// own. Some call it a wrong length, and some give the length as status.
func isForeign(err error, handle []byte) bool {
	return errors.Is(err, u2f.WrongData) || errors.Is(err, u2f.WrongLength) || errors.Is(err, u2f.Status(len(handle)))
}

// touch waits until the user touches the authenticator, by a registration that
// nobody keeps. Its parameters are those that Chromium sends, which some firmware
// recognises.
func (f *u2fFace) touch(ctx context.Context) error {
	dummy := &u2f.RegisterRequest{}
	for i := range u2f.ParameterSize {
		dummy.Application[i], dummy.Challenge[i] = 'A', 'B'
	}
	_, err := untilTouched(ctx, f, dummy)
	return err
}

// untilTouched sends a request again and again: an authenticator that speaks U2F
// does not wait for its user, but says that it wants a touch (§4.2, §5.2). It ends
// with ctx at the latest.
func untilTouched[Resp any, P interface {
	*Resp
	u2f.Response
}](ctx context.Context, f *u2fFace, req u2f.RequestFor[Resp]) (*Resp, error) {
	for {
		answer, err := u2f.Call[Resp, P](ctx, f.device, req)
		if err == nil {
			return answer, nil
		}
		if !errors.Is(err, u2f.ConditionsNotSatisfied) {
			return nil, fmt.Errorf("%s: %w", req.Instruction(), err)
		}
		if err := f.pause(ctx); err != nil {
			return nil, err
		}
	}
}

// application is what U2F knows an RP ID or an AppID by.
func application(id string) u2f.Parameter { return sha256.Sum256([]byte(id)) }
