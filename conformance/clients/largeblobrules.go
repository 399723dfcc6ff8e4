package clients

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// theBlobKey is that of the credential of [trial.blobOf].
var theBlobKey = hashOf("the key of a large blob")

// sealed is an entry of the array (§6.10.3), which says that its blob has size bytes.
func sealed(key []byte, nonce byte, blob string, size int) cbor.Map {
	var compressed bytes.Buffer
	w, _ := flate.NewWriter(&compressed, flate.DefaultCompression) // of a level that there is
	_, _ = w.Write([]byte(blob))                                   // to memory
	_ = w.Close()
	block, _ := aes.NewCipher(key) // of 32 bytes
	sealing, _ := cipher.NewGCM(block)
	iv := bytes.Repeat([]byte{nonce}, sealing.NonceSize())
	data := binary.LittleEndian.AppendUint64([]byte("blob"), uint64(size))
	return cbor.Map{{Key: 1, Value: sealing.Seal(nil, iv, compressed.Bytes(), data)}, {Key: 2, Value: iv}, {Key: 3, Value: size}}
}

// store lays entries out as the array of the device.
func (d *Device) store(entries ...any) {
	array := cbor.Encode(cbor.Array(entries))
	d.blobs = append(array, hashOf(string(array))[:16]...)
}

// noise is what compression makes nothing of.
func (t *trial) noise(n int) string {
	random := make([]byte, n)
	_, _ = t.Random.Read(random) // which never fails
	return string(random)
}

// blobIn is the blob that a page got, nil where it got none.
func blobIn(r *Result) []byte {
	members := output(r, "largeBlob")
	if members["blob"] == nil {
		return nil
	}
	return decoded(members, "blob")
}

var reads = map[string]any{"read": true}

func support(s string) map[string]any {
	return map[string]any{"largeBlob": map[string]any{"support": s}}
}

