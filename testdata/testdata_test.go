package testdata_test

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/testdata"
)

func vectors(t testing.TB) []testdata.WebAuthnVector {
	t.Helper()
	all, err := testdata.WebAuthnVectors()
	require.NoError(t, err)
	require.Len(t, all, 15)
	return all
}

func attestationCA(t testing.TB) testdata.AttestationCA {
	t.Helper()
	ca, err := testdata.WebAuthnAttestationCA()
	require.NoError(t, err)
	return ca
}

// read returns the text of a file.
func read(t testing.TB, name string) string {
	t.Helper()
	text, err := fs.ReadFile(testdata.FS, name)
	require.NoError(t, err)
	return string(text)
}

// README.md explains every file and every name in one.
func TestEverythingIsExplained(t *testing.T) {
	t.Parallel()
	readme := read(t, "README.md")
	requireExplained := func(file, words string) {
		assert.True(t, strings.Contains(readme, words), "README.md has no %q for %s", words, file)
	}
	names := regexp.MustCompile(`(?m)^([^ :\n]+):`)
	files := 0
	require.NoError(t, fs.WalkDir(testdata.FS, "vectors", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		folder, name := path.Split(file)
		if folder == "vectors/" {
			requireExplained(file, "\n## "+file)
		} else {
			requireExplained(file, "\n## "+strings.TrimSuffix(folder, "/")+":")
			requireExplained(file, "\n| `"+strings.TrimSuffix(name, ".txt")+"` |")
		}
		for _, found := range names.FindAllStringSubmatch(read(t, file), -1) {
			plain := strings.TrimPrefix(strings.TrimPrefix(found[1], "registration."), "authentication.")
			requireExplained(file, "`"+plain+"`")
		}
		return nil
	}))
	assert.Equal(t, 15+1+3+4+19, files)
}

func TestVectorsAreTyped(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t) {
		switch v.Name {
		case "packed-self-es256":
			assert.Equal(t, "packed-self.ES256", v.Info)
			assert.Equal(t, "sctn-test-vectors-packed-self-es256", v.Section)
			assert.Equal(t, int64(-7), v.Algorithm)
			assert.Equal(t, "packed", v.Format)
			assert.Equal(t, "example.org", v.RPID)
			assert.True(t, v.Registration.UserVerified && v.Registration.BackupEligible && v.Registration.BackedUp)
			assert.False(t, v.Authentication.UserVerified || v.Authentication.BackedUp)
			assert.Equal(t, byte(0xdf), v.Registration.AAGUID[0])
			assert.True(t, strings.HasSuffix(v.Authentication.ExtraData(), " gTb53rz6EhSWomXGzimC1Q"))
		case "none-es256-top-origin":
			assert.True(t, v.CrossOrigin)
			assert.Equal(t, "https://example.com", v.TopOrigin)
			assert.Empty(t, v.Registration.ExtraData())
		case "packed-rs256":
			assert.Nil(t, v.Registration.PrivateKey)
			assert.Len(t, v.Registration.Primes, 2)
		}
		assert.NotEmpty(t, v.Comment)
	}
}

// malformed is a file with one thing replaced, and what the reader says of it.
type malformed struct{ what, old, new, says string }

