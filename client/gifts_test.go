package client_test

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/internal/canon"
)

// gifts are the extensions of a device. It answers those that getInfo lists, in
// the simplest way that is right.
type gifts struct {
	blobs    []byte // serialized large-blob array
	staged   []byte
	carried  map[string]ctap.LargeBlobInput // by credential: blobs beside credentials
	credBlob []byte
	outputs  func(ctap.Extensions) // changes the signed outputs of any answer
}

// knowing adds extensions to a device.
func (d *device) knowing(ids ...string) *device {
	d.info.Extensions = append(d.info.Extensions, ids...)
	return d
}

// credRandom is the hmac-secret key of every credential.
var credRandom = []byte("the key of hmac-secret, 32 bytes")

// largeBlobKeyOf is a key for each credential.
func largeBlobKeyOf(id string) []byte {
	key := sha256.Sum256([]byte("large blob key of " + id))
	return key[:]
}

func (g *gifts) make(d *device, req *ctap.MakeCredentialRequest, answer *ctap.MakeCredentialResponse) (canon.Raw, error) {
	signed := ctap.Extensions{}
	for id, input := range req.Extensions {
		switch id {
		case ctap.ExtensionCredProtect, ctap.ExtensionHMACSecret:
			signed[id] = input
		case ctap.ExtensionCredBlob:
			signed[id] = mustMarshal(true)
		case ctap.ExtensionMinPINLength:
			signed[id] = mustMarshal(4)
		case ctap.ExtensionHMACSecretMC:
			out, err := d.hmacSecret(input)
			if err != nil {
				return nil, err
			}
			signed[id] = mustMarshal(out)
		case ctap.ExtensionLargeBlobKey:
			answer.LargeBlobKey = largeBlobKeyOf("a new credential")
		case ctap.ExtensionLargeBlob:
			answer.UnsignedExtensionOutputs = ctap.Extensions{id: mustMarshal(map[string]bool{"supported": true})}
		}
	}
	return g.signed(signed)
}

func (g *gifts) assert(d *device, p passkey, req *ctap.GetAssertionRequest, answer *ctap.GetAssertionResponse) (canon.Raw, error) {
	signed := ctap.Extensions{}
	for id, input := range req.Extensions {
		switch id {
		case ctap.ExtensionCredBlob:
			signed[id] = mustMarshal(g.credBlob)
		case ctap.ExtensionHMACSecret:
			out, err := d.hmacSecret(input)
			if err != nil {
				return nil, err
			}
			signed[id] = mustMarshal(out)
		case ctap.ExtensionLargeBlobKey:
			answer.LargeBlobKey = largeBlobKeyOf(p.id)
		case ctap.ExtensionLargeBlob:
			answer.UnsignedExtensionOutputs = g.carry(p.id, input)
		}
	}
	return g.signed(signed)
}

func (g *gifts) signed(outputs ctap.Extensions) (canon.Raw, error) {
	if g.outputs != nil {
		g.outputs(outputs)
	}
	if len(outputs) == 0 {
		return nil, nil
	}
	return canon.Marshal(outputs)
}

func (g *gifts) carry(id string, raw canon.Raw) ctap.Extensions {
	var in ctap.LargeBlobInput
	if err := canon.Unmarshal(raw, &in); err != nil {
		panic(err)
	}
	var out ctap.LargeBlobOutput
	if in.Write != nil {
		if g.carried == nil {
			g.carried = map[string]ctap.LargeBlobInput{}
		}
		g.carried[id] = in
		out.Written = new(true)
	} else if held, ok := g.carried[id]; ok {
		out.Blob, out.OriginalSize = held.Write, held.OriginalSize
	} else {
		return nil
	}
	return ctap.Extensions{ctap.ExtensionLargeBlob: mustMarshal(out)}
}

// hmacSecret evaluates salts as an authenticator does (CTAP 2.3 §12.7).
func (d *device) hmacSecret(raw canon.Raw) ([]byte, error) {
	var in ctap.HMACSecretInput
	if err := canon.Unmarshal(raw, &in); err != nil {
		return nil, ctap.CBORUnexpectedType
	}
	protocol := pinuv.One
	if in.PinUvAuthProtocol != nil {
		protocol = pinuv.Protocol(*in.PinUvAuthProtocol)
	}
	secret, err := d.pin.keys.Decapsulate(protocol, in.KeyAgreement)
	if err != nil || !secret.Verify(in.SaltEnc, in.SaltAuth) {
		return nil, ctap.PINAuthInvalid
	}
	salts, err := secret.Decrypt(in.SaltEnc)
	if err != nil || len(salts) != 32 && len(salts) != 64 {
		return nil, ctap.InvalidParameter
	}
	return secret.Encrypt(rand.Reader, evaluate(salts))
}

// evaluate is what pages get for salts.
func evaluate(salts []byte) (out []byte) {
	for len(salts) > 0 {
		mac := hmac.New(sha256.New, credRandom)
		mac.Write(salts[:32])
		out, salts = mac.Sum(out), salts[32:]
	}
	return out
}

// largeBlobs keeps the array as §6.10.2 says, with fragments of the size that
// maxMsgSize leaves.
func (d *device) largeBlobs(req *ctap.LargeBlobsRequest) (any, error) {
	g, offset := &d.gifted, int(*req.Offset)
	if req.Get != nil {
		end := min(offset+int(*req.Get), len(g.blobs))
		return &ctap.LargeBlobsResponse{Config: g.blobs[offset:end]}, nil
	}
	if d.pin != nil && d.pin.pin != "" {
		if req.PinUvAuthParam == nil {
			return nil, ctap.PUATRequired
		}
		message := pinuv.LargeBlobMessage(*req.Offset, req.Set)
		if _, err := d.pin.verify(message, req.PinUvAuthParam, req.PinUvAuthProtocol, "", ctap.PermissionLargeBlobWrite); err != nil {
			return nil, err
		}
	}
	if offset == 0 {
		g.staged = make([]byte, 0, *req.Length)
	}
	if offset != len(g.staged) {
		return nil, ctap.InvalidSeq
	}
	g.staged = append(g.staged, req.Set...)
	if len(g.staged) == cap(g.staged) {
		g.blobs = g.staged
	}
	return &ctap.Empty{}, nil
}

// ctx is short for those hooks that do not look at it.
type ctx = context.Context

// spell writes extension inputs so that they can be compared by eye.
func spell(inputs ctap.Extensions) string {
	var parts []string
	for _, id := range slices.Sorted(maps.Keys(inputs)) {
		parts = append(parts, fmt.Sprintf("%s:%x", id, []byte(inputs[id])))
	}
	return strings.Join(parts, " ")
}

func sha256Of(data []byte) [sha256.Size]byte { return sha256.Sum256(data) }
