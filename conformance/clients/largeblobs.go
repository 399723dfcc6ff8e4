package clients

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"io"
	"slices"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// largeBlobCases are about the large-blob array, which the client lays out
// (CTAP 2.3 §6.10).
func largeBlobCases() []testCase { return append(slices.Clone(largeBlobs), largeBlobRules...) }

// blobOf asks for an assertion that reads or writes the blob of a credential.
func (t *trial) blobOf(input map[string]any) *Request {
	t.device.giveLargeBlobs()
	r := t.discovery(with(map[string]any{"largeBlob": input}))
	p := &t.device.passkeys[len(t.device.passkeys)-1]
	p.blobKey = hashOf("the key of a large blob")
	r.List = [][]byte{p.id}
	verified(r) // since writing takes a token
	return r
}

func writes(blob string) map[string]any { return map[string]any{"write": base64url([]byte(blob))} }

// array is the large-blob array on the device.
func (t *trial) array() cbor.Array {
	n := len(t.device.blobs) - 16
	if n < 0 || !bytes.Equal(hashOf(string(t.device.blobs[:n]))[:16], t.device.blobs[n:]) {
		t.Fatalf("the array does not end in its hash")
	}
	item, err := cbor.Decode(t.device.blobs[:n])
	all, ok := item.Value.(cbor.Array)
	if err != nil || !ok {
		t.Fatalf("the array is none: %v", err)
	}
	return all
}

// openBlob decrypts an entry of the array (§6.10.3).
func openBlob(entry any, key []byte) (blob []byte, ok bool) {
	m, _ := entry.(cbor.Map)
	size, _ := intAt(m, 3)
	nonce := bytesAt(m, 2)
	block, err := aes.NewCipher(key)
	if err != nil || len(nonce) != 12 {
		return nil, false
	}
	sealing, err := cipher.NewGCM(block)
	if err != nil {
		return nil, false
	}
	data := binary.LittleEndian.AppendUint64([]byte("blob"), uint64(size))
	compressed, err := sealing.Open(nil, nonce, bytesAt(m, 1), data)
	if err != nil {
		return nil, false
	}
	blob, err = io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(compressed)), 1<<16))
	return blob, err == nil && int64(len(blob)) == size
}

