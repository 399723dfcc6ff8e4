package cxf_test

import (
	"bytes"
	"compress/flate"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/provider/cxf"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

var update = flag.Bool("update", false, "write the golden files anew")

var at = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

func owner() cxf.Account {
	return cxf.Account{ID: []byte("alice's account"), Username: "alice", Email: "alice@example.com"}
}

func deflated(t testing.TB, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	require.NoError(t, err)
	_, err = w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

// numbered is a passkey whose key is made of a number.
func numbered(n byte, alg webauthn.Algorithm) *authenticator.Credential {
	key := make(authenticator.Secret, 32)
	key[31] = n
	return &authenticator.Credential{
		ID: fmt.Appendf(nil, "passkey number %d", n), RPID: "site.example", Algorithm: alg, PrivateKey: key,
		User:         ctap.UserEntity{ID: []byte{n}, Name: fmt.Sprintf("user%d@site.example", n), DisplayName: "Zoë <1>"},
		Discoverable: true, BackupEligible: true, BackedUp: true, Sequence: uint64(n), Created: at.Unix() - int64(n),
	}
}

func everyKind(t testing.TB) (all []*authenticator.Credential) {
	for i, alg := range []webauthn.Algorithm{webauthn.ES256, webauthn.EdDSA, webauthn.RS256, webauthn.ES384, webauthn.ES512, webauthn.MLDSA44} {
		all = append(all, numbered(byte(i+1), alg))
	}
	all[0].Extras = &authenticator.Extras{
		CredBlob: []byte("credential blob"), CredRandom: bytes.Repeat([]byte{0xaa, 0xbb}, 32), ThirdPartyPayment: true,
		TakesLargeBlob: true, LargeBlob: deflated(t, "a large blob"), LargeBlobSize: 12,
	}
	return all
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile("testdata/"+name, got, 0o644))
	}
	want, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), "go test -run Golden -update writes it anew")
}

func TestGoldenExport(t *testing.T) {
	t.Parallel()
	text, report, err := cxf.Write(cxf.New("provider.example", "The provider", at, owner(), everyKind(t)...))
	require.NoError(t, err)
	assert.Equal(t, 6, report.Written)
	assert.Empty(t, report.LeftOut)
	assert.Empty(t, report.Dropped)
	golden(t, "exported.json", text)
}

// What is written is read back, and signs and hashes as before.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	want := everyKind(t)
	text, _, err := cxf.Write(cxf.New("provider.example", "The provider", at, owner(), want...))
	require.NoError(t, err)
	d, err := cxf.Read(text)
	require.NoError(t, err)
	assert.Equal(t, "provider.example", d.Exporter)
	assert.Equal(t, "The provider", d.ExporterName)
	assert.Equal(t, at, d.Time)
	assert.Empty(t, d.Others)
	assert.Empty(t, d.Dropped)
	require.Len(t, d.Accounts, 1)
	assert.Equal(t, owner().ID, d.Accounts[0].ID)
	assert.Equal(t, "alice@example.com", d.Accounts[0].Email)
	got := d.Passkeys()
	require.Len(t, got, len(want))
	for i, c := range got {
		assert.Equal(t, want[i].ID, c.ID)
		assert.Equal(t, want[i].RPID, c.RPID)
		assert.Equal(t, want[i].User, c.User)
		assert.Equal(t, want[i].Algorithm, c.Algorithm)
		assert.Equal(t, want[i].Created, c.Created)
		assert.True(t, c.Discoverable)
		assert.Zero(t, c.SignCount)
		assert.Zero(t, c.Sequence)
		assert.Equal(t, public(t, want[i]), public(t, c))
		assert.Equal(t, secrets(t, want[i]), secrets(t, c), "outputs of prf stay what they were")
	}
	assert.Equal(t, want[0].Extras, got[0].Extras)
}

func public(t *testing.T, c *authenticator.Credential) []byte {
	t.Helper()
	key, err := c.PublicKey()
	require.NoError(t, err)
	return key
}