func TestMalformedVectors(t *testing.T) {
	t.Parallel()
	for _, group := range []struct {
		file  string
		parse func(name string, text []byte) error
		cases []malformed
	}{
		{"vectors/webauthn/none-es256.txt", parseWebAuthn, []malformed{
			{"no colon", "algorithm: -7", "algorithm", `line 5 is not "name: value"`},
			{"a name with a space", "format:", "the format:", `line 6 is not "name: value"`},
			{"a value without a name", "comment:", " comment:", "line 1 goes on with a value that has no name"},
			{"a name twice", "format: none", "info: none", "line 6: info is there twice"},
			{"a name missing", "rp_id: example.org\n", "", "rp_id is missing"},
			{"a value missing", "rp_id: example.org\n", "rp_id:\n", "rp_id is missing"},
			{"a name that means nothing", "format:", "extra: 1\nformat:", "extra means nothing here"},
			{"no number", "algorithm: -7", "algorithm: ES256", "algorithm"},
			{"no hexadecimal", "gen_flags: f9", "gen_flags: g9", "gen_flags"},
			{"too few bytes", "registration.aaguid: 84", "registration.aaguid: ", "registration.aaguid has 15 bytes, want 16"},
			{"a flag that is false", "format:", "cross_origin: false\nformat:", `cross_origin is "false"`},
			{"top origin alone", "format:", "top_origin: https://example.com\nformat:", "top_origin without cross_origin"},
			{"extra data against the flag", "gen_flags: f9", "gen_flags: f8", "registration.extraData_random goes with bit 0"},
			{"too long", "comment:", "comment:" + strings.Repeat(" ", 1<<16), "at most 65536"},
		}},
		{"vectors/attestation-ca.txt", parseCA, []malformed{
			{"a short key", "attestation_ca_key: 78", "attestation_ca_key: ", "attestation_ca_key has 31 bytes, want 32"},
			{"no certificate", "attestation_ca_cert", "attestation_cert", "attestation_ca_cert is missing"},
		}},
		{"vectors/prf-ctap/protocol2-two-inputs.txt", parsePRF, []malformed{
			{"unknown protocol", "protocol: 2", "protocol: 3", "protocol 3: want 1 or 2"},
			{"a secret of the other protocol", "protocol: 2", "protocol: 1", "shared_secret has 64 bytes, want 32"},
			{"no second salt", "salt2", "salt3", "salt2 is missing"},
		}},
		{"vectors/prf-api/by-credential.txt", parsePRFExample, []malformed{
			{"broken input", `{"prf":{"eval"`, `{"prf":{"eval`, "input: "},
			{"broken answer", `get: [`, `get: `, "get: "},
			{"no answer", `get: [{"prf":{}}, {"prf":{"results":{"first":"*","second":"*"}}}]`, "get: []", "get: no answer at all"},
			{"answers without a credential", "credential: e02eZ9lPp0UdkF4vGRO4-NxlhWBkL1FCmsmb1tTfRyE\n", "", "credential and get.named belong together"},
			{"a credential without answers", "get.named", "get.other", "credential and get.named belong together"},
		}},
		{"vectors/hybrid-qr/chrome.txt", parseQR, []malformed{
			{"neither true nor false", "linking: true", "linking: yes", `linking is "yes"`},
			{"a key that is not compressed", "key: 03", "key: ", "key has 32 bytes, want 33"},
		}},
		{"vectors/hybrid-advert/phone.txt", parseAdvert, []malformed{
			{"a short advert", "advert: 02", "advert: ", "advert has 19 bytes, want 20"},
		}},
	} {
		text := read(t, group.file)
		require.NoError(t, group.parse("whole", []byte(text)))
		for _, c := range group.cases {
			require.Contains(t, text, c.old, c.what)
			err := group.parse("broken", []byte(strings.Replace(text, c.old, c.new, 1)))
			require.ErrorContains(t, err, "test vector broken: ", c.what)
			assert.ErrorContains(t, err, c.says, c.what)
		}
	}
}

func parseWebAuthn(name string, text []byte) error {
	_, err := testdata.ParseWebAuthnVector(name, text)
	return err
}

func parseCA(name string, text []byte) error {
	_, err := testdata.ParseAttestationCA(name, text)
	return err
}

func parsePRF(name string, text []byte) error {
	_, err := testdata.ParsePRFVector(name, text)
	return err
}

func parsePRFExample(name string, text []byte) error {
	_, err := testdata.ParsePRFExample(name, text)
	return err
}

func parseQR(name string, text []byte) error {
	_, err := testdata.ParseQRVector(name, text)
	return err
}

func parseAdvert(name string, text []byte) error {
	_, err := testdata.ParseAdvertVector(name, text)
	return err
}

// FuzzParse has a reader either refuse a text or find all it promises in it.
func FuzzParse(f *testing.F) {
	for _, name := range []string{
		"vectors/webauthn/none-es256.txt", "vectors/webauthn/packed-rs256.txt", "vectors/attestation-ca.txt",
		"vectors/prf-ctap/protocol1-one-input.txt", "vectors/prf-api/by-credential.txt",
		"vectors/hybrid-handshake/qr.txt",
	} {
		f.Add([]byte(read(f, name)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if v, err := testdata.ParseWebAuthnVector("fuzz", text); err == nil {
			assert.NotEmpty(t, v.Registration.AttestationObject)
			assert.NotEmpty(t, v.Authentication.Signature)
			assert.Equal(t, v.Registration.PrivateKey == nil, v.Registration.Primes != nil)
		}
		if ca, err := testdata.ParseAttestationCA("fuzz", text); err == nil {
			assert.NotEmpty(t, ca.Certificate)
		}
		if v, err := testdata.ParsePRFVector("fuzz", text); err == nil {
			assert.Len(t, v.SharedSecret, 32*v.Protocol)
			assert.Equal(t, v.Second == nil, v.Salt2 == nil)
		}
		if e, err := testdata.ParsePRFExample("fuzz", text); err == nil {
			assert.NotEmpty(t, e.Input)
		}
		if v, err := testdata.ParseHandshakeVector("fuzz", text); err == nil {
			assert.Len(t, v.PSK, 32)
			assert.NotEmpty(t, v.Ciphertext)
		}
	})
}
