package authenticators

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// Members of largeBlobs (§6.10.2).
const (
	lbGet = iota + 1
	lbSet
	lbOffset
	lbLength
	lbParam
	lbProtocol

	lbConfig = 1
)

// initialLargeBlobs is the array as it left the factory (§6.10): an empty CBOR
// array and the start of its hash.
var initialLargeBlobs, _ = hex.DecodeString("8076be8b528d0075f7aae98d6fa57a6d3c")

// withDigest appends the digest that a serialized large-blob array ends with.
func withDigest(array []byte) []byte {
	sum := sha256.Sum256(array)
	return append(bytes.Clone(array), sum[:16]...)
}

func largeBlobsRequest(pairs ...any) request {
	r := request{command: ctap.CommandLargeBlobs}
	for i := 0; i < len(pairs); i += 2 {
		r.params = append(r.params, cbor.Pair{Key: pairs[i], Value: pairs[i+1]})
	}
	return r
}

// fragment is the most that one request reads or writes.
func (k *key) fragment() int {
	return int(k.info().uint(infoMaxMsgSize, defaultMaxMsgSize)) - largeBlobFragmentMargin
}

func (k *key) readLargeBlobs() []byte {
	var all []byte
	for {
		a := k.send(largeBlobsRequest(lbGet, k.fragment(), lbOffset, len(all)))
		k.expectOK(a)
		part := k.bytesOf(a, lbConfig)
		all = append(all, part...)
		if len(part) < k.fragment() {
			return all
		}
	}
}

// writeFragment is one fragment of a write, authorised by a token.
func writeFragment(t token, part []byte, offset, length int) request {
	r := largeBlobsRequest(lbSet, part, lbOffset, offset)
	if offset == 0 {
		r = r.with(lbLength, length)
	}
	sum := sha256.Sum256(part)
	message := append(bytes.Repeat([]byte{0xFF}, 32), byte(ctap.CommandLargeBlobs), 0)
	message = binary.LittleEndian.AppendUint32(message, uint32(offset))
	return r.with(lbProtocol, t.protocol).with(lbParam, t.over(append(message, sum[:]...)))
}

func (k *key) blobWriter() token {
	return k.token(k.protocol(), ctap.PermissionLargeBlobWrite, "")
}

func (k *key) writeLargeBlobs(all []byte) {
	t := k.blobWriter()
	for at := 0; at < len(all); at += k.fragment() {
		part := all[at:min(len(all), at+k.fragment())]
		k.expect(k.send(writeFragment(t, part, at, len(all))), ctap.OK)
	}
}

// blobs has the content of an array that is n bytes long when serialized.
func (k *key) blobs(n int) []byte { return withDigest(k.draw(n - 16)) }

func (k *key) arrayIs(want []byte) {
	if got := k.readLargeBlobs(); !bytes.Equal(got, want) {
		k.Differ(brief(want), brief(got), "another large-blob array")
	}
}

