package client_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
	"github.com/passkeylab/passkeylab/webauthn"
)

// device is the far end of a ctap.Transport that behaves as told. It holds
// what passkeys gives it, makes credentials that all have the same key, and
// signs nothing: this package does not look at signatures.
type device struct {
	info     ctap.GetInfoResponse
	passkeys []passkey

	// A hook that is set answers instead of the device.
	onInfo   func(ctx context.Context) error
	onMake   func(context.Context, *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error)
	onAssert func(context.Context, *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error)
	onNext   func() (*ctap.GetAssertionResponse, error)
	onSelect func(ctx context.Context) error
	onBlobs  func(*ctap.LargeBlobsRequest) (any, error)

	pin    *pinKey // nil: knows nothing of clientPIN
	gifted gifts   // what it can do of extensions

	mu    sync.Mutex
	asked []ctap.Request
	queue []passkey // for getNextAssertion
	uv    bool      // of the assertion that the queue belongs to

	inputs *ctap.GetAssertionRequest // that assertion
}

type passkey struct {
	id, rpID string
	user     *ctap.UserEntity // nil: not discoverable
}

const site = "example.com"

var page = client.Caller{Origin: "https://" + site}

// securityKey returns a device like a modern USB key with a fingerprint reader.
func securityKey() *device {
	return &device{info: ctap.GetInfoResponse{
		Versions: []string{ctap.VersionFIDO20, ctap.VersionFIDO21}, AAGUID: []byte("model: a usb key"),
		Options:                  map[string]bool{ctap.OptionRK: true, ctap.OptionUV: true, ctap.OptionMakeCredUvNotRqd: true},
		MaxCredentialCountInList: 8, MaxCredentialIDLength: 64,
		Transports: []string{webauthn.TransportUSB, webauthn.TransportNFC},
	}}
}

// laptop returns a device like the authenticator built into a computer.
func laptop() *device {
	d := securityKey()
	d.info.Options[ctap.OptionPlat] = true
	d.info.Transports = []string{webauthn.TransportInternal}
	return d
}

// holding adds passkeys for the site, named by their users.
func (d *device) holding(users ...string) *device {
	for _, u := range users {
		d.passkeys = append(d.passkeys, passkey{"id of " + u, site, &ctap.UserEntity{ID: []byte("handle of " + u), Name: u}})
	}
	return d
}

func (d *device) Exchange(ctx context.Context, raw []byte) ([]byte, error) {
	req, err := ctap.DecodeRequest(raw)
	if err != nil {
		return ctap.EncodeResponse(nil, err), nil
	}
	d.mu.Lock()
	d.asked = append(d.asked, req)
	d.mu.Unlock()
	return ctap.EncodeResponse(d.do(ctx, req)), nil
}

func (d *device) do(ctx context.Context, req ctap.Request) (any, error) {
	switch req := req.(type) {
	case *ctap.GetInfoRequest:
		if d.onInfo != nil {
			return &d.info, d.onInfo(ctx)
		}
		return &d.info, nil
	case *ctap.MakeCredentialRequest:
		if d.onMake != nil {
			return d.onMake(ctx, req)
		}
		return d.make(req)
	case *ctap.GetAssertionRequest:
		if d.onAssert != nil {
			return d.onAssert(ctx, req)
		}
		return d.assert(req)
	case *ctap.GetNextAssertionRequest:
		if d.onNext != nil {
			return d.onNext()
		}
		return d.next()
	case *ctap.SelectionRequest:
		if d.onSelect != nil {
			return &ctap.Empty{}, d.onSelect(ctx)
		}
		return &ctap.Empty{}, nil
	case *ctap.ClientPINRequest:
		if d.pin != nil {
			return d.pin.do(req)
		}
	case *ctap.LargeBlobsRequest:
		if d.onBlobs != nil {
			return d.onBlobs(req)
		}
		return d.largeBlobs(req)
	}
	return nil, ctap.InvalidCommand
}

func (d *device) make(req *ctap.MakeCredentialRequest) (*ctap.MakeCredentialResponse, error) {
	byToken, err := d.pin.verify(req.ClientDataHash, req.PinUvAuthParam, req.PinUvAuthProtocol, req.RP.ID, ctap.PermissionMakeCredential)
	if err != nil {
		return nil, err
	}
	if d.holds(req.RP.ID, req.ExcludeList) {
		return nil, ctap.CredentialExcluded
	}
	d.pin.consume()
	answer := &ctap.MakeCredentialResponse{Format: webauthn.FormatPacked, Statement: selfStatement}
	data := newAuthData(req.RP.ID, uvOf(req.Options) || byToken, d.info.AAGUID)
	data.Extensions, err = d.gifted.make(d, req, answer)
	answer.AuthData = data.Marshal()
	return answer, err
}

// selfStatement has the shape of a self attestation.
var selfStatement = mustMarshal(webauthn.PackedStatement{Algorithm: webauthn.ES256, Signature: []byte("signature")})

func newAuthData(rpID string, uv bool, aaguid []byte) *webauthn.AuthenticatorData {
	return &webauthn.AuthenticatorData{
		RPIDHash: sha256.Sum256([]byte(rpID)),
		Flags:    webauthn.UserPresent.With(webauthn.UserVerified, uv),
		Attested: &webauthn.AttestedCredential{
			AAGUID: webauthn.AAGUID(aaguid), CredentialID: []byte("a new credential"), PublicKey: coseKey,
		},
	}
}

