package fault_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/authenticator/fault"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

var update = flag.Bool("update", false, "write what is seen of each fault anew")

// scenes are all that observers do with a device, each with a device of its own.
var scenes = []struct {
	name  string
	model authenticator.Model
	play  func(*world)
}{
	{"ceremonies", authenticator.SecurityKey(), createAndSignIn},
	{"accounts", authenticator.SecurityKey(), accounts},
	{"excluding", authenticator.SecurityKey(), excluding},
	{"gestures", authenticator.SecurityKey(), gestures},
	{"phone", authenticator.Phone(), choosing},
	{"requests", authenticator.SecurityKey(), requests},
	{"names", authenticator.SecurityKey(), names},
	{"preferences", attested(), preferences},
	{"full", small(), full},
	{"keeping", authenticator.SecurityKey(), keeping},
	{"info", authenticator.SecurityKey(), info},
	{"protection", authenticator.SecurityKey(), protection},
	{"pins", authenticator.PINKey(), pins},
	{"guessing", authenticator.PINKey(), guessing},
	{"attempts", authenticator.PINKey(), attempts},
	{"tokens", authenticator.PINKey(), tokens},
	{"touched", authenticator.SecurityKey(), touched},
	{"resetting", authenticator.PINKey(), resetting},
	{"secrets", authenticator.PINKey(), secrets},
	{"blobs", authenticator.PINKey(), blobs},
	{"managed", authenticator.PINKey(), managed},
	{"configured", authenticator.PINKey(), configured},
	{"fingers", authenticator.BioKey(), fingers},
	{"USB", authenticator.SecurityKey(), spokenByUSB},
	{"NFC", authenticator.SecurityKey(), heldToReader},
	{"U2F", authenticator.SecurityKey(), spokenByU2F},
	{"cancelling", authenticator.SecurityKey(), cancelling},
	{"scopes", authenticator.PINKey(), scopes},
	{"lists", authenticator.PINKey(), lists},
	{"rules", authenticator.PINKey(), rules},
	{"policies", authenticator.PINKey(), policies},
	{"renamed", authenticator.PINKey(), renamed},
	{"replaced", small(), replaced},
	{"unharmed", authenticator.PINKey(), unharmed},
	{"unasked", authenticator.PINKey(), unasked},
	{"unprotected", authenticator.PINKey(), unprotected},
	{"enterprise", enterprise(), managedDevice},
	{"outlived", authenticator.PINKey(), outlived},
	{"quiet", authenticator.SecurityKey(), quiet},
	{"nonces", authenticator.SecurityKey(), signing},
	{"page", authenticator.Laptop(), fromPage},
}

// small has room for two passkeys.
func small() authenticator.Model {
	m := authenticator.SecurityKey()
	m.Capacity = 2
	return m
}

// attested has two formats of attestation.
func attested() authenticator.Model {
	const serial = 7
	private := bytes.Repeat([]byte{serial}, 32)
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), private)
	if err != nil {
		panic(err) // the scalar is a good one
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err) // nor is there anything wrong with the rest
	}
	m := authenticator.SecurityKey()
	m.AttestationFormats = []string{webauthn.FormatFIDOU2F, webauthn.FormatPacked}
	m.Attestation = &authenticator.AttestationKey{Algorithm: webauthn.ES256, Private: private, Certificates: [][]byte{certificate}}
	return m
}

// enterprise is managed by its platform.
func enterprise() authenticator.Model {
	m := authenticator.PINKey()
	m.Enterprise = authenticator.EnterpriseFeatures{Platform: true, Key: attested().Attestation}
	return m
}

// observe plays every scene with a fault, or with none. Each device gets a fault of
// its own.
func observe(t testing.TB, fresh func() fault.Fault) (seen map[string]string, order []string) {
	t.Helper()
	seen = map[string]string{}
	onDevice := !reflect.ValueOf(fresh().Seams).IsZero()
	for _, s := range scenes {
		f := fresh()
		if !onDevice && !actsOutside(f, s.name) {
			correctly, _ := sound(t)
			for key, value := range correctly {
				if strings.HasPrefix(key, s.name+": ") {
					seen[key] = value
				}
			}
			continue
		}
		w := newWorld(t, f, s.name, s.model)
		s.play(w)
		require.NoError(t, w.defect, "scene %s", s.name)
		for _, key := range w.order {
			seen[key] = w.seen[key]
		}
		order = append(order, w.order...)
	}
	return seen, order
}

// actsOutside reports whether a fault that leaves the device alone acts in a scene.
// In the others there is nothing for it to be attached to.
func actsOutside(f fault.Fault, scene string) bool {
	switch scene {
	case "USB":
		return f.HID.Heard != nil || f.HID.Said != nil
	case "NFC":
		return f.NFC.Heard != nil || f.NFC.Said != nil
	case "page":
		return !reflect.ValueOf(f.Client).IsZero()
	}
	return false
}

