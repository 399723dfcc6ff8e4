package nfc_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap/nfc"
)

func TestATR(t *testing.T) {
	t.Parallel()
	assert.Equal(t, unhex(t, "3B8A80018073C021C0544649444F89"), nfc.ATR())
}

func TestReadATR(t *testing.T) {
	t.Parallel()
	both := nfc.Abilities{Chaining: true, Extended: true}
	for name, c := range map[string]struct {
		atr  string
		want nfc.Abilities
	}{
		"ours":                          {"3B8A80018073C021C0544649444F89", both},
		"a YubiKey":                     {"3B8D80018073C021C057597562694B6579F9", both},
		"chains alone":                  {"3B858001 80 73000080 ff", nfc.Abilities{Chaining: true}},
		"extended lengths alone":        {"3B858001 80 73000040 ff", nfc.Abilities{Extended: true}},
		"with a status at the end":      {"3B8A8001 00 3100 730000C0 00 9000 ff", both},
		"capabilities of one byte":      {"3B838001 80 71C0 ff", nfc.Abilities{}},
		"only a status":                 {"3B838001 00 9000 ff", nfc.Abilities{}},
		"the maker's own bytes":         {"3B858001 4A 730000C0 ff", nfc.Abilities{}},
		"nothing to say":                {"3B80800101", nfc.Abilities{}},
		"no interface bytes":            {"3B05 80 730000C0", both},
		"TA1, TB1, TC1 and TD1 to TD2":  {"3BF5 110000 81 31 fe45 80 730000C0 ff", both},
		"what follows TCK is passed by": {"3B05 80 730000C0 0102", both},
	} {
		got, err := nfc.ReadATR(unhex(t, c.atr))
		require.NoError(t, err, name)
		assert.Equal(t, c.want, got, name)
	}
	for name, atr := range map[string]string{
		"nothing": "", "one byte": "3B", "too long": "3B00" + "00000000000000000000000000000000000000000000000000000000000000ff",
		"no historical bytes": "3B05", "no interface bytes": "3BF0 11", "a TD that promises more": "3B80 80",
		"an object that breaks off": "3B02 80 73",
	} {
		_, err := nfc.ReadATR(unhex(t, atr))
		assert.Error(t, err, name)
	}
}
