package u2f_test

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/fuzzseed"
)

var rewrite = flag.Bool("seeds", false, "rewrite the seeds of the fuzz targets")

// The fuzz targets start from each command in its short and its extended form,
// and from each response.
func TestFuzzSeeds(t *testing.T) {
	t.Parallel()
	for target, messages := range map[string]map[string]string{
		"FuzzDecodeRequest": {
			"version-short": "00030000", "version-extended": "00030000 000000 0000",
			"register-short": "00018000 40" + both, "register-extended": "00010300 000040" + both + "0000",
			"authenticate-check-only": "00020700 43" + both + "02abcd", "authenticate-enforce": "00020300 000043" + both + "02abcd 0000",
			"authenticate-do-not-enforce": "00020800 41" + both + "00", "foreign-class": "80ff0000 05aa",
		},
		"FuzzDecodeResponse": {
			"nothing": "", "conditions-not-satisfied": "6985", "status-alone": "9000",
			"register": registration + "9000", "authenticate": "01 00000001 ee 9000", "version": "5532465f5632 9000",
		},
	} {
		seeds := make(fuzzseed.Seeds)
		for name, message := range messages {
			seeds[name] = []any{unhex(t, message)}
		}
		if *rewrite {
			require.NoError(t, fuzzseed.Write("testdata/fuzz/"+target, seeds))
		}
		require.NoError(t, fuzzseed.Check("testdata/fuzz/"+target, seeds), "go test ./ctap/u2f -run TestFuzzSeeds -seeds makes them anew")
	}
}
