package fault

import (
	"bytes"
	"slices"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

func cborFaults() []Fault {
	const canonical = "CTAP 2.3 §8"
	return []Fault{
		{
			ID: "cbor/map-order", Spec: canonical,
			Doc: "The members of every answer come in the opposite order.",
			Seams: onBody(onPairs(func(pairs []pair) []pair {
				backwards := slices.Clone(pairs)
				slices.Reverse(backwards)
				return backwards
			})),
		}, {
			ID: "cbor/long-keys", Spec: canonical,
			Doc: "The first key of every answer takes two bytes where one would do.",
			Seams: onBody(onPairs(func(pairs []pair) []pair {
				if len(pairs) == 0 || major(pairs[0].key) != majorUint || pairs[0].key[0] >= oneByteMore {
					return pairs
				}
				spoiled := slices.Clone(pairs)
				spoiled[0].key = []byte{oneByteMore, pairs[0].key[0]}
				return spoiled
			})),
		}, {
			ID: "cbor/indefinite-map", Spec: canonical,
			Doc:   "Every answer is a map of indefinite length.",
			Seams: onBody(onOpenMap),
		}, {
			ID: "cbor/duplicate-key", Spec: canonical,
			Doc: "The first member of every answer is there twice.",
			Seams: onBody(onPairs(func(pairs []pair) []pair {
				if len(pairs) == 0 {
					return pairs
				}
				return append([]pair{pairs[0]}, pairs...)
			})),
		}, {
			ID: "cbor/trailing-byte", Spec: canonical,
			Doc:   "A zero byte follows the map of every answer.",
			Seams: onBody(func(body []byte) []byte { return append(slices.Clone(body), 0) }),
		}, {
			ID: "cbor/truncated", Spec: canonical,
			Doc:   "The map of every answer lacks its last byte.",
			Seams: onBody(func(body []byte) []byte { return body[:len(body)-1] }),
		}, {
			ID: "cbor/unknown-member", Spec: canonical,
			Doc: "Every answer has one more member, which platforms have to ignore.",
			Seams: onBody(onPairs(func(pairs []pair) []pair {
				return append(slices.Clone(pairs), pair{canon.AppendUint(nil, unknownMember), canon.AppendBool(nil, true)})
			})),
		}, {
			ID: "cbor/text-for-bytes", Spec: canonical,
			Doc: "The first byte string of every answer is a text string.",
			Seams: onBody(onPairs(func(pairs []pair) []pair {
				spoiled := slices.Clone(pairs)
				for i, p := range spoiled {
					if major(p.value) == majorBytes {
						spoiled[i].value = retyped(p.value, majorText)
						return spoiled
					}
				}
				return pairs
			})),
		}, {
			ID: "cbor/missing-member", Spec: canonical,
			Doc:   "The first member of every answer is missing.",
			Seams: onBody(onPairs(func(pairs []pair) []pair { return pairs[min(1, len(pairs)):] })),
		}, {
			ID: "cbor/tagged", Spec: canonical,
			Doc:   "A tag stands before the map of every answer.",
			Seams: onBody(func(body []byte) []byte { return append([]byte{0xD9, 0xD9, 0xF7}, body...) }), // self-described CBOR, RFC 8949 §3.4.6
		}, {
			ID: "cbor/not-a-map", Spec: canonical,
			Doc:   "Every answer is an array that has the map in it.",
			Seams: onBody(func(body []byte) []byte { return append(canon.AppendArray(nil, 1), body...) }),
		}, {
			ID: "cbor/too-deep", Spec: canonical + " (four levels)",
			Doc: "Every answer has a member that is nested deeper than four levels.",
			Seams: onBody(onPairs(func(pairs []pair) []pair {
				const arrayOfOne = majorArray<<5 | 1
				return append(slices.Clone(pairs), pair{canon.AppendUint(nil, unknownMember), append(bytes.Repeat([]byte{arrayOfOne}, 8), 0)})
			})),
		}, {
			ID: "cbor/oversize", Spec: "CTAP 2.3 §11.2.4",
			Doc: "Every answer is longer than CTAPHID can carry.",
			Seams: onBody(onPairs(func(pairs []pair) []pair {
				return append(slices.Clone(pairs), pair{canon.AppendUint(nil, unknownMember), canon.AppendBytes(nil, make([]byte, ctap.MaxMsgSize))})
			})),
		}, {
			ID: "cbor/no-data", Spec: "CTAP 2.3 §6",
			Doc: "Success is answered with the status alone, where data belong to it.",
			Seams: authenticator.Seams{Response: func(response []byte) []byte {
				if len(response) < 2 || ctap.Status(response[0]) != ctap.OK {
					return response
				}
				return response[:1]
			}},
		}, {
			ID: "cbor/empty-map", Spec: canonical,
			Doc:   "Every answer is a map without members.",
			Seams: onBody(func([]byte) []byte { return canon.AppendMap(nil, 0) }),
		},
	}
}

// unknownMember is a key that no answer has.
const unknownMember = 0x70
