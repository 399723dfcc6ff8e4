package authenticator

import (
	"context"

	"github.com/passkeylab/passkeylab/ctap"
)

// supports reports whether the device has a command. The others are unknown to
// it, whatever follows their byte (CTAP 2.3 §8.1).
func (m *Model) supports(c ctap.Command) bool {
	if m.u2fAlone() {
		return false
	}
	switch c {
	case ctap.CommandClientPIN:
		return len(m.Protocols) > 0
	case ctap.CommandBioEnrollment:
		return m.Bio.Templates > 0
	case ctap.CommandBioEnrollmentPreview:
		return m.Bio.Templates > 0 && m.Previews
	case ctap.CommandCredentialManagement:
		return m.hasCredMgmt()
	case ctap.CommandCredentialManagementPreview:
		return m.CredMgmt && m.Previews
	case ctap.CommandLargeBlobs:
		return m.MaxLargeBlobs > 0
	case ctap.CommandConfig:
		return m.hasConfig()
	}
	return true
}

// dispatch also ends what the request before began, unless this one goes on with
// it: a stateful sequence may be dropped on any other command (§6 item 2), and
// is.
func (a *Authenticator) dispatch(ctx context.Context, req ctap.Request) (any, error) {
	if !continues(req) {
		a.session.sequence = nil
	}
	if req != nil && !a.model.supports(req.Command()) {
		return nil, ctap.Errorf(ctap.InvalidCommand, "this device has no %s", req.Command())
	}
	switch req := req.(type) {
	case *ctap.MakeCredentialRequest:
		return a.makeCredential(ctx, req)
	case *ctap.GetAssertionRequest:
		return a.getAssertion(ctx, req)
	case *ctap.GetNextAssertionRequest:
		return a.getNextAssertion(ctx)
	case *ctap.GetInfoRequest:
		return a.getInfo(ctx)
	case *ctap.ClientPINRequest:
		return a.clientPIN(ctx, req)
	case *ctap.BioEnrollmentRequest:
		return a.bioEnrollment(ctx, req)
	case *ctap.CredentialManagementRequest:
		return a.credentialManagement(ctx, req)
	case *ctap.LargeBlobsRequest:
		return a.largeBlobs(ctx, req)
	case *ctap.ConfigRequest:
		return a.config(ctx, req)
	case *ctap.SelectionRequest:
		return a.selection(ctx)
	case *ctap.ResetRequest:
		return a.reset(ctx)
	}
	return nil, ctap.Errorf(ctap.InvalidCommand, "%T is not implemented", req)
}

// continues reports whether a request may go on with a sequence; if it does, it
// takes it first.
func continues(req ctap.Request) bool {
	switch req := req.(type) {
	case *ctap.GetNextAssertionRequest:
		return true
	case *ctap.CredentialManagementRequest:
		return req.SubCommand == ctap.EnumerateRPsGetNextRP || req.SubCommand == ctap.EnumerateCredentialsGetNextCredential
	case *ctap.LargeBlobsRequest:
		return true
	}
	return false
}