func secrets(t *testing.T, c *authenticator.Credential) []authenticator.Secret {
	t.Helper()
	with, without, err := c.HMACSecrets()
	require.NoError(t, err)
	return []authenticator.Secret{with, without}
}

func TestReadWhatOthersWrite(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/elsewhere.json")
	require.NoError(t, err)
	d, err := cxf.Read(text)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"basic-auth": 1, "totp": 1, "hologram": 1}, d.Others)
	got := d.Passkeys()
	require.Len(t, got, 3)
	assert.Equal(t, []string{"site.example", "site.example", "other.example"}, []string{got[0].RPID, got[1].RPID, got[2].RPID})
	assert.Equal(t, webauthn.ES256, got[0].Algorithm)
	assert.Equal(t, webauthn.EdDSA, got[1].Algorithm)
	assert.Equal(t, public(t, numbered(1, webauthn.ES256)), public(t, got[0]))
	assert.Equal(t, public(t, numbered(2, webauthn.EdDSA)), public(t, got[1]))
	assert.Equal(t, int64(1700000000), got[0].Created)
	assert.Zero(t, got[2].Created)
	assert.Nil(t, got[0].Extras)
	assert.Equal(t, "", got[2].User.Name)
	dropped := []string{}
	for _, one := range d.Dropped {
		dropped = append(dropped, one.What)
		assert.Equal(t, got[1].ID, one.ID)
	}
	assert.Equal(t, []string{`extension hmacSecret`, `hmacCredentials of the algorithm "hmac-sha512"`}, dropped)
	assert.Contains(t, d.Dropped[0].String(), "site.example")
}

// Another implementation reads what is written here, and what it makes of it is the
// same.
func TestAnotherImplementationAgrees(t *testing.T) {
	t.Parallel()
	var all [2][]*authenticator.Credential
	for i, name := range []string{"exported.json", "rewritten.json"} {
		text, err := os.ReadFile("testdata/" + name)
		require.NoError(t, err)
		d, err := cxf.Read(text)
		require.NoError(t, err)
		assert.Empty(t, d.Dropped)
		all[i] = d.Passkeys()
	}
	assert.NotEmpty(t, all[0])
	assert.Equal(t, all[0], all[1])
}

// Everything that is wrong is told, with its line, and nothing is read.
func TestGoldenRefusal(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/refused.json")
	require.NoError(t, err)
	d, err := cxf.Read(text)
	require.ErrorIs(t, err, cxf.ErrDocument)
	assert.Nil(t, d)
	var refused *cxf.Error
	require.ErrorAs(t, err, &refused)
	var told strings.Builder
	for _, p := range refused.Problems {
		fmt.Fprintln(&told, p)
	}
	golden(t, "refused.txt", []byte(told.String()))
}

func TestExportLeavesOut(t *testing.T) {
	t.Parallel()
	with := func(change func(*authenticator.Credential)) *authenticator.Credential {
		c := numbered(1, webauthn.ES256)
		change(c)
		return c
	}
	for why, c := range map[string]*authenticator.Credential{
		"its counter stands at 3":         with(func(c *authenticator.Credential) { c.SignCount = 3 }),
		"it is not discoverable":          with(func(c *authenticator.Credential) { c.Discoverable = false }),
		"it is bound to its device":       with(func(c *authenticator.Credential) { c.BackupEligible = false }),
		"its ID has 0 bytes":              with(func(c *authenticator.Credential) { c.ID = nil }),
		"its user handle has 0 bytes":     with(func(c *authenticator.Credential) { c.User.ID = nil }),
		"is no RP ID":                     with(func(c *authenticator.Credential) { c.RPID = "https://site.example" }),
		"more than 1024 bytes":            with(func(c *authenticator.Credential) { c.User.Name = strings.Repeat("a", 1025) }),
		"in PKCS #8":                      numbered(1, webauthn.Ed448),
		"would be taken for one of RS256": numbered(1, webauthn.PS256),
		"has 3 bytes, want 32":            with(func(c *authenticator.Credential) { c.PrivateKey = authenticator.Secret{1, 2, 3} }),
		"another one has the same ID":     with(func(c *authenticator.Credential) { c.ID = numbered(2, 0).ID }),
	} {
		text, report, err := cxf.Write(cxf.New("p.example", "P", at, owner(), numbered(2, webauthn.ES256), c))
		require.NoError(t, err, why)
		require.Len(t, report.LeftOut, 1, why)
		assert.Contains(t, report.LeftOut[0].What, why)
		assert.Equal(t, 1, report.Written)
		d, err := cxf.Read(text)
		require.NoError(t, err)
		assert.Len(t, d.Passkeys(), 1)
		assert.Len(t, d.Accounts[0].Items, 1, "an item with nothing in it goes too")
	}
}