var largeBlobRules = []testCase{
	{
		ID: "largeblob/create-required", Spec: page("10.1.5"), Level: conformance.Must, Needs: needs(HasLargeBlob), Twin: "largeblob/create",
		Doc:     "An authenticator without large blobs serves no page that requires one.",
		Catches: []string{"largeblob/requirement-ignored"},
		Run: on(func(t *trial) {
			t.refused(t.creation(func(r *Request) {
				t.discoverable(r)
				r.Extensions = support("required")
			}))
			if t.served(true) > 0 {
				t.Fatalf("a credential was made")
			}
		}),
	},
	{
		ID: "largeblob/create-required-no-key", Spec: page("10.1.5"), Level: conformance.Should, Needs: needs(HasLargeBlob, ServesPages), Twin: "largeblob/create",
		Doc:     "A credential for which the authenticator gives no key is refused where the page requires a large blob.",
		Catches: []string{"check/extension"},
		Run: on(func(t *trial) {
			t.device.giveLargeBlobs()
			t.device.script.members = map[ctap.Command]func(cbor.Map) cbor.Map{ctap.CommandMakeCredential: func(m cbor.Map) cbor.Map { return m.Without(madeBlobKey) }}
			t.refused(t.creation(func(r *Request) {
				t.discoverable(r)
				r.Extensions = support("required")
			}))
		}),
	},
	{
		ID: "largeblob/no-room", Spec: at("6.10.2", ""), Level: conformance.Should, Needs: needs(HasLargeBlob), Twin: "largeblob/written",
		Doc:     "An array that is longer than maxSerializedLargeBlobArray is not sent.",
		Catches: []string{"largeblob/without-end"},
		Run: on(func(t *trial) {
			r := t.blobOf(writes(t.noise(1500)))
			t.device.script.with(infoMaxBlobs, 1024)
			t.perform(r)
			if len(t.sent(ctap.CommandGetAssertion)) == 0 {
				t.Fatalf("getAssertion is not sent")
			}
			for _, m := range t.sent(ctap.CommandLargeBlobs) {
				if total, first := intAt(m.params, blobLength); first && total > 1024 {
					t.Fatalf("an array of %d bytes is announced, at most 1024 are taken", total)
				}
			}
		}),
	},
	{
		ID: "largeblob/create-preferred", Spec: page("10.1.5"), Level: conformance.Must, Needs: needs(HasLargeBlob), Twin: createPlain,
		Doc:     "An authenticator without large blobs serves a page that prefers one, which does not learn that it is supported.",
		Catches: []string{"largeblob/supported-always"},
		Run: on(func(t *trial) {
			got := t.accepted(t.creation(func(r *Request) {
				t.discoverable(r)
				r.Extensions = support("preferred")
			}))
			if supported, _ := output(got, "largeBlob")["supported"].(bool); supported {
				t.Fatalf("largeBlob is supported")
			}
		}),
	},
	{
		ID: "largeblob/create-no-key", Spec: page("10.1.5"), Level: conformance.Must, Needs: needs(HasLargeBlob, ServesPages), Twin: "largeblob/create",
		Doc:     "Where the authenticator gives no key for a large blob, the page does not learn that it is supported.",
		Catches: []string{"largeblob/supported-always"},
		Run: on(func(t *trial) {
			t.device.giveLargeBlobs()
			t.device.script.members = map[ctap.Command]func(cbor.Map) cbor.Map{ctap.CommandMakeCredential: func(m cbor.Map) cbor.Map { return m.Without(madeBlobKey) }}
			got := t.perform(t.creation(func(r *Request) {
				t.discoverable(r)
				r.Extensions = support("preferred")
			}))
			if supported, _ := output(got, "largeBlob")["supported"].(bool); supported {
				t.Fatalf("largeBlob is supported")
			}
		}),
	},
	{
		ID: "largeblob/create-not-discoverable", Spec: at("12.3", ""), Level: conformance.MustNot, Needs: needs(HasLargeBlob), Twin: createPlain,
		Doc:     "largeBlobKey is not sent for a credential that is not discoverable.",
		Catches: []string{"largeblob/key-always"},
		Run: on(func(t *trial) {
			t.device.giveLargeBlobs()
			m, _, _ := t.made(with(support("preferred")))
			rk, _ := m.option("rk")
			if v, sent := extension(&m, extBlobKey); sent && !rk {
				t.Fatalf("largeBlobKey is %s, and option rk is not true", cbor.Text(v, nil))
			}
		}),
	},
	{
		ID: "largeblob/hash", Spec: at("6.10.3", ""), Level: conformance.Must, Needs: needs(HasLargeBlob), Twin: "largeblob/written",
		Doc:     "An array of entries that can be read, and that does not end in its hash, counts as empty.",
		Catches: []string{"largeblob/hash-ignored", "largeblob/blob-supposed"},
		Run: on(func(t *trial) {
			r := t.blobOf(reads)
			t.device.store(sealed(theBlobKey, 1, "a large blob", 12))
			t.device.blobs[len(t.device.blobs)-1] ^= 1
			if blob := blobIn(t.accepted(r)); blob != nil {
				t.Fatalf("the page got %q", blob)
			}
		}),
	},
	{
		ID: "largeblob/among-others", Spec: at("6.10.3", ""), Level: conformance.Must, Needs: needs(HasLargeBlob), Twin: "largeblob/read",
		Doc:     "A blob is read that stands behind those of other credentials, and behind what makes no sense.",
		Catches: []string{"largeblob/first-entry-only"},
		Run: on(func(t *trial) {
			r := t.blobOf(reads)
			t.device.store(sealed(hashOf("another key"), 1, "another blob", 12), cbor.Map{{Key: 1, Value: "?"}}, sealed(theBlobKey, 2, "a large blob", 12))
			t.same("the blob", []byte("a large blob"), blobIn(t.accepted(r)))
		}),
	},
	{
		ID: "largeblob/size-wrong", Spec: at("6.10.3", ""), Level: conformance.Should, Needs: needs(HasLargeBlob), Twin: "largeblob/read",
		Doc:     "A blob of another size than its entry says does not reach the page.",
		Catches: []string{"largeblob/blob-supposed"},
		Run: on(func(t *trial) {
			r := t.blobOf(reads)
			t.device.store(sealed(theBlobKey, 1, "a large blob", 7))
			if got := t.perform(r); got.Succeeded() && blobIn(got) != nil {
				t.Fatalf("the page got %q", blobIn(got))
			}
		}),
	},
	{
		ID: "largeblob/replaced", Spec: at("6.10.3", ""), Level: conformance.Must, Needs: needs(HasLargeBlob), Twin: "largeblob/written",
		Doc:     "A blob takes the place of the one that the credential had.",
		Catches: []string{"largeblob/old-kept"},
		Run: on(func(t *trial) {
			r := t.blobOf(writes("a large blob"))
			t.device.store(sealed(theBlobKey, 1, "an old blob", 11))
			t.accepted(r)
			all := t.array()
			if len(all) != 1 {
				t.Fatalf("the array has %d entries, want one", len(all))
			}
			blob, _ := openBlob(all[0], theBlobKey)
			t.same("the blob", []byte("a large blob"), blob)
		}),
	},
	{
		ID: "largeblob/fresh-nonce", Spec: at("6.10.3", ""), Level: conformance.Must, Needs: needs(HasLargeBlob), Twin: "largeblob/written",
		Doc:     "A blob that is written again has another nonce.",
		Catches: []string{"pin/randomness-repeats"},
		Run: on(func(t *trial) {
			r := t.blobOf(writes("a large blob"))
			var nonces [2][]byte
			for i := range nonces {
				t.accepted(r)
				for _, entry := range t.array() {
					m, _ := entry.(cbor.Map)
					nonces[i] = bytesAt(m, 2)
				}
			}
			if bytes.Equal(nonces[0], nonces[1]) {
				t.Fatalf("the nonce is %x both times", nonces[0])
			}
		}),
	},
	{
		ID: "largeblob/long", Spec: at("6.10.2", ""), Level: conformance.Must, Needs: needs(HasLargeBlob), Twin: "largeblob/written",
		Doc:     "A blob that takes several fragments is written whole, and read whole.",
		Catches: []string{"largeblob/length-in-every-fragment", "largeblob/first-fragment-only"},
		Run: on(func(t *trial) {
			blob := t.noise(1500)
			r := t.blobOf(writes(blob))
			t.device.script.with(infoMaxMsgSize, 1024)
			t.accepted(r)
			all := t.array()
			if len(all) != 1 {
				t.Fatalf("the array has %d entries, want one", len(all))
			}
			r.Extensions = map[string]any{"largeBlob": reads}
			t.same("the blob", []byte(blob), blobIn(t.accepted(r)))
		}),
	},
	{
		ID: "largeblob/pin", Spec: at("6.10.2", ""), Level: conformance.Must, Needs: needs(HasLargeBlob, ServesPages, TypesPIN), Twin: "largeblob/written",
		Doc:     "A blob of several fragments is written with a token by PIN that has permission lbw, and each fragment is authenticated.",
		Catches: []string{"largeblob/unauthenticated", "largeblob/without-permission"},
		Run: on(func(t *trial) {
			r := t.blobOf(writes(t.noise(1500)))
			t.device.script.withOption("uv", false)
			t.device.givePIN(thePIN, 2)
			t.device.script.with(infoMaxMsgSize, 1024)
			verifiedByPIN(r)
			got := t.accepted(r)
			if written, _ := output(got, "largeBlob")["written"].(bool); !written || len(t.array()) != 1 {
				t.Fatalf("largeBlob is %v", got.Extensions["largeBlob"])
			}
		}),
	},
	{
		ID: "largeblob/read-permission", Spec: at("6.5.5.7", ""), Level: conformance.Should, Needs: needs(HasLargeBlob, ServesPages),
		Doc:     "A token for a get() that reads a blob is asked for without permission lbw.",
		Catches: []string{"uv/all-permissions"},
		Run: on(func(t *trial) {
			t.accepted(t.blobOf(reads))
			t.noNeedlessPermissions(subGetTokenByUV)
		}),
	},
	{
		ID: "largeblob/full", Spec: page("10.1.5"), Level: conformance.Must, Needs: needs(HasLargeBlob), Twin: "largeblob/written",
		Doc:     "A page does not learn that its blob was written where the authenticator has no room for it.",
		Catches: []string{"largeblob/written-always"},
		Run: on(func(t *trial) {
			r := t.blobOf(writes(t.noise(500)))
			t.device.script.raw = map[ctap.Command]func([]byte) []byte{ctap.CommandLargeBlobs: func(b []byte) []byte {
				if len(b) > 1 {
					return b // which was read
				}
				return []byte{byte(ctap.LargeBlobStorageFull)}
			}}
			if written, _ := output(t.perform(r), "largeBlob")["written"].(bool); written {
				t.Fatalf("the page learns that it was written")
			}
		}),
	},
	{
		ID: "largeblob/unreadable", Spec: page("10.1.5"), Level: conformance.Should, Needs: needs(HasLargeBlob), Twin: "largeblob/read",
		Doc:     "Where the array cannot be read the page gets its assertion, and no blob.",
		Catches: []string{"largeblob/blob-supposed"},
		Run: on(func(t *trial) {
			r := t.blobOf(reads)
			t.refuse(ctap.CommandLargeBlobs, ctap.Other)
			if blob := blobIn(t.accepted(r)); blob != nil {
				t.Fatalf("the page got %q", blob)
			}
		}),
	},
}