// largeBlobsCases are those of authenticatorLargeBlobs (§6.10.2).
func largeBlobsCases() []testCase {
	const read, write = "largeblobs/get/initial", "largeblobs/set/plain"
	reads, writes := []need{largeBlobs}, []need{largeBlobs, anyToken}
	refuses := func(id, step, doc, twin string, r func(*key) request, status ctap.Status) testCase {
		c := testCase{
			ID: "largeblobs/" + id, Spec: at("6.10.2", step), Level: conformance.Must, Needs: writes, Doc: doc, Twin: twin,
			Run: on(func(k *key) {
				k.expect(k.send(r(k)), status)
				k.arrayIs(initialLargeBlobs)
			}),
		}
		return c
	}
	return []testCase{
		{
			ID: read, Spec: at("6.10", ""), Level: conformance.Must, Needs: reads,
			Doc: "A fresh device has the initial large-blob array: an empty array and its digest.",
			Run: on(func(k *key) { k.arrayIs(initialLargeBlobs) }),
		},
		{
			ID: write, Spec: at("6.10.2", "set"), Level: conformance.Must, Needs: writes,
			Doc: "What was written is read.",
			Run: on(func(k *key) {
				all := k.blobs(200)
				k.writeLargeBlobs(all)
				k.arrayIs(all)
			}),
		},
		{
			ID: "largeblobs/get/parts", Spec: at("6.10.2", "get"), Level: conformance.Must, Needs: writes,
			Doc:     "Reads of a few bytes from any offset return those bytes, at the end fewer, and behind it none.",
			Catches: []string{"largeblob/cut", "largeblob/not-kept"},
			Run: on(func(k *key) {
				all := k.blobs(120)
				k.writeLargeBlobs(all)
				for _, at := range []int{0, 1, 50, 119, 120} {
					a := k.send(largeBlobsRequest(lbGet, 40, lbOffset, at))
					k.expectOK(a)
					if got := k.bytesOf(a, lbConfig); !bytes.HasPrefix(all[at:], got) || len(got) == 0 && at < 120 {
						k.Differ(brief(all[at:min(120, at+40)]), brief(got), "other bytes at offset %d", at)
					}
				}
			}),
		},
		{
			ID: "largeblobs/set/several-fragments", Spec: at("6.10.2", "set"), Level: conformance.Must, Needs: writes,
			Doc:     "An array of several fragments can be written, and is not there before the last of them.",
			Catches: []string{"largeblob/cut", "largeblob/sequence-lost"},
			Run: on(func(k *key) {
				size := int(min(k.info().uint(infoMaxLargeBlobs, leastLargeBlobArray), uint64(2*k.fragment()+50)))
				all, t, step := k.blobs(size), k.blobWriter(), size/3+1
				for at := 0; at < len(all); at += step {
					k.expect(k.send(writeFragment(t, all[at:min(len(all), at+step)], at, len(all))), ctap.OK)
				}
				k.arrayIs(all)
			}),
		},
		{
			ID: "largeblobs/set/unfinished", Spec: at("6.10.2", "set"), Level: conformance.MustNot, Needs: writes, Twin: "largeblobs/set/several-fragments",
			Doc: "A write that was not finished changes nothing.",
			Run: on(func(k *key) {
				all := k.blobs(300)
				k.expect(k.send(writeFragment(k.blobWriter(), all[:200], 0, 300)), ctap.OK)
				k.arrayIs(initialLargeBlobs)
			}),
		},
		{
			ID: "largeblobs/set/kept", Spec: at("6.10.2", "set"), Level: conformance.Must, Needs: append(writes, power), Twin: write,
			Doc:     "What was written is still there after a power cycle.",
			Catches: []string{"largeblob/not-kept"},
			Run: on(func(k *key) {
				all := k.blobs(64)
				k.writeLargeBlobs(all)
				k.powerCycle()
				k.arrayIs(all)
			}),
		},
		{
			ID: "largeblobs/set/largest", Spec: at("6.10.2", "set"), Level: conformance.Must, Needs: writes, Twin: write,
			Doc:     "An array of maxSerializedLargeBlobArray bytes can be written.",
			Catches: []string{"largeblob/cut", "largeblob/sequence-lost"},
			Run: on(func(k *key) {
				all := k.blobs(int(min(k.info().uint(infoMaxLargeBlobs, leastLargeBlobArray), 8192)))
				k.writeLargeBlobs(all)
				k.arrayIs(all)
			}),
		},
		{
			ID: "largeblobs/set/digest", Spec: at("6.10.2", "set"), Level: conformance.Must, Needs: writes, Twin: write,
			Doc:     "An array whose digest is wrong is answered with INTEGRITY_FAILURE, and changes nothing.",
			Catches: []string{"largeblob/hash-unchecked", "status/integrity"},
			Run: on(func(k *key) {
				all := k.blobs(64)
				all[len(all)-1] ^= 1
				k.expect(k.send(writeFragment(k.blobWriter(), all, 0, len(all))), ctap.IntegrityFailure)
				k.arrayIs(initialLargeBlobs)
			}),
		},
		{
			ID: "largeblobs/set/interrupted", Spec: at("6.10.2", "set"), Level: conformance.Must, Needs: append(writes, power), Twin: "largeblobs/set/several-fragments",
			Doc:     "After a power cycle a write does not go on.",
			Catches: []string{"status/sequence"},
			Run: on(func(k *key) {
				all := k.blobs(300)
				k.expect(k.send(writeFragment(k.blobWriter(), all[:200], 0, 300)), ctap.OK)
				k.powerCycle()
				k.expect(k.send(writeFragment(k.blobWriter(), all[200:], 200, 300)), ctap.InvalidSeq)
				k.arrayIs(initialLargeBlobs)
			}),
		},
		{
			ID: "largeblobs/set/fragment-covered", Spec: at("6.10.2", "set"), Level: conformance.Must, Needs: writes, Twin: write,
			Doc:     "A pinUvAuthParam covers offset and fragment: over others it is answered with PIN_AUTH_INVALID.",
			Catches: []string{"largeblob/token-unchecked"},
			Run: on(func(k *key) {
				all, other, t := k.blobs(64), k.blobs(64), k.blobWriter()
				r := writeFragment(t, all, 0, 64)
				k.expect(k.send(r.with(lbSet, other)), ctap.PINAuthInvalid)
				moved := writeFragment(t, all, 5, 64)
				k.expect(k.send(r.with(lbParam, bytesIn(moved.params, lbParam))), ctap.PINAuthInvalid)
				k.arrayIs(initialLargeBlobs)
			}),
		},
		{
			ID: "largeblobs/set/token-missing", Spec: at("6.10.2", "set"), Level: conformance.Must, Needs: writes, Twin: write,
			Doc:     "Without a pinUvAuthParam a protected device answers with PUAT_REQUIRED.",
			Catches: []string{"largeblob/token-unchecked", "status/token-required"},
			Run: on(func(k *key) {
				r := writeFragment(k.blobWriter(), k.blobs(64), 0, 64)
				k.expect(k.send(r.without(lbParam).without(lbProtocol)), ctap.PUATRequired)
				k.arrayIs(initialLargeBlobs)
			}),
		},
		{
			ID: "largeblobs/set/not-used-up", Spec: at("6.5.5.7", ""), Level: conformance.MustNot, Needs: append(writes, ceremonyToken), Twin: write,
			Doc: "Neither writing nor a new credential uses the permission lbw up.",
			Run: on(func(k *key) {
				t := k.token(k.protocol(), ctap.PermissionLargeBlobWrite|ctap.PermissionMakeCredential, k.rp)
				k.expect(k.send(writeFragment(t, k.blobs(64), 0, 64)), ctap.OK)
				k.created(k.ask(t.sign(k.newCredential())))
				k.expect(k.send(writeFragment(t, k.blobs(80), 0, 80)), ctap.OK)
			}),
		},
		refuses("offset-missing", "1", "A request without offset is answered with INVALID_PARAMETER.", read,
			func(k *key) request { return largeBlobsRequest(lbGet, 10) }, ctap.InvalidParameter),
		refuses("neither", "2", "A request with neither get nor set is answered with INVALID_PARAMETER.", read,
			func(k *key) request { return largeBlobsRequest(lbOffset, 0) }, ctap.InvalidParameter),
		refuses("both", "3", "A request with both get and set is answered with INVALID_PARAMETER.", read,
			func(k *key) request {
				return writeFragment(k.blobWriter(), k.blobs(64), 0, 64).with(lbGet, 10)
			}, ctap.InvalidParameter),
		refuses("get/length", "get", "A get with length is answered with INVALID_PARAMETER.", read,
			func(k *key) request { return largeBlobsRequest(lbGet, 10, lbOffset, 0, lbLength, 17) }, ctap.InvalidParameter),
		refuses("get/param", "get", "A get with a pinUvAuthParam is answered with INVALID_PARAMETER.", read,
			func(k *key) request {
				return largeBlobsRequest(lbGet, 10, lbOffset, 0, lbParam, k.draw(16), lbProtocol, 1)
			}, ctap.InvalidParameter),
		refuses("get/protocol", "get", "A get with a pinUvAuthProtocol is answered with INVALID_PARAMETER.", read,
			func(k *key) request { return largeBlobsRequest(lbGet, 10, lbOffset, 0, lbProtocol, 1) }, ctap.InvalidParameter),
		refuses("get/too-long", "get", "A get of more than a fragment is answered with INVALID_LENGTH.", read,
			func(k *key) request { return largeBlobsRequest(lbGet, k.fragment()+1, lbOffset, 0) }, ctap.InvalidLength),
		refuses("get/behind-the-end", "get", "A get from behind the end is answered with INVALID_PARAMETER.", read,
			func(k *key) request { return largeBlobsRequest(lbGet, 10, lbOffset, len(initialLargeBlobs)+1) }, ctap.InvalidParameter),
		refuses("set/length-missing", "set", "A first fragment without length is answered with INVALID_PARAMETER.", write,
			func(k *key) request {
				return writeFragment(k.blobWriter(), k.blobs(64), 0, 64).without(lbLength)
			}, ctap.InvalidParameter),
		refuses("set/length-16", "set", "A length of less than 17 is answered with INVALID_PARAMETER.", write,
			func(k *key) request { return writeFragment(k.blobWriter(), k.draw(16), 0, 16) }, ctap.InvalidParameter),
		refuses("set/too-large", "set", "A length above maxSerializedLargeBlobArray is answered with LARGE_BLOB_STORAGE_FULL.", write,
			func(k *key) request {
				return writeFragment(k.blobWriter(), k.draw(100), 0, int(k.info().uint(infoMaxLargeBlobs, leastLargeBlobArray))+1)
			}, ctap.LargeBlobStorageFull),
		refuses("set/more-than-told", "set", "More bytes than length told are answered with INVALID_PARAMETER.", write,
			func(k *key) request { return writeFragment(k.blobWriter(), k.blobs(100), 0, 99) }, ctap.InvalidParameter),
		refuses("set/offset-without-beginning", "set", "A later fragment without a first one is answered with INVALID_SEQ.", write,
			func(k *key) request { return writeFragment(k.blobWriter(), k.draw(20), 40, 0) }, ctap.InvalidSeq),
		refuses("set/length-in-later-fragment", "set", "A later fragment with length is answered with INVALID_PARAMETER.", write,
			func(k *key) request {
				all, t := k.blobs(100), k.blobWriter()
				k.expect(k.send(writeFragment(t, all[:50], 0, 100)), ctap.OK)
				return writeFragment(t, all[50:], 50, 100).with(lbLength, 100)
			}, ctap.InvalidParameter),
		refuses("set/gap", "set", "A fragment that leaves a gap is answered with INVALID_SEQ.", write,
			func(k *key) request {
				all, t := k.blobs(100), k.blobWriter()
				k.expect(k.send(writeFragment(t, all[:50], 0, 100)), ctap.OK)
				return writeFragment(t, all[60:], 60, 100)
			}, ctap.InvalidSeq),
		{
			ID: "largeblobs/set/fragment-too-long", Spec: at("6.10.2", "set"), Level: conformance.Must, Needs: writes, Twin: write,
			Doc:     "A fragment longer than maxMsgSize allows is an error, and changes nothing.",
			Catches: []string{"largeblob/fragment-unlimited", "status/invalid-length"},
			Run: on(func(k *key) {
				n := k.fragment() + 1
				k.expect(k.send(writeFragment(k.blobWriter(), k.draw(n), 0, max(n, 17))), ctap.InvalidLength, ctap.RequestTooLarge)
				k.arrayIs(initialLargeBlobs)
			}),
		},
		{
			ID: "largeblobs/get/canonical", Spec: at("8", ""), Level: conformance.Must, Needs: reads,
			Doc:     "The answer is in the canonical form of CTAP2.",
			Catches: []string{"cbor/duplicate-key", "cbor/indefinite-map", "cbor/long-keys"},
			Run: on(func(k *key) {
				a := k.send(largeBlobsRequest(lbGet, 17, lbOffset, 0))
				k.expectOK(a)
				k.canonical(a)
				if n := len(k.bytesOf(a, lbConfig)); n > 17 {
					k.Differ("at most 17 bytes", fmt.Sprintf("%d bytes", n), "more than was asked for")
				}
			}),
		},
	}
}
