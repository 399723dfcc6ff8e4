package webdriver_test

import (
	"bytes"
	"compress/flate"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider/webdriver"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

var update = flag.Bool("update", false, "write the golden file anew")

func numbered(n byte, alg webauthn.Algorithm) *authenticator.Credential {
	key := make(authenticator.Secret, 32)
	key[31] = n
	return &authenticator.Credential{
		ID: fmt.Appendf(nil, "credential number %d", n), RPID: "site.example", Algorithm: alg, PrivateKey: key,
		User:         ctap.UserEntity{ID: []byte{n}, Name: fmt.Sprintf("user%d@site.example", n), DisplayName: "Zoë <1>"},
		Discoverable: true, BackupEligible: true, BackedUp: true,
	}
}

// several are a synced passkey with a large blob, a device-bound one that counts,
// and one for a site that stores the IDs.
func several(t testing.TB) []*authenticator.Credential {
	t.Helper()
	read, err := webdriver.Read([]byte(strings.Replace(plain, `"signCount":0`, `"signCount":0,"largeBlob":"YSBibG9i"`, 1)))
	require.NoError(t, err)
	synced, bound, listed := numbered(1, webauthn.ES256), numbered(2, webauthn.EdDSA), numbered(3, webauthn.ES256)
	synced.Extras = read[0].Extras
	bound.BackupEligible, bound.BackedUp, bound.SignCount = false, false, 1<<32-1
	listed.Discoverable, listed.User = false, ctap.UserEntity{}
	return []*authenticator.Credential{synced, bound, listed}
}

// plain is a credential with nothing that could be left out.
const plain = `[{"credentialId":"YQ","isResidentCredential":false,"rpId":"site.example","signCount":0,` +
	`"privateKey":"MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQ"}]`

func TestGolden(t *testing.T) {
	t.Parallel()
	text, report, err := webdriver.Write(several(t)...)
	require.NoError(t, err)
	assert.Equal(t, webdriver.Report{Written: 3}, report)
	if *update {
		require.NoError(t, os.WriteFile("testdata/credentials.json", text, 0o644))
	}
	want, err := os.ReadFile("testdata/credentials.json")
	require.NoError(t, err)
	assert.Equal(t, string(want), string(text), "go test -run Golden -update writes it anew")
	back, err := webdriver.Read(want)
	require.NoError(t, err)
	assert.Equal(t, several(t), back)
}

// What Chromium's DevTools tell has padding, and null where there is nothing.
func TestReadsDevTools(t *testing.T) {
	t.Parallel()
	text := strings.Replace(plain, `"YQ"`, `"YQ=="`, 1)
	text = strings.Replace(text, `AAQ"}`, `AAQ==","userHandle":null,"largeBlob":null,"backupEligibility":true,"transports":["usb"]}`, 1)
	got, err := webdriver.Read([]byte(text))
	require.NoError(t, err)
	require.Len(t, got, 1)
	assert.Equal(t, []byte("a"), got[0].ID)
	assert.True(t, got[0].BackupEligible)
	assert.Nil(t, got[0].Extras)
	assert.Equal(t, numbered(1, webauthn.ES256).PrivateKey, got[0].PrivateKey)
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	swap := func(old, with string) string {
		require.Contains(t, plain, old)
		return strings.Replace(plain, old, with, 1)
	}
	one := strings.Trim(plain, "[]")
	for text, want := range map[string]string{
		`{}`:                             `want`,
		`[` + one + ",\n" + one + `]`:    `line 2, [1].credentialId: another credential has this`,
		swap(`"YQ"`, `""`):               `[0].credentialId: 0 bytes, want 1 to 1023`,
		swap(`"YQ"`, `"?"`):              `[0].credentialId: is not in base64url`,
		swap(`"credentialId":"YQ",`, ``): `[0]: lacks "credentialId"`,
		swap(`"site.example"`, `""`):     `[0].rpId: is no RP ID`,
		swap(`"signCount":0`, `"signCount":4294967296`):                     `whole number of 32 bits`,
		swap(`"isResidentCredential":false`, `"isResidentCredential":true`): `[0]: is resident and has no userHandle`,
		swap(`"signCount":0`, `"signCount":0,"backupState":true`):           `[0]: is backed up and not eligible`,
		swap(`"MEEC`, `"AEEC`): `[0].privateKey: credential key`,
		swap(`"signCount":0`, `"signCount":0,"userHandle":"`+strings.Repeat("A", 88)+`"`):    `[0].userHandle: 66 bytes, want 0 to 64`,
		swap(`"signCount":0`, `"signCount":0,"largeBlob":"`+strings.Repeat("A", 90_000)+`"`): `[0].largeBlob: 90000 characters`,
		swap(`"signCount":0`, `"signCount":0,"signCount":1`):                                 `[0].signCount: is there twice`,
	} {
		got, err := webdriver.Read([]byte(text))
		require.ErrorIs(t, err, webdriver.ErrText, text)
		require.ErrorContains(t, err, want, text)
		assert.Nil(t, got)
	}
	_, err := webdriver.Read(make([]byte, webdriver.MaxBytes+1))
	assert.ErrorContains(t, err, "at most 16777216 are read")
}

func TestTellsWhatIsLost(t *testing.T) {
	t.Parallel()
	c := numbered(1, webauthn.ES256)
	c.Extras = &authenticator.Extras{
		CredBlob: []byte{1}, LargeBlobKey: make(authenticator.Secret, 32), ThirdPartyPayment: true, CredProtect: ctap.UserVerificationRequired,
		CredRandom: make(authenticator.Secret, 64), TakesLargeBlob: true, LargeBlob: []byte("bad"),
	}
	_, report, err := webdriver.Write(c, numbered(2, webauthn.Ed448))
	require.NoError(t, err)
	assert.Equal(t, 1, report.Written)
	require.Len(t, report.LeftOut, 1)
	assert.Contains(t, report.LeftOut[0].String(), "in PKCS #8")
	require.Len(t, report.Dropped, 6)
	for i, what := range []string{"credBlob", "large-blob array", "large blob: ", "credProtect", "prf", "payments"} {
		assert.Contains(t, report.Dropped[i].What, what)
	}
	c.Extras = &authenticator.Extras{LargeBlob: bytes.Repeat([]byte{0}, 3), TakesLargeBlob: true}
	_, report, err = webdriver.Write(c)
	require.NoError(t, err)
	require.Len(t, report.Dropped, 1)

	long := several(t)[0]
	long.Extras.LargeBlob = inflatesTo(t, 64<<10+1)
	_, report, err = webdriver.Write(long)
	require.NoError(t, err)
	require.Len(t, report.Dropped, 1)
	assert.Contains(t, report.Dropped[0].What, "too long")

	c.ID = nil
	_, _, err = webdriver.Write(c)
	assert.ErrorContains(t, err, "credentialId")
}

// inflatesTo is a blob that has so many bytes before compression.
func inflatesTo(t *testing.T, size int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	require.NoError(t, err)
	_, err = w.Write(make([]byte, size))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

// What is read can be written, and is the same when it is read again.
func FuzzRead(f *testing.F) {
	text, _, err := webdriver.Write(several(f)...)
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte(plain))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := webdriver.Read(text)
		if err != nil {
			require.ErrorIs(t, err, webdriver.ErrText)
			return
		}
		again, report, err := webdriver.Write(all...)
		require.NoError(t, err)
		require.Equal(t, webdriver.Report{Written: len(all)}, report)
		back, err := webdriver.Read(again)
		require.NoError(t, err)
		require.Len(t, back, len(all))
		for i := range back {
			require.Equal(t, all[i].PrivateKey, back[i].PrivateKey)
			require.Equal(t, all[i].ID, back[i].ID)
			require.Equal(t, all[i].Extras, back[i].Extras)
		}
	})
}
