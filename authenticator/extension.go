package authenticator

import (
	"context"
	"fmt"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

// extension is what one extension does (CTAP 2.3 §12). Each function reads the
// extension's input, refuses what is wrong with it, and returns what is left to
// do once there is a credential to do it with; nil where this input asks for
// nothing. A function that is nil says that the command takes no such input.
type extension struct {
	id     string
	create func(*makeCredential, context.Context, canon.Raw) (produce, error)
	assert func(*getAssertion, context.Context, canon.Raw) (produce, error)
}

// produce adds what an extension has to say of a credential.
type produce func(ctx context.Context, c *Credential, out *outputs) error

// outputs are what the extensions of one response say.
type outputs struct {
	signed       ctap.Extensions // in authenticator data
	unsigned     ctap.Extensions // beside it
	largeBlobKey []byte
	changed      *Credential // the credential as it is to be kept from now on; nil = as it is
}

// extensions is the table of what is implemented. Which of them a device has,
// its model says. They work in this order, so that a run draws the same
// randomness.
var extensions = []extension{
	{
		id:     ctap.ExtensionCredProtect,
		create: reading((*canon.Reader).Uint, (*makeCredential).protect),
	},
	{
		id:     ctap.ExtensionCredBlob,
		create: reading((*canon.Reader).Bytes, (*makeCredential).keepCredBlob),
		assert: reading((*canon.Reader).Bool, (*getAssertion).tellCredBlob),
	},
	{
		id:     ctap.ExtensionLargeBlobKey,
		create: reading((*canon.Reader).Bool, (*makeCredential).drawLargeBlobKey),
		assert: reading((*canon.Reader).Bool, (*getAssertion).tellLargeBlobKey),
	},
	{
		id:     ctap.ExtensionLargeBlob,
		create: reading(structure[ctap.LargeBlobInput], (*makeCredential).supportLargeBlob),
		assert: reading(structure[ctap.LargeBlobInput], (*getAssertion).accessLargeBlob),
	},
	{
		id:     ctap.ExtensionMinPINLength,
		create: reading((*canon.Reader).Bool, (*makeCredential).tellMinPINLength),
	},
	{
		id:     ctap.ExtensionPINComplexityPolicy,
		create: reading((*canon.Reader).Bool, (*makeCredential).tellPINComplexityPolicy),
	},
	{
		id:     ctap.ExtensionHMACSecret,
		create: reading((*canon.Reader).Bool, (*makeCredential).enableHMACSecret),
		assert: reading(structure[ctap.HMACSecretInput], (*getAssertion).evaluateHMACSecret),
	},
	{
		id:     ctap.ExtensionHMACSecretMC,
		create: reading(structure[ctap.HMACSecretInput], (*makeCredential).evaluateHMACSecret),
	},
	{
		id:     ctap.ExtensionThirdPartyPayment,
		create: reading((*canon.Reader).Bool, (*makeCredential).allowThirdPartyPayment),
		assert: reading((*canon.Reader).Bool, (*getAssertion).tellThirdPartyPayment),
	},
	{
		id:     ctap.ExtensionUVM,
		create: reading((*canon.Reader).Bool, (*makeCredential).tellUVM),
		assert: reading((*canon.Reader).Bool, (*getAssertion).tellUVM),
	},
}

// implemented reports whether an extension is in the table.
func implemented(id string) bool {
	return slices.ContainsFunc(extensions, func(e extension) bool { return e.id == id })
}

// reading decodes an extension's input for the function that acts on it. What is
// of another type is refused (§8).
func reading[Op, In any](read func(*canon.Reader) In, act func(Op, context.Context, In) (produce, error)) func(Op, context.Context, canon.Raw) (produce, error) {
	return func(op Op, ctx context.Context, input canon.Raw) (produce, error) {
		var in In
		if err := canon.Read(input, func(r *canon.Reader) { in = read(r) }); err != nil {
			return nil, ctap.Errorf(ctap.CBORUnexpectedType, "the input: %v", err)
		}
		return act(op, ctx, in)
	}
}

// structure reads an input that is a map.
func structure[In any](r *canon.Reader) (in In) {
	r.Fail(canon.Unmarshal(r.Raw(), &in))
	return in
}

// readExtensions has every extension that the device has and the request names
// read its input. Others are ignored (§6.1.2 step 15, §6.2.2 step 10).
func (m *Model) readExtensions(inputs ctap.Extensions, read func(*extension, canon.Raw) (produce, error)) ([]produce, error) {
	if len(inputs) == 0 {
		return nil, nil
	}
	var due []produce
	for i := range extensions {
		e := &extensions[i]
		input, asked := inputs[e.id]
		if !asked || !m.extension(e.id) {
			continue
		}
		p, err := read(e, input)
		if err != nil {
			return nil, fmt.Errorf("extension %s: %w", e.id, err)
		}
		if p != nil {
			due = append(due, p)
		}
	}
	return due, nil
}

// run collects what the extensions say of c. The signed outputs come encoded,
// nil where there are none.
func run(ctx context.Context, due []produce, c *Credential) (out outputs, signed []byte, err error) {
	for _, p := range due {
		if err := p(ctx, c, &out); err != nil {
			return out, nil, err
		}
	}
	if len(out.signed) > 0 {
		signed, err = canon.Marshal(out.signed)
	}
	return out, signed, err
}

// saying is a signed output that does not depend on the credential.
func saying(id string, v any) produce {
	return func(_ context.Context, _ *Credential, out *outputs) error { return out.signed.Set(id, v) }
}