// none is a fault that changes nothing, by a seam that is there.
func none() fault.Fault {
	return fault.Fault{Seams: authenticator.Seams{Request: func(req ctap.Request) ctap.Request { return req }}}
}

var correct struct {
	sync.Once
	seen  map[string]string
	order []string
}

// sound is what is seen of a device without faults.
func sound(t testing.TB) (seen map[string]string, order []string) {
	correct.Do(func() { correct.seen, correct.order = observe(t, none) })
	return correct.seen, correct.order
}

// TestWhatIsSeenOfEachFault holds every fault to the differences that an observer
// sees, and to no others. The file lists them for people to read.
func TestWhatIsSeenOfEachFault(t *testing.T) {
	t.Parallel()
	const file = "testdata/seen.txt"
	// Those of attestation statements are held to a verifier, by TestAttestationFaults.
	all := slices.DeleteFunc(fault.All(), func(f fault.Fault) bool { return f.Group() == "attestation" })
	differences := make([][]string, len(all))
	t.Run("observing", func(t *testing.T) {
		for i, f := range all {
			t.Run(f.ID, func(t *testing.T) {
				t.Parallel()
				differences[i] = differ(t, f.ID)
				assert.NotEmpty(t, differences[i], "nobody can see that the device is faulty")
			})
		}
	})
	var out strings.Builder
	for i, f := range all {
		fmt.Fprintf(&out, "%s\n", f.ID)
		writeDifferences(&out, differences[i])
	}
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(out.String()), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	compareByFault(t, string(want), out.String())
}

// Of the differences of one scene, and of the scenes of one fault, so many are
// listed. The number of the others and a digest hold them to what they are.
const (
	mostOfScene = 3
	mostScenes  = 4
)

func writeDifferences(out *strings.Builder, all []string) {
	listed := map[string]int{}
	var rest []string
	for _, d := range all {
		scene, _, _ := strings.Cut(d, ":")
		if _, known := listed[scene]; !known && len(listed) == mostScenes || listed[scene] == mostOfScene {
			rest = append(rest, d)
			continue
		}
		listed[scene]++
		fmt.Fprintf(out, "\t%s\n", d)
	}
	if len(rest) > 0 {
		digest := sha256.Sum256([]byte(strings.Join(rest, "\n")))
		fmt.Fprintf(out, "\tand %d more (%x)\n", len(rest), digest[:4])
	}
}

// compareByFault keeps the report of a difference to the fault that it is about.
func compareByFault(t *testing.T, want, got string) {
	t.Helper()
	if want == got {
		return
	}
	wanted, seen := byFault(want), byFault(got)
	for id, lines := range seen {
		assert.Equal(t, wanted[id], lines, "what is seen of %s; -update writes it", id)
	}
	for id := range wanted {
		assert.Contains(t, seen, id, "there is no such fault any more; -update forgets it")
	}
	assert.Equal(t, want, got)
}

func byFault(text string) map[string]string {
	all, id := map[string]string{}, ""
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "\t") {
			id = strings.TrimSpace(line)
			all[id] = ""
			continue
		}
		all[id] += line
	}
	return all
}

// differ lists what is seen of a fault and not of a device without one.
func differ(t testing.TB, id string) (lines []string) {
	t.Helper()
	correctly, order := sound(t)
	seen, spoiledOrder := observe(t, func() fault.Fault {
		f, err := fault.Lookup(id)
		require.NoError(t, err)
		return f
	})
	for _, key := range merged(order, spoiledOrder) {
		was, is := correctly[key], seen[key]
		if was == is || follows(key, correctly, seen) {
			continue
		}
		if is == "" {
			is = "not to be seen"
		}
		if was == "" {
			was = "not to be seen"
		}
		lines = append(lines, fmt.Sprintf("%s: %s (correct: %s)", key, is, was))
	}
	slices.SortStableFunc(lines, func(a, b string) int { return sceneOf(a) - sceneOf(b) })
	return lines
}

// sceneOf numbers the scene that a difference is from.
func sceneOf(line string) int {
	name, _, _ := strings.Cut(line, ":")
	for i, s := range scenes {
		if s.name == name {
			return i
		}
	}
	return len(scenes)
}

// follows reports whether an observation is about an answer that ended in another
// way: then there is something else to be seen of it in any case.
func follows(key string, correctly, seen map[string]string) bool {
	for at := len(key); at > 0; at = strings.LastIndex(key[:at], ", ") {
		status := key[:at] + ", status"
		if status != key && correctly[status] != seen[status] {
			return true
		}
	}
	return false
}

// merged puts keys that are only in the second list behind those of the first.
func merged(first, second []string) []string {
	known := map[string]bool{}
	var all []string
	for _, list := range [][]string{first, second} {
		for _, key := range list {
			if !known[key] {
				known[key] = true
				all = append(all, key)
			}
		}
	}
	return all
}

func TestACorrectDeviceIsSeenTheSameWayAgain(t *testing.T) {
	t.Parallel()
	again, _ := observe(t, none)
	correctly, _ := sound(t)
	assert.Equal(t, correctly, again)
}
