package authenticator

import (
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

// extension is what one extension does (CTAP 2.3 §12). Each function reads the
// extension's input, refuses what is wrong with it, and returns what is left to
// do once there is a credential to do it with; nil where the command, or this
// input, asks for nothing.
type extension struct {
	create func(op *makeCredential, input canon.Raw) (produce, error)
	assert func(op *getAssertion, input canon.Raw) (produce, error)
}

// produce adds what an extension has to say of a credential.
type produce func(c *Credential, out *outputs) error

// outputs are what the extensions of one response say.
type outputs struct {
	signed       ctap.Extensions // in authenticator data
	unsigned     ctap.Extensions // beside it
	largeBlobKey []byte
}

// extensions is the table of what is implemented. Which of them a device has,
// its model says.
var extensions = map[string]extension{
	ctap.ExtensionCredProtect:         {},
	ctap.ExtensionHMACSecret:          {},
	ctap.ExtensionHMACSecretMC:        {},
	ctap.ExtensionCredBlob:            {},
	ctap.ExtensionLargeBlobKey:        {},
	ctap.ExtensionLargeBlob:           {},
	ctap.ExtensionMinPINLength:        {},
	ctap.ExtensionPINComplexityPolicy: {},
	ctap.ExtensionThirdPartyPayment:   {},
	ctap.ExtensionUVM:                 {},
}

// Extensions work in a fixed order, so that a run draws the same randomness.
var extensionOrder = []string{}

// read has every extension that the device has and the request names read its
// input. Others are ignored (§6.1.2 step 15, §6.2.2 step 10).
func (m *Model) readExtensions(inputs ctap.Extensions, read func(extension, canon.Raw) (produce, error)) ([]produce, error) {
	if len(inputs) == 0 {
		return nil, nil
	}
	var due []produce
	for _, id := range extensionOrder {
		input, asked := inputs[id]
		if !asked || !m.extension(id) {
			continue
		}
		p, err := read(extensions[id], input)
		if err != nil {
			return nil, err
		}
		if p != nil {
			due = append(due, p)
		}
	}
	return due, nil
}

// run collects what the extensions say of c. The signed outputs come encoded,
// nil where there are none.
func run(due []produce, c *Credential) (out outputs, signed []byte, err error) {
	for _, p := range due {
		if err := p(c, &out); err != nil {
			return out, nil, err
		}
	}
	if len(out.signed) > 0 {
		signed, err = canon.Marshal(out.signed)
	}
	return out, signed, err
}
