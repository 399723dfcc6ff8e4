package fault

import (
	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/canon"
)

// pair is a member of a map, encoded.
type pair struct{ key, value []byte }

// Major types of CBOR, and the marks that this package writes (RFC 8949 §3).
const (
	majorUint  = 0
	majorBytes = 2
	majorText  = 3
	majorArray = 4
	majorMap   = 5

	oneByteMore = 24 // the argument is in the next byte
	indefinite  = 31
	breakStop   = 0xFF
)

func major(item []byte) int {
	if len(item) == 0 {
		return -1
	}
	return int(item[0] >> 5)
}

// pairsOf takes a canonical map apart. ok is false for anything else.
func pairsOf(raw []byte) (pairs []pair, ok bool) {
	n, err := canon.Len(raw)
	if err != nil || n != len(raw) || major(raw) != majorMap {
		return nil, false
	}
	rest := raw[1:]
	if raw[0]&indefinite == oneByteMore {
		rest = raw[2:]
	}
	for len(rest) > 0 {
		key, err := canon.Len(rest)
		if err != nil {
			return nil, false
		}
		value, err := canon.Len(rest[key:])
		if err != nil {
			return nil, false
		}
		pairs = append(pairs, pair{rest[:key], rest[key : key+value]})
		rest = rest[key+value:]
	}
	return pairs, true
}

// mapOf puts pairs together in the order that they have.
func mapOf(pairs []pair) []byte {
	out := canon.AppendMap(nil, len(pairs))
	for _, p := range pairs {
		out = append(append(out, p.key...), p.value...)
	}
	return out
}

// onPairs makes a change to the members of an encoded map. Anything else is left
// alone.
func onPairs(change func([]pair) []pair) func([]byte) []byte {
	return func(raw []byte) []byte {
		pairs, ok := pairsOf(raw)
		if !ok {
			return raw
		}
		return mapOf(change(pairs))
	}
}

// onBody makes a seam of a change to the map of every answer that has one.
func onBody(change func(body []byte) []byte) authenticator.Seams {
	return authenticator.Seams{Response: func(response []byte) []byte {
		if len(response) < 2 || ctap.Status(response[0]) != ctap.OK || major(response[1:]) != majorMap {
			return response
		}
		return append([]byte{byte(ctap.OK)}, change(response[1:])...)
	}}
}

// onMade is onBody for answers to makeCredential, which alone have a text for
// their first member.
func onMade(change func([]pair) []pair) authenticator.Seams {
	return onBody(onPairs(func(pairs []pair) []pair {
		if len(pairs) == 0 || major(pairs[0].value) != majorText {
			return pairs
		}
		return change(pairs)
	}))
}

// without leaves the member of an integer key out.
func without(key int64) func([]pair) []pair {
	return func(pairs []pair) (kept []pair) {
		for _, p := range pairs {
			if string(p.key) != string(canon.AppendInt(nil, key)) {
				kept = append(kept, p)
			}
		}
		return kept
	}
}

// with gives the member of an integer key another value, where it is there.
func with(key int64, value []byte) func([]pair) []pair {
	return func(pairs []pair) []pair {
		spoiled := append([]pair{}, pairs...)
		for i, p := range spoiled {
			if string(p.key) == string(canon.AppendInt(nil, key)) {
				spoiled[i].value = value
			}
		}
		return spoiled
	}
}

// valueOf returns the value of an integer key, nil where there is none.
func valueOf(pairs []pair, key int64) []byte {
	for _, p := range pairs {
		if string(p.key) == string(canon.AppendInt(nil, key)) {
			return p.value
		}
	}
	return nil
}