func TestExportDrops(t *testing.T) {
	t.Parallel()
	for why, extras := range map[string]*authenticator.Extras{
		"credProtect, 3":        {CredProtect: ctap.UserVerificationRequired},
		"large-blob array":      {LargeBlobKey: make(authenticator.Secret, 32)},
		"none was written":      {TakesLargeBlob: true},
		"large blob of 3 bytes": {TakesLargeBlob: true, LargeBlob: []byte("bad"), LargeBlobSize: 3},
		"credBlob of 1025":      {CredBlob: make([]byte, 1025)},
		"CredRandom":            {CredRandom: authenticator.Secret{1}},
	} {
		c := numbered(1, webauthn.ES256)
		c.Extras = extras
		_, report, err := cxf.Write(cxf.New("p.example", "P", at, owner(), c))
		require.NoError(t, err, why)
		assert.Equal(t, 1, report.Written)
		require.Len(t, report.Dropped, 1, why)
		assert.Contains(t, report.Dropped[0].What, why)
	}
}

// A blob that nobody would read back is not written, and neither is a time before
// there was any.
func TestExportDropsWhatIsTooLong(t *testing.T) {
	t.Parallel()
	noise := make([]byte, 70_000)
	_, err := seed.Stream(1, "noise").Read(noise)
	require.NoError(t, err)
	c := numbered(1, webauthn.ES256)
	c.Created = -1
	c.Extras = &authenticator.Extras{TakesLargeBlob: true, LargeBlob: deflated(t, string(noise)), LargeBlobSize: uint64(len(noise))}
	text, report, err := cxf.Write(cxf.New("p.example", "P", at, owner(), c))
	require.NoError(t, err)
	require.Len(t, report.Dropped, 1)
	assert.NotContains(t, string(text), "creationAt")
	d, err := cxf.Read(text)
	require.NoError(t, err)
	assert.Zero(t, d.Passkeys()[0].Created)
}

func TestWriteNeedsAnAccount(t *testing.T) {
	t.Parallel()
	_, _, err := cxf.Write(cxf.New("p.example", "P", at, cxf.Account{}))
	assert.ErrorContains(t, err, "accounts[0].id")
}

// document puts a passkey's members, and what else an item has, into a document.
func document(members string) string {
	return `{"version":{"major":1,"minor":0},"exporterRpId":"p.example","exporterDisplayName":"P","timestamp":1,` +
		`"accounts":[{"id":"YQ","username":"","email":"","collections":[],"items":[{"id":"YQ","title":"","credentials":[` + members + `]}]}]}`
}

