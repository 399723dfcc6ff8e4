package authenticator

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"slices"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
)

// saltSize is how long each salt of hmac-secret is, in bytes (CTAP 2.3 §12.7).
const saltSize = 32

// enableHMACSecret is extension hmac-secret at makeCredential (§12.7). Every
// credential has its CredRandom, asked for or not.
func (op *makeCredential) enableHMACSecret(_ context.Context, asked bool) (produce, error) {
	if !asked {
		return nil, nil
	}
	return saying(ctap.ExtensionHMACSecret, true), nil
}

// hmacSecret is an input of hmac-secret or hmac-secret-mc in processing (§12.7).
// It needs no PIN, only the key agreement of its protocol.
type hmacSecret struct {
	a            *Authenticator
	in           *ctap.HMACSecretInput
	up, verified bool // the option up, and the bit uv of the response

	protocol pinuv.Protocol
	shared   pinuv.Secret
	salts    []byte // one or two
}

// Step 3, the user's consent, is step 9 of §6.2.2 or 14 of §6.1.2. Steps 7 to 9
// are tell, which has to wait for the credential.
var hmacSecretSteps = []step[*hmacSecret]{
	{"0 (members)", (*hmacSecret).requireMembers},
	{"1", (*hmacSecret).chooseProtocol},
	{"2", (*hmacSecret).requirePresence},
	{"4", (*hmacSecret).decapsulate},
	{"5", (*hmacSecret).verifySalts},
	{"6", (*hmacSecret).decryptSalts},
}

// evaluateHMACSecret is hmac-secret at getAssertion. The salts are remembered for
// the credentials that getNextAssertion offers.
func (op *getAssertion) evaluateHMACSecret(ctx context.Context, in ctap.HMACSecretInput) (produce, error) {
	h := &hmacSecret{a: op.a, in: &in, up: op.up, verified: op.verified}
	if err := follow(ctx, op.a.active, "12.7", h, hmacSecretSteps); err != nil {
		return nil, err
	}
	return h.tell(ctap.ExtensionHMACSecret), nil
}

func (h *hmacSecret) requireMembers(context.Context) error {
	return requireParameters(
		parameter{"keyAgreement (0x01)", h.in.KeyAgreement != nil},
		parameter{"saltEnc (0x02)", h.in.SaltEnc != nil},
		parameter{"saltAuth (0x03)", h.in.SaltAuth != nil},
	)
}

// chooseProtocol takes protocol one where none is named, as platforms of CTAP
// 2.0 do.
func (h *hmacSecret) chooseProtocol(context.Context) (err error) {
	if h.in.PinUvAuthProtocol != nil {
		h.protocol, err = h.a.protocol(h.in.PinUvAuthProtocol)
		return err
	}
	if !slices.Contains(h.a.model.Protocols, pinuv.One) {
		return ctap.Errorf(ctap.PINAuthInvalid, "pinUvAuthProtocol is missing, and protocol one is not among %v", h.a.model.Protocols)
	}
	h.protocol = pinuv.One
	return nil
}

func (h *hmacSecret) requirePresence(context.Context) error {
	if !h.up {
		return ctap.Errorf(ctap.UnsupportedOption, "option up is false")
	}
	return nil
}

func (h *hmacSecret) decapsulate(context.Context) error {
	key, err := h.a.keyAgreement(h.protocol)
	if err != nil {
		return err
	}
	if h.shared, err = key.Decapsulate(h.protocol, h.in.KeyAgreement); err != nil {
		return ctap.Errorf(ctap.InvalidParameter, "keyAgreement: %v", err)
	}
	return nil
}

func (h *hmacSecret) verifySalts(context.Context) error {
	if !h.shared.Verify(h.in.SaltEnc, h.in.SaltAuth) {
		return ctap.Errorf(ctap.PINAuthInvalid, "saltAuth does not verify")
	}
	return nil
}

func (h *hmacSecret) decryptSalts(context.Context) (err error) {
	if h.salts, err = h.shared.Decrypt(h.in.SaltEnc); err != nil {
		return ctap.Errorf(ctap.InvalidParameter, "saltEnc: %v", err)
	}
	if n := len(h.salts); n != saltSize && n != 2*saltSize {
		return ctap.Errorf(ctap.InvalidParameter, "salts of %d bytes, want %d or %d", n, saltSize, 2*saltSize)
	}
	return nil
}

// tell is steps 7 to 9: one HMAC for each salt, with the secret for verified
// users or the one for others, and only the platform can read it.
func (h *hmacSecret) tell(id string) produce {
	return func(_ context.Context, c *Credential, out *outputs) error {
		secret, err := c.credRandom(h.verified)
		if err != nil {
			return err
		}
		var results []byte
		for salt := range slices.Chunk(h.salts, saltSize) {
			mac := hmac.New(sha256.New, secret)
			mac.Write(salt)
			results = mac.Sum(results)
		}
		encrypted, err := h.shared.Encrypt(h.a.env.Random, results)
		if err != nil {
			return err
		}
		return out.signed.Set(id, encrypted)
	}
}
