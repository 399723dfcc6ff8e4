package fault_test

import (
	"encoding/asn1"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/attestation"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/fault"
)

var update = flag.Bool("update", false, "write testdata/seen.txt anew")

func unmarshalDER(t testing.TB, data []byte, into any) {
	t.Helper()
	_, err := asn1.Unmarshal(data, into)
	require.NoError(t, err)
}

func unmarshalJSON(t testing.TB, data []byte, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(data, into), string(data))
}

func unmarshalCBOR(t testing.TB, data []byte, into any) {
	t.Helper()
	require.NoError(t, cbor.Unmarshal(data, into))
}

func plainCBOR(t testing.TB, v any) []byte {
	t.Helper()
	out, err := cbor.Marshal(v)
	require.NoError(t, err)
	return out
}

// rawSequence is DER, or BER, of two integers as they are.
func rawSequence(r, s []byte) []byte {
	inner := append(append([]byte{2, byte(len(r))}, r...), append([]byte{2, byte(len(s))}, s...)...)
	return append([]byte{0x30, byte(len(inner))}, inner...)
}

// scenes are all that is tried with every fault, sorted by name.
func scenes(t testing.TB) []scene {
	all := slices.Concat(jsonScenes(), clientScenes(), authDataScenes(), keyScenes(), signatureScenes(t), objectScenes(t), challengeScenes(), beatenScenes(), optionsScenes(), readingScenes(t), interfaceScenes(), listScenes(t), choiceScenes(t))
	slices.SortFunc(all, func(a, b scene) int { return strings.Compare(a.name, b.name) })
	return all
}

// attested are registrations with statements: whole ones of every kind, and ones with
// each defect of a format, or of none.
func attested(format string) (all []scene) {
	with := func(name string, by attestation.Attester) scene {
		return registering("statement: "+name, func(k *key) {
			k.attest, k.attestedAs = by, name
			if by.Format() == "fido-u2f" {
				k.aaguid, k.flags = make([]byte, 16), up
			}
		})
	}
	for _, s := range samples() {
		if s.Software || !slices.Contains([]string{s.Attester.Format(), s.Attester.Format() + ", self"}, s.Name) {
			continue
		}
		all = append(all, with(s.Name, s.Attester))
	}
	if format == "packed" {
		all = append(all, selfWith("empty", []any{}), selfWith("a text", "x"), selfWith("null", nil))
	}
	if format == "compound" {
		all = append(all, registering("statement: compound, one in it", func(k *key) {
			k.object = func(o map[string]any) {
				o["fmt"] = "compound"
				o["attStmt"] = []any{object{"fmt": "compound", "attStmt": object{}}, object{"fmt": "compound", "attStmt": object{}}}
			}
		}))
	}
	for _, d := range attestation.Defects() {
		if d.Format != format && !strings.HasPrefix(d.ID, format+"/") {
			continue
		}
		if s, err := d.Of(samples()); err == nil {
			all = append(all, with(d.ID, s.Attester))
		}
	}
	return all
}

// selfWith is self attestation with an x5c.
func selfWith(what string, x5c any) scene {
	return registering("statement: packed, self, with x5c "+what, func(k *key) {
		k.attest, k.attestedAs = attestation.PackedSelf(), "self"
		k.object = func(o map[string]any) {
			statement := map[string]any{}
			if cbor.Unmarshal(o["attStmt"].(cbor.RawMessage), &statement) == nil {
				statement["x5c"] = x5c
				o["attStmt"] = statement
			}
		}
	})
}

// correct is how scenes end without faults.
var correct sync.Map

func without(t testing.TB, sc scene) string {
	t.Helper()
	if known, ok := correct.Load(sc.name); ok {
		return known.(string)
	}
	end := sc.end(newStage(t, sc.config))
	correct.Store(sc.name, end)
	return end
}

// difference is a scene that ends otherwise with a fault.
type difference struct{ scene, sound, spoiled string }

func (d difference) String() string {
	if !strings.HasPrefix(d.sound, "{") {
		return fmt.Sprintf("%s: %s, not %s", d.scene, d.spoiled, d.sound)
	}
	return d.scene + ": " + changes(d.sound, d.spoiled)
}

// changes is what differs between two texts, with a little around it.
func changes(a, b string) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	m := 0
	for m < min(len(a), len(b))-n && a[len(a)-1-m] == b[len(b)-1-m] {
		m++
	}
	return fmt.Sprintf("…%s…, not …%s…", b[max(0, n-12):min(len(b), len(b)-m+6)], a[max(0, n-12):min(len(a), len(a)-m+6)])
}