func (d *device) holds(rpID string, list []ctap.Descriptor) bool {
	return len(list) > 0 && len(d.matching(rpID, list)) > 0
}

func (d *device) matching(rpID string, list []ctap.Descriptor) (found []passkey) {
	for _, p := range d.passkeys {
		listed := len(list) == 0 && p.user != nil
		for _, entry := range list {
			listed = listed || string(entry.ID) == p.id
		}
		if p.rpID == rpID && listed {
			found = append(found, p)
		}
	}
	return found
}

func (d *device) assert(req *ctap.GetAssertionRequest) (*ctap.GetAssertionResponse, error) {
	byToken, err := d.pin.verify(req.ClientDataHash, req.PinUvAuthParam, req.PinUvAuthProtocol, req.RPID, ctap.PermissionGetAssertion)
	if err != nil {
		return nil, err
	}
	found := d.matching(req.RPID, req.AllowList)
	if len(found) == 0 {
		return nil, ctap.NoCredentials
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue, d.uv, d.inputs = nil, uvOf(req.Options) || byToken, req
	up := req.Options == nil || req.Options.UP == nil
	if up {
		d.pin.consume()
	}
	answer, err := d.answer(found[0], up)
	if err != nil {
		return nil, err
	}
	if len(req.AllowList) == 0 && len(found) > 1 {
		d.queue = found[1:]
		answer.NumberOfCredentials = uint64(len(found))
	}
	return answer, nil
}

func (d *device) next() (*ctap.GetAssertionResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.queue) == 0 {
		return nil, ctap.NotAllowed
	}
	p := d.queue[0]
	d.queue = d.queue[1:]
	return d.answer(p, true)
}

func (d *device) answer(p passkey, up bool) (*ctap.GetAssertionResponse, error) {
	data := webauthn.AuthenticatorData{
		RPIDHash: sha256.Sum256([]byte(p.rpID)),
		Flags:    webauthn.Flags(0).With(webauthn.UserPresent, up).With(webauthn.UserVerified, d.uv),
	}
	r := &ctap.GetAssertionResponse{
		Credential: &ctap.Descriptor{Type: ctap.PublicKey, ID: []byte(p.id)}, Signature: []byte("signature"),
	}
	if p.user != nil {
		r.User = &ctap.UserEntity{ID: p.user.ID}
		if d.uv {
			r.User.Name = p.user.Name
		}
	}
	var err error
	data.Extensions, err = d.gifted.assert(d, p, d.inputs, r)
	r.AuthData = data.Marshal()
	return r, err
}

// sent returns the requests of one type in their order.
func sent[R ctap.Request](d *device) (found []R) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, req := range d.asked {
		if r, ok := req.(R); ok {
			found = append(found, r)
		}
	}
	return found
}

func uvOf(o *ctap.Options) bool { return o != nil && o.UV != nil && *o.UV }

// testKey is the P-256 key whose private part is 1.
var testKey = func() *ecdsa.PrivateKey {
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), append(make([]byte, 31), 1))
	if err != nil {
		panic(err)
	}
	return k
}()

var coseKey = func() canon.Raw {
	k, err := webauthn.EncodeCOSEKey(webauthn.ES256, &testKey.PublicKey)
	if err != nil {
		panic(err)
	}
	return k
}()

func mustMarshal(v any) canon.Raw {
	b, err := canon.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// newClient returns a client with the devices within reach, named "0", "1"
// and so on.
func newClient(t testing.TB, devices []*device, change ...func(*client.Config)) *client.Client {
	t.Helper()
	attached := make([]client.Authenticator, len(devices))
	for i, d := range devices {
		attached[i] = client.Authenticator{Name: fmt.Sprint(i), Transport: d}
	}
	config := client.Config{Authenticators: client.Attached(attached...)}
	for _, c := range change {
		c(&config)
	}
	c, err := client.New(config)
	require.NoError(t, err)
	return c
}

func only(d *device) []*device { return []*device{d} }

func creationOptions(change ...func(*webauthn.CreationOptions)) *webauthn.CreationOptions {
	o := &webauthn.CreationOptions{
		RP:               webauthn.RPEntity{ID: site, Name: "Example"},
		User:             webauthn.UserEntity{ID: []byte("handle"), Name: "alice@example.com", DisplayName: "Alice"},
		Challenge:        []byte("a challenge of the relying party"),
		PubKeyCredParams: []webauthn.Parameters{{Type: "public-key", Algorithm: webauthn.ES256}},
	}
	for _, c := range change {
		c(o)
	}
	return o
}

func requestOptions(change ...func(*webauthn.RequestOptions)) *webauthn.RequestOptions {
	o := &webauthn.RequestOptions{RPID: site, Challenge: []byte("a challenge of the relying party")}
	for _, c := range change {
		c(o)
	}
	return o
}

func descriptorList(ids ...string) (list []webauthn.Descriptor) {
	for _, id := range ids {
		list = append(list, webauthn.Descriptor{Type: "public-key", ID: webauthn.Base64URL(id)})
	}
	return list
}

// exception asserts that err is a DOMException of that name and returns it.
func exception(t testing.TB, err error, name string) *webauthn.DOMException {
	t.Helper()
	var e *webauthn.DOMException
	require.ErrorAs(t, err, &e)
	require.Equal(t, name, e.Name, "%v; cause: %v", e, e.Cause)
	return e
}
