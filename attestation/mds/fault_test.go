package mds_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// accepted is the verdict on a BLOB that a reader takes.
const accepted = ""

// verdict is what readers have against a BLOB: a part of the error, or accepted, and
// then why.
type verdict struct {
	library string // go-webauthn's decoder
	site    string // the embedded relying party
	why     string
	logged  string // what the relying party says of an entry, where it takes the BLOB
}

const (
	notJWS      = "no JSON Web Signature"
	noWay       = "do not lead to the root"
	noPayload   = "payload cannot be read"
	notVerified = "signature does not verify"
)

var verdicts = map[string]verdict{
	"signature/bit-flip":  {library: "verification error", site: notVerified},
	"signature/empty":     {library: "verification error", site: "it has 0 bytes, want 64"},
	"signature/other-key": {library: "verification error", site: notVerified},
	"signature/der":       {library: "verification error", site: "bytes, want 64"},
	"alg/none":            {library: "'none' signature type is not allowed", site: `alg is "none"`},
	"alg/hmac":            {library: "key is of invalid type", site: `alg is "HS256"`},
	"alg/other":           {library: "verification error", site: `alg is "ES384"`},
	"alg/missing":         {library: "signing method (alg) is unspecified", site: `alg is ""`},
	"header/critical":     {site: "critical members", why: "the JWT library of go-webauthn passes over crit"},

	"chain/other-root":           {library: "unknown authority", site: noWay},
	"chain/self-signed":          {library: "chain is malformed", site: noWay},
	"chain/x5c-missing":          {library: "verification error", site: notVerified},
	"chain/x5c-empty":            {library: "chain is malformed", site: "names 0 certificates"},
	"chain/x5c-not-base64":       {library: "illegal base64", site: "illegal base64"},
	"chain/x5u-elsewhere":        {library: "x5u encountered", site: "x5u, which is not followed"},
	"chain/x5u-own":              {library: "x5u encountered", site: "x5u, which is not followed"},
	"chain/intermediate-missing": {library: "chain is malformed", site: noWay},
	"chain/root-included":        {why: "a root that is sent along changes nothing"},
	"chain/leaf-expired":         {library: "Leaf certificate is on", site: "has expired"},
	"chain/leaf-not-yet-valid":   {library: "Leaf certificate is on", site: "not yet valid"},
	"chain/intermediate-expired": {library: "Intermediate certificate is on", site: "has expired"},
	"chain/issuer-no-ca":         {library: "cannot sign this kind", site: noWay},
	"chain/other-host":           {site: "www.elsewhere.test, not mds.passkeylab.test", why: "go-webauthn does not look at the name: whoever has a certificate under the root can sign for it"},
	"chain/leaf-revoked":         {library: "Leaf certificate is on", site: `"mds.passkeylab.test" since 2030-01-01`},
	"chain/intermediate-revoked": {library: "Intermediate certificate is on", site: `"passkeylab metadata intermediate" since 2030-01-01`},
	"list/missing":               {site: "404 Not Found", why: "go-webauthn takes no answer for a good one"},
	"list/other-signer":          {site: "verification failure", why: "go-webauthn takes no good answer for a good one"},
	"list/expired":               {site: "2005-01-01 to 2005-01-08", why: "go-webauthn does not look at the dates of a list that it has just loaded"},

	"payload/rolled-back":          {site: "no successor of the last", why: "go-webauthn's decoder does not know the last BLOB, nor do its providers look"},
	"payload/number-repeated":      {site: "no successor of the last", why: "the same"},
	"payload/number-skipped":       {why: "a reader that was away sees the same"},
	"payload/number-missing":       {site: "no is missing", why: "go-webauthn reads 0"},
	"payload/number-text":          {library: "'no' expected type 'int'", site: noPayload},
	"payload/number-negative":      {site: "negative", why: "go-webauthn does not look at the number"},
	"payload/number-fraction":      {site: noPayload, why: "go-webauthn rounds it down"},
	"payload/expired":              {why: "there is no newer one; the site asks again within the hour"},
	"payload/date-and-time":        {library: "extra text", site: "extra text"},
	"payload/date-missing":         {library: "next update value ''", site: "nextUpdate"},
	"payload/entries-missing":      {site: "entries are missing", why: "go-webauthn reads a BLOB that knows nobody"},
	"payload/entries-object":       {library: "must be an array or slice", site: noPayload},
	"payload/legal-header-missing": {why: "the terms are for people"},
	"payload/list":                 {library: "cannot unmarshal array", site: noPayload},
	"payload/not-json":             {library: "invalid character", site: noPayload},
	"payload/cut-off":              {library: "unexpected end", site: noPayload},
	"payload/deep":                 {library: "exceeded max depth", site: "exceeded max depth"},
	"payload/number-twice":         {why: "encoding/json takes the last of two, and whoever signs may say what he likes"},

	"entry/aaguid-number":        {library: "'entries[0].aaguid' expected type 'string'", why: "one entry makes go-webauthn refuse all; the site does without it", logged: "entry 0: json: cannot unmarshal number"},
	"entry/aaguid-short":         {why: "both do without the entry", logged: "entry 0"},
	"entry/no-name":              {why: "nobody looks for the entry", logged: "entry 0: it names no model"},
	"entry/twice":                {why: "go-webauthn takes the last; for the site, what either says against the model counts"},
	"entry/statement-of-another": {why: "the model is refused when it is used (check aaguid)"},
	"entry/statement-missing":    {why: "it is allowed; but then there is nothing that an attestation could prove"},
	"entry/root-not-base64":      {why: "go-webauthn does without the entry, the site refuses the model", logged: "attestation root certificate 0"},
	"entry/root-no-certificate":  {why: "the same", logged: "attestation root certificate 0"},
	"entry/status-unknown":       {why: "a status that is not known to be undesired is not"},
	"entry/report-date":          {why: "go-webauthn does without the entry, the site refuses the model: the report says REVOKED", logged: "effective date"},
	"entry/reports-missing":      {why: "nothing is said against the model"},
	"entry/change-date-missing":  {why: "go-webauthn does without the entry, the site refuses the model", logged: "time of last status change"},
	"entry/rogue-hash-wrong":     {why: "nobody loads the list: it names keys of ECDAA, which WebAuthn Level 3 has not"},
	"entry/rogue-hash-missing":   {why: "go-webauthn does without the entry, the site refuses the model", logged: "rogue list hash was absent"},

	"token/truncated":         {library: "invalid number of segments", site: notJWS},
	"token/signature-cut-off": {library: "invalid number of segments", site: notJWS},
	"token/four-parts":        {library: "invalid number of segments", site: "4 parts"},
	"token/empty":             {library: "invalid number of segments", site: notJWS},
	"token/page":              {library: "invalid number of segments", site: notJWS},
	"token/padded":            {library: "illegal base64", site: notJWS},
	"token/new-line":          {why: "encoding/base64 passes over line ends, and files have them"},
	"token/huge":              {site: "more than 33554432 bytes", why: "go-webauthn has no limit"},
}

