package authenticator_test

import (
	"bytes"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/internal/seed"
)

// platform is the other side of the PIN/UV auth protocols: what a client does
// with a device, for tests of the device.
type platform struct {
	r        *rig
	protocol pinuv.Protocol
	token    []byte // the last one granted
}

const pin = "271828"

// insisted is the answer to a request, on which it insists.
func insisted[Resp any](p *platform, req ctap.RequestFor[Resp]) *Resp {
	p.r.t.Helper()
	resp, err := ctap.Call(p.r.ctx(), p.r, req)
	require.NoError(p.r.t, err)
	return resp
}

// platform returns one that uses protocol p.
func (r *rig) platform(p pinuv.Protocol) *platform { return &platform{r: r, protocol: p} }

// withPIN returns a platform whose device has the PIN [pin].
func (r *rig) withPIN() *platform {
	r.t.Helper()
	p := r.platform(pinuv.Two)
	require.Equal(r.t, ctap.OK, p.setPIN(pin))
	return p
}

func (p *platform) number() *uint64 { return ptr(uint64(p.protocol)) }

// agree fetches the device's key and agrees on a secret.
func (p *platform) agree() (*ctap.KeyAgreement, pinuv.Secret) {
	p.r.t.Helper()
	resp := insisted(p, &ctap.ClientPINRequest{SubCommand: ctap.GetKeyAgreement, PinUvAuthProtocol: p.number()})
	key, shared, err := pinuv.Encapsulate(seed.Stream(1, "platform"), p.protocol, resp.KeyAgreement)
	require.NoError(p.r.t, err)
	return key, shared
}

func (p *platform) encrypt(shared pinuv.Secret, plain []byte) []byte {
	p.r.t.Helper()
	out, err := shared.Encrypt(seed.Stream(2, "platform"), plain)
	require.NoError(p.r.t, err)
	return out
}

// padded is a new PIN as it is encrypted, also one that no platform would send.
func padded(pin string) []byte { return append([]byte(pin), make([]byte, 64-len(pin))...) }

func (p *platform) setPIN(pin string, change ...func(*ctap.ClientPINRequest)) ctap.Status {
	p.r.t.Helper()
	key, shared := p.agree()
	enc := p.encrypt(shared, padded(pin))
	return p.r.status(changed(&ctap.ClientPINRequest{
		SubCommand: ctap.SetPIN, PinUvAuthProtocol: p.number(), KeyAgreement: key,
		NewPINEnc: enc, PinUvAuthParam: shared.Authenticate(enc),
	}, change))
}

func (p *platform) changePIN(from, to string, change ...func(*ctap.ClientPINRequest)) ctap.Status {
	p.r.t.Helper()
	key, shared := p.agree()
	enc, hash := p.encrypt(shared, padded(to)), p.encrypt(shared, pinuv.HashPIN(from))
	return p.r.status(changed(&ctap.ClientPINRequest{
		SubCommand: ctap.ChangePIN, PinUvAuthProtocol: p.number(), KeyAgreement: key,
		NewPINEnc: enc, PINHashEnc: hash, PinUvAuthParam: shared.Authenticate(bytes.Join([][]byte{enc, hash}, nil)),
	}, change))
}

// grant asks for a token: by PIN, or, where pin is "", by built-in user
// verification. rpID "" is left out.
func (p *platform) grant(pin string, permissions ctap.Permissions, rpID string, change ...func(*ctap.ClientPINRequest)) error {
	p.r.t.Helper()
	key, shared := p.agree()
	req := &ctap.ClientPINRequest{
		SubCommand: ctap.GetPinUvAuthTokenUsingUvWithPermissions, PinUvAuthProtocol: p.number(), KeyAgreement: key, Permissions: &permissions,
	}
	if pin != "" {
		req.SubCommand = ctap.GetPinUvAuthTokenUsingPinWithPermissions
		req.PINHashEnc = p.encrypt(shared, pinuv.HashPIN(pin))
	}
	if rpID != "" {
		req.RPID = &rpID
	}
	resp, err := ctap.Call(p.r.ctx(), p.r, changed(req, change))
	if err == nil {
		p.token, err = shared.Decrypt(resp.PinUvAuthToken)
	}
	return err
}

// granted insists on a token.
func (p *platform) granted(permissions ctap.Permissions, rpID string) *platform {
	p.r.t.Helper()
	require.NoError(p.r.t, p.grant(pin, permissions, rpID))
	return p
}

// sign is a pinUvAuthParam over message.
func (p *platform) sign(message []byte) []byte { return p.protocol.Authenticate(p.token, message) }

// creating and asserting add the token to a request.
func (p *platform) creating(req *ctap.MakeCredentialRequest) {
	req.Options = &ctap.Options{RK: ptr(true)}
	req.PinUvAuthParam, req.PinUvAuthProtocol = p.sign(req.ClientDataHash), p.number()
}

func (p *platform) asserting(req *ctap.GetAssertionRequest) {
	req.Options = nil
	req.PinUvAuthParam, req.PinUvAuthProtocol = p.sign(req.ClientDataHash), p.number()
}

// retries asks how many attempts are left.
func (p *platform) retries() (pin uint64, blocked bool) {
	p.r.t.Helper()
	resp := insisted(p, &ctap.ClientPINRequest{SubCommand: ctap.GetPINRetries})
	require.NotNil(p.r.t, resp.PINRetries)
	return *resp.PINRetries, resp.PowerCycleState != nil && *resp.PowerCycleState
}

func changed[T any](req *T, changes []func(*T)) *T {
	for _, c := range changes {
		c(req)
	}
	return req
}

// pinKey is a security key that verifies by PIN alone.
func pinKey(change ...func(*authenticator.Model)) authenticator.Model {
	m := authenticator.SecurityKey()
	m.UV, m.UVModality = authenticator.NoUV, 0
	for _, c := range change {
		c(&m)
	}
	return m
}
