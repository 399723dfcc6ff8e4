package authenticators

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
)

func (k *key) rpIDHash(data *authData, rpID string) {
	if want := sha256.Sum256([]byte(rpID)); !bytes.Equal(data.rpIDHash, want[:]) {
		k.Differ(fmt.Sprintf("%x", want), fmt.Sprintf("%x", data.rpIDHash), "rpIdHash is not the hash of %q", rpID)
	}
}

func (k *key) flags(data *authData, set, clear byte) {
	if data.flags&set != set || data.flags&clear != 0 {
		k.Differ(fmt.Sprintf("%08b set, %08b clear", set, clear), fmt.Sprintf("%08b", data.flags), "other flags")
	}
}

func (k *key) wholeAuthData(data *authData) {
	if len(data.rest) > 0 {
		k.Errorf("%d bytes follow what the flags %08b announce", len(data.rest), data.flags)
	}
	if _, isMap := data.extensions.Value.(cbor.Map); data.hasOutputs && !isMap {
		k.Errorf("extension outputs are a %s, not a map", cbor.Kind(data.extensions.Value))
	}
}

func (k *key) backupFlags(data *authData) {
	if data.has(flagBS) && !data.has(flagBE) {
		k.Differ("BS only with BE", fmt.Sprintf("%08b", data.flags), "backed up, though not eligible for that")
	}
}

func (k *key) onlyMembers(a answer, last int) {
	for _, p := range a.members {
		if n, ok := p.Key.(int64); !ok || n < 1 || n > int64(last) {
			k.Errorf("there is no member %s in the answer to %s", cbor.Text(p.Key, nil), a.command)
		}
	}
}
