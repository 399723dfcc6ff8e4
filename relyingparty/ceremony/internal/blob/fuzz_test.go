package blob_test

import (
	"bytes"
	"encoding/base64"
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/internal/fuzzseed"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony/internal/blob"
	"github.com/passkeylab/passkeylab/webauthn"
)

var rewrite = flag.Bool("seeds", false, "rewrite the seeds of the fuzz targets")

// FuzzRead starts from a good BLOB of each algorithm and from one with each fault of
// what is around the payload, FuzzParse from a good payload and from one with each
// fault in it. Those that are faults by their size are left out.
func TestFuzzSeeds(t *testing.T) {
	t.Parallel()
	s := newService(t, webauthn.ES256)
	tokens := fuzzseed.Seeds{"es256": {blobOf(t, s)}, "rs256": {blobOf(t, newService(t, webauthn.RS256))}}
	payloads := fuzzseed.Seeds{"good": {payloadOf(t, blobOf(t, s))}}
	for _, f := range smallFaults() {
		s.Break(f)
		name := strings.ReplaceAll(f.ID, "/", "-")
		if strings.HasPrefix(f.ID, "payload/") || strings.HasPrefix(f.ID, "entry/") {
			payloads[name] = []any{payloadOf(t, blobOf(t, s))}
			continue
		}
		tokens[name] = []any{blobOf(t, s)}
	}
	for target, seeds := range map[string]fuzzseed.Seeds{"FuzzRead": tokens, "FuzzParse": payloads} {
		if *rewrite {
			require.NoError(t, fuzzseed.Write("testdata/fuzz/"+target, seeds))
		}
		require.NoError(t, fuzzseed.Check("testdata/fuzz/"+target, seeds), "go test ./relyingparty/ceremony/internal/blob -run TestFuzzSeeds -seeds makes them anew")
	}
}

func smallFaults() []mds.Fault {
	return slices.DeleteFunc(mds.Faults(), func(f mds.Fault) bool { return f.ID == "token/huge" || f.ID == "payload/deep" })
}

func payloadOf(t *testing.T, token []byte) []byte {
	t.Helper()
	parts := bytes.Split(token, []byte("."))
	require.Len(t, parts, 3)
	payload, err := base64.RawURLEncoding.DecodeString(string(parts[1]))
	require.NoError(t, err)
	return payload
}

// FuzzRead reads hostile BLOBs. Without the keys, nothing can be read but what
// somebody has signed who has them.
func FuzzRead(f *testing.F) {
	s := newService(f, webauthn.ES256)
	signed := map[[32]byte]bool{}
	for _, fault := range append(smallFaults(), mds.Fault{}) {
		s.Break(fault)
		if b, err := blob.Read(blobOf(f, s), trustIn(f, s)); err == nil {
			signed[b.Sum] = true
		}
	}
	s.Break()
	trust := trustIn(f, s)
	f.Fuzz(func(t *testing.T, data []byte) {
		if b, err := blob.Read(data, trust); err == nil && !signed[b.Sum] {
			t.Fatalf("number %d was signed by nobody", b.Number)
		}
	})
}

// FuzzParse reads hostile payloads of somebody who has the keys.
func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := blob.Parse(data)
		if err != nil {
			return
		}
		if b.Number < 0 {
			t.Fatalf("number %d", b.Number)
		}
		if m := b.ByAAGUID(uuid.Nil); m != nil {
			t.Fatal("an entry is found under no name")
		}
	})
}
