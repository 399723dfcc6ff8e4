package authenticators

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// Whatever a device answers can be read, and told in the report.
func FuzzAnswer(f *testing.F) {
	f.Add(byte(0x04), []byte{0})
	f.Add(byte(0x01), append([]byte{0}, cbor.Encode(cbor.Map{{Key: 1, Value: "packed"}, {Key: 2, Value: make([]byte, 40)}})...))
	f.Add(byte(0x02), []byte{0x2E, 1, 2, 3})
	f.Fuzz(func(t *testing.T, command byte, got []byte) {
		a := read([]byte{command}, got)
		require.Equal(t, ctap.Command(command), a.command)
		_ = describe(got, answerNames[a.command])
		_ = describe(got, requestNames[a.command])
		i := readInfo(a.members)
		_ = i.summary()
		_ = i.algorithms()
		for _, rule := range infoRules {
			if v, ok := i.members.Get(rule.key); ok {
				_ = rule.wrong(v)
			}
		}
	})
}

func FuzzAuthData(f *testing.F) {
	head := make([]byte, authDataHead)
	f.Add(head)
	attested := append(append([]byte{}, head...), make([]byte, 16)...)
	attested[32] = flagAT | flagUP | flagED
	attested = append(append(attested, 0, 2, 7, 7), cbor.Encode(coseKey(make([]byte, 32), make([]byte, 32)))...)
	f.Add(append(attested, cbor.Encode(cbor.Map{{Key: "credProtect", Value: 2}})...))
	f.Fuzz(func(t *testing.T, raw []byte) {
		data, err := readAuthData(raw)
		if err != nil {
			return
		}
		_, _ = data.output("credProtect")
		if key, err := readPublicKey(data.publicKey); err == nil {
			require.False(t, key.verify([]byte("message"), []byte("no signature")))
		}
	})
}