// statementGroups are the groups whose faults are about attestation.
var statementGroups = []string{"attestation", "packed", "fido-u2f", "tpm", "android-key", "apple", "android-safetynet", "compound"}

func differences(t testing.TB, id string, all []scene) (seen []difference) {
	t.Helper()
	f, err := fault.Lookup(id)
	require.NoError(t, err)
	format := strings.TrimPrefix(f.Group(), "rp/")
	if slices.Contains(statementGroups, format) {
		all = append(attested(format), all...)
	}
	for _, sc := range all {
		if !reaches(f, sc) {
			continue
		}
		f, err := fault.Lookup(id) // faults remember
		require.NoError(t, err)
		if sound, spoiled := without(t, sc), sc.end(newStage(t, sc.config, f.Seams)); sound != spoiled && spoiled != unregistered {
			seen = append(seen, difference{sc.name, sound, spoiled})
		}
	}
	return seen
}

// reaches reports whether a fault could make a difference to a scene, going by where it
// acts. Ordinary scenes are played with all.
func reaches(f fault.Fault, sc scene) bool {
	if strings.HasSuffix(sc.name, ", ordinary") {
		return true
	}
	s := f.Seams
	switch {
	case f.Group() == "rp/metadata": // there are no rules for models here
		return false
	case s.Request != nil, s.Answer != nil:
		return strings.HasPrefix(sc.name, "interface,")
	case strings.HasPrefix(sc.name, "interface,"):
		return false
	case s.Options != nil && (len(s.Steps) == 0 || strings.HasPrefix(sc.name, "options,")): // which verification does not look at
		return strings.HasPrefix(sc.name, "options,")
	case s.Response != nil || s.ClientData != nil || s.AuthenticatorData != nil || s.Begun != nil || s.Challenge != nil || s.Handle != nil:
		return true
	}
	sections := map[string]bool{}
	for step := range s.Steps {
		sections[step.Section] = true
	}
	switch {
	case s.AttestationObject != nil, !sections["7.2"] && !sections["13.4.3"]:
		return strings.HasPrefix(sc.name, "registration,")
	case !sections["7.1"] && !sections["13.4.3"]:
		return strings.HasPrefix(sc.name, "login,")
	}
	return true
}

// TestSeen plays all scenes with each fault, and keeps what differs from a relying party
// without: that, and nothing else. Whoever changes a fault reads the difference in
// testdata/seen.txt; -update writes it.
func TestSeen(t *testing.T) {
	makers()
	all := scenes(t)
	list := fault.All()
	told := make([]string, len(list))
	t.Run("with", func(t *testing.T) {
		for i, f := range list {
			t.Run(f.ID, func(t *testing.T) {
				t.Parallel()
				var text strings.Builder
				fmt.Fprintf(&text, "%s\n", f.ID)
				folded := map[string]int{}
				for _, d := range differences(t, f.ID, all) {
					heldToItsWord(t, f, d)
					kind, _, _ := strings.Cut(d.scene, ",")
					if d.sound != accepted || !refuses(t, f.ID, kind) || strings.HasSuffix(d.scene, ", ordinary") {
						fmt.Fprintf(&text, "\t%s\n", d)
						continue
					}
					folded[kind]++ // it says no more than that an ordinary one is refused
				}
				for _, kind := range slices.Sorted(maps.Keys(folded)) {
					fmt.Fprintf(&text, "\t%s, %d others: refused, not accepted\n", kind, folded[kind])
				}
				told[i] = text.String()
			})
		}
	})
	for i, f := range list {
		if strings.Count(told[i], "\n") == 1 && f.At(relyingparty.DoorConformance) && f.Group() != "rp/metadata" {
			t.Errorf("%s makes no difference", f.ID)
		}
	}
	file, got := filepath.Join("testdata", "seen.txt"), strings.Join(told, "")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// refuses reports whether a fault refuses even what is ordinary.
func refuses(t *testing.T, id, kind string) bool {
	t.Helper()
	for _, sc := range jsonScenes() {
		if sc.name == kind+", ordinary" {
			f, err := fault.Lookup(id)
			require.NoError(t, err)
			return sc.end(newStage(t, nil, f.Seams)) == refused
		}
	}
	return false
}

// heldToItsWord: who is strict accepts nothing more, who is not refuses nothing more.
func heldToItsWord(t *testing.T, f fault.Fault, d difference) {
	switch {
	case d.sound == accepted && !f.Strict:
		t.Errorf("%s, which is not strict, refuses: %s", f.ID, d)
	case d.sound == refused && f.Strict:
		t.Errorf("%s, which is strict, accepts: %s", f.ID, d)
	}
}