func TestRefusesAroundPasskeys(t *testing.T) {
	t.Parallel()
	good := document(``)
	_, err := cxf.Read([]byte(good))
	require.NoError(t, err)
	swap := func(old, with string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, with, 1)
	}
	item := `{"id":"YQ","title":"","credentials":[]}`
	account := `{"id":"YQ","username":"","email":"","collections":[],"items":[]}`
	for text, want := range map[string]string{
		``:                                      `JSON byte 0`,
		`[]`:                                    `want`,
		swap(`"major":1`, `"major":2`):          `version.major: version 2, want 1`,
		swap(`"major":1,`, ``):                  `version: lacks "major"`,
		swap(`"timestamp":1`, `"timestamp":-1`): `whole number`,
		swap(`"timestamp":1`, `"timestamp":9007199254740992`):                   `timestamp: 9007199254740992 is no time`,
		swap(`"timestamp":1,`, ``):                                              `lacks "timestamp"`,
		swap(`"accounts":[`, `"accounts":[`+account+`,`):                        `accounts[1].id: another account has this id`,
		swap(`"items":[`, `"items":[`+item+`,`):                                 `accounts[0].items[1].id: another item has this id`,
		swap(`"id":"YQ","username"`, `"id":"","username"`):                      `accounts[0].id: 0 bytes, want 1 to 64`,
		swap(`"id":"YQ","title"`, `"id":"`+strings.Repeat("A", 88)+`","title"`): `bytes`,
		swap(`"title":""`, `"title":"`+strings.Repeat("a", 1025)+`"`):           `title: 1025 bytes, at most 1024`,
		swap(`"title":""`, `"title":null`):                                      `title: is null`,
		swap(`"title":"",`, ``):                                                 `items[0]: lacks "title"`,
		swap(`"collections":[],`, ``):                                           `accounts[0]: lacks "collections"`,
		document(`7`):                                                           `credentials[0]: is no object with one string "type"`,
		document(`{}`):                                                          `credentials[0]: is no object with one string "type"`,
		document(strings.Repeat(`{"type":"x"},`, 100) + `{"type":"x"}`):         `credentials: has more than 100 elements`,
		document(strings.Repeat(`[`, 120)):                                      `nested deeper`,
		good + `x`:                                                              `want the end of the text`,
	} {
		_, err := cxf.Read([]byte(text))
		require.ErrorIs(t, err, cxf.ErrDocument, text)
		assert.ErrorContains(t, err, want, text)
	}
	_, err = cxf.Read(make([]byte, cxf.MaxBytes+1))
	assert.ErrorContains(t, err, "at most 16777216 are read")
}

// A small blob cannot become a large one.
func TestBlobsDoNotExplode(t *testing.T) {
	t.Parallel()
	bomb := deflated(t, strings.Repeat("0", 4<<20))
	require.Less(t, len(bomb), 5000)
	for _, size := range []uint64{4 << 20, 10, 0} {
		c := numbered(1, webauthn.ES256)
		c.Extras = &authenticator.Extras{TakesLargeBlob: true, LargeBlob: bomb, LargeBlobSize: size}
		_, report, err := cxf.Write(cxf.New("p.example", "P", at, owner(), c))
		require.NoError(t, err)
		assert.Len(t, report.Dropped, 1)
	}
}

// What is read can be written and read again, and is the same then.
func FuzzRead(f *testing.F) {
	elsewhere, err := os.ReadFile("testdata/elsewhere.json")
	require.NoError(f, err)
	exported, _, err := cxf.Write(cxf.New("p.example", "P", at, owner(), everyKind(f)[:2]...)) // quick keys
	require.NoError(f, err)
	for _, text := range [][]byte{elsewhere, exported, []byte(document(``))} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := cxf.Read(text)
		if err != nil {
			require.ErrorIs(t, err, cxf.ErrDocument)
			require.Nil(t, d)
			return
		}
		for _, c := range d.Passkeys() {
			require.NoError(t, (&authenticator.Change{Put: []*authenticator.Credential{c}}).Check())
			require.Zero(t, c.SignCount)
			c.BackupEligible = true
		}
		again, report, err := cxf.Write(d)
		require.NoError(t, err)
		require.Empty(t, report.LeftOut)
		require.Empty(t, report.Dropped)
		back, err := cxf.Read(again)
		require.NoError(t, err)
		require.Len(t, back.Passkeys(), len(d.Passkeys()))
		for i, c := range back.Passkeys() {
			c.BackupEligible = true
			was := d.Passkeys()[i]
			require.Equal(t, was.PrivateKey, c.PrivateKey)
			require.Equal(t, secrets(t, was), secrets(t, c))
		}
	})
}