var largeBlobs = []testCase{
	{
		ID: "largeblob/create", Spec: at("12.3", ""), Level: conformance.Must, Needs: needs(HasLargeBlob),
		Doc:     "A credential that is to have a large blob is asked for with largeBlobKey, which is true.",
		Catches: []string{"largeblob/key-not-asked-for"},
		Run: on(func(t *trial) {
			t.device.giveLargeBlobs()
			m, _, _ := t.made(func(r *Request) {
				t.discoverable(r)
				r.Extensions = map[string]any{"largeBlob": map[string]any{"support": "required"}}
			})
			if v, _ := extension(&m, extBlobKey); v != true {
				t.Fatalf("largeBlobKey is %s", cbor.Text(v, nil))
			}
		}),
	},
	{
		ID: "largeblob/written", Spec: at("6.10.3", ""), Level: conformance.Must, Needs: needs(HasLargeBlob),
		Doc:     "A blob is written compressed and encrypted, in an array that ends in its hash.",
		Catches: []string{"largeblob/in-clear", "largeblob/not-written"},
		Run: on(func(t *trial) {
			r := t.blobOf(writes("a large blob"))
			t.accepted(r)
			all := t.array()
			if len(all) != 1 {
				t.Fatalf("the array has %d entries, want one", len(all))
			}
			blob, ok := openBlob(all[0], hashOf("the key of a large blob"))
			if !ok {
				t.Fatalf("the entry cannot be decrypted or inflated: %s", cbor.Text(all[0], nil))
			}
			t.same("the blob", []byte("a large blob"), blob)
		}),
	},
	{
		ID: "largeblob/others-kept", Spec: at("6.10.3", ""), Level: conformance.Must, Needs: needs(HasLargeBlob),
		Doc:     "Entries of other credentials are kept when one is written.",
		Catches: []string{"largeblob/others-lost"},
		Run: on(func(t *trial) {
			r := t.blobOf(writes("a large blob"))
			array := cbor.Encode(cbor.Array{cbor.Map{{Key: 1, Value: []byte("another's")}, {Key: 2, Value: make([]byte, 12)}, {Key: 3, Value: 9}}})
			t.device.blobs = append(array, hashOf(string(array))[:16]...)
			t.accepted(r)
			if n := len(t.array()); n != 2 {
				t.Fatalf("the array has %d entries, want two", n)
			}
		}),
	},
	{
		ID: "largeblob/read", Spec: at("6.10.3", ""), Level: conformance.Must, Needs: needs(HasLargeBlob),
		Doc:     "A blob that was written is read.",
		Catches: []string{"largeblob/never-read"},
		Run: on(func(t *trial) {
			r := t.blobOf(writes("a large blob"))
			t.accepted(r)
			r.Extensions = map[string]any{"largeBlob": map[string]any{"read": true}}
			got := t.accepted(r)
			t.same("the blob", []byte("a large blob"), decoded(output(got, "largeBlob"), "blob"))
		}),
	},
	{
		ID: "largeblob/corrupt", Spec: at("6.10.3", ""), Level: conformance.Must, Needs: needs(HasLargeBlob), Twin: "largeblob/written",
		Doc:     "An array that does not end in its hash counts as empty.",
		Catches: []string{"largeblob/corrupt-ends-all"},
		Run: on(func(t *trial) {
			r := t.blobOf(writes("a large blob"))
			t.device.blobs = bytes.Repeat([]byte{0x81}, 40)
			t.accepted(r)
			if n := len(t.array()); n != 1 {
				t.Fatalf("the array has %d entries, want one", n)
			}
		}),
	},
	{
		ID: "largeblob/fragments", Spec: at("6.10.2", ""), Level: conformance.MustNot, Needs: needs(HasLargeBlob),
		Doc:     "No fragment that is asked for or sent is longer than maxMsgSize less 64 bytes.",
		Catches: []string{"largeblob/whole"},
		Run: on(func(t *trial) {
			random := make([]byte, 1500)
			_, _ = t.Random.Read(random) // which never fails
			r := t.blobOf(writes(string(random)))
			t.device.script.with(infoMaxMsgSize, 1024)
			t.accepted(r)
			for _, m := range t.sent(ctap.CommandLargeBlobs) {
				n, _ := intAt(m.params, blobGet)
				if n > 960 || len(bytesAt(m.params, blobSet)) > 960 {
					t.Fatalf("a fragment of %d bytes, at most 960 are allowed", max(int(n), len(bytesAt(m.params, blobSet))))
				}
			}
		}),
	},
	{
		ID: "largeblob/endless", Spec: at("6.10.2", ""), Level: conformance.Should, Needs: needs(HasLargeBlob), Limit: limit,
		Doc:     "An array that never ends is not read for ever.",
		Catches: []string{"largeblob/without-end"},
		Run: on(func(t *trial) {
			r := t.blobOf(map[string]any{"read": true})
			t.device.script.raw = map[ctap.Command]func([]byte) []byte{ctap.CommandLargeBlobs: func([]byte) []byte {
				if len(t.device.log) > tooManyFragments {
					return []byte{byte(ctap.Other)}
				}
				m := t.device.script.fragment
				return append([]byte{0}, cbor.Encode(cbor.Map{{Key: blobConfig, Value: make([]byte, m)}})...)
			}}
			t.device.script.fragment = 1200 - 64
			t.perform(r)
			if n := len(t.sent(ctap.CommandLargeBlobs)); n >= tooManyFragments-10 {
				t.Fatalf("%d fragments were read, and more would have been", n)
			}
		}),
	},
}

// tooManyFragments is more than any array has.
const tooManyFragments = 500