func TestEveryFaultHasVerdicts(t *testing.T) {
	t.Parallel()
	faults := mds.Faults()
	require.GreaterOrEqual(t, len(faults), 20)
	ids := make([]string, len(faults))
	for i, f := range faults {
		ids[i] = f.ID
		assert.Regexp(t, regexp.MustCompile(`^[a-z0-9]+/[a-z0-9-]+$`), f.ID)
		assert.NotEmpty(t, f.Spec, f.ID)
		assert.True(t, strings.HasSuffix(f.Doc, "."), "%s: %q is no sentence", f.ID, f.Doc)
		v, judged := verdicts[f.ID]
		if assert.True(t, judged, f.ID) {
			assert.Equal(t, v.library == accepted || v.site == accepted, v.why != "", "%s: say why it is accepted, and only that", f.ID)
		}
	}
	assert.True(t, slices.IsSorted(ids))
	assert.Len(t, slices.Compact(ids), len(verdicts))
}

// Each fault is read twice: by go-webauthn, and by a relying party that holds the
// BLOB before it.
func TestFaults(t *testing.T) {
	t.Parallel()
	// Each service has a path of its own, for go-webauthn keeps revocation lists by
	// address.
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	for _, f := range mds.Faults() {
		path := "/" + strings.ReplaceAll(f.ID, "/", "-")
		s, _ := newService(t, func(c *mds.Config) { c.URL = server.URL + path })
		mux.Handle(path+"/", http.StripPrefix(path, s))
		t.Run(f.ID, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			held := heldBy(t, s, server.URL+path+"/", &log)
			no := s.Publish(key(2))
			s.Break(f)

			v := verdicts[f.ID]
			_, err := decode(s.Root(), blobOf(t, s))
			judge(t, "go-webauthn", v.library, err)
			log.Reset()
			err = held.Refresh(t.Context())
			judge(t, "the site", v.site, err)
			assert.Contains(t, log.String(), v.logged)
			assert.Equal(t, v.logged != "", strings.Contains(log.String(), "metadata entry not readable"))
			if err == nil {
				return
			}
			assert.Contains(t, log.String(), "metadata not renewed")
			number, _ := held.Number()
			assert.EqualValues(t, no-1, number, "the last good BLOB is kept")
			s.Break()
			require.NoError(t, held.Refresh(t.Context()), "mended")
			number, _ = held.Number()
			assert.EqualValues(t, no, number)
		})
	}
}

// heldBy is a relying party's knowledge as of the first BLOB.
func heldBy(t *testing.T, s *mds.Service, url string, log io.Writer) *ceremony.Metadata {
	t.Helper()
	s.Publish(key(1))
	s.Publish(key(3))
	m, err := ceremony.NewMetadata(ceremony.MetadataConfig{
		Source: ceremony.FromURL(nil, url), Root: s.Root(), Host: s.Host(), Clock: newClock().Now,
		Logger: slog.New(slog.NewTextHandler(log, nil)),
	})
	require.NoError(t, err)
	require.NoError(t, m.Refresh(t.Context()))
	return m
}

// TestDocsListFaults holds the table of docs/metadata.md to the faults and verdicts.
func TestDocsListFaults(t *testing.T) {
	t.Parallel()
	const file, begin, end = "../../docs/metadata.md", "-docs -->\n", "<!-- end of faults -->"
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	head, rest, found := strings.Cut(string(text), begin)
	require.True(t, found)
	_, tail, found := strings.Cut(rest, end)
	require.True(t, found)
	want := head + begin + faultTable() + end + tail
	if *rewrite {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
		return
	}
	assert.Equal(t, want, string(text), "go test ./attestation/mds -run TestDocsListFaults -docs makes it anew")
}

var rewrite = flag.Bool("docs", false, "rewrite the table of faults")

func faultTable() string {
	sign := map[bool]string{true: "✓", false: "✗"}
	var b strings.Builder
	b.WriteString("| fault | what is wrong | rule | go-webauthn | site |\n|---|---|---|---|---|\n")
	for _, f := range mds.Faults() {
		v := verdicts[f.ID]
		site := sign[v.site == accepted]
		if v.why != "" {
			site += ": " + v.why
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", f.ID, f.Doc, f.Spec, sign[v.library == accepted], site)
	}
	return b.String()
}

func judge(t *testing.T, who, verdict string, err error) {
	t.Helper()
	if verdict == accepted {
		assert.NoError(t, err, who)
		return
	}
	assert.ErrorContains(t, err, verdict, who)
}
