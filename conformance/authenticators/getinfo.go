package authenticators

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// getInfoCases are those of authenticatorGetInfo (§6.4).
func getInfoCases() []testCase {
	return slices.Concat(getInfoShape, getInfoMembers(), getInfoCouplings, getInfoVersion23)
}

var getInfoShape = []testCase{
	{
		ID: "getinfo/plain", Spec: at("6.4", ""), Level: conformance.Must,
		Doc: "getInfo succeeds, and its answer is one map with versions and aaguid.",
		Catches: []string{
			"cbor/empty-map", "cbor/missing-member", "cbor/no-data", "cbor/not-a-map", "cbor/tagged", "cbor/trailing-byte",
			"cbor/truncated", "info/always-refused",
		},
		Run: on(func(k *key) {
			a := k.send(getInfoRequest())
			k.succeeds(a, infoVersions)
			k.succeeds(a, infoAAGUID)
		}),
	},
	{
		ID: "getinfo/canonical", Spec: at("8", ""), Level: conformance.Must,
		Doc:     "The answer to getInfo is in the canonical form of CTAP2.",
		Catches: []string{"cbor/duplicate-key", "cbor/indefinite-map", "cbor/long-keys", "cbor/map-order"},
		Run: on(func(k *key) {
			a := k.send(getInfoRequest())
			k.expectOK(a)
			k.canonical(a)
		}),
	},
	{
		ID: "getinfo/known-members", Spec: at("6.4", ""), Level: conformance.Should,
		Doc:     "getInfo has no members but those that CTAP 2.3 defines: others may be those of a later version, and platforms pass over them.",
		Catches: []string{"cbor/oversize", "cbor/too-deep", "cbor/unknown-member"},
		Run: on(func(k *key) {
			a := k.send(getInfoRequest())
			k.expectOK(a)
			for _, p := range a.members {
				if n, ok := p.Key.(int64); !ok || n < 1 || n > infoLast {
					k.Errorf("there is no member %s", cbor.Text(p.Key, nil))
				}
			}
		}),
	},
	{
		ID: "getinfo/trailing-bytes-ignored", Spec: at("6.4", ""), Level: conformance.Should, Twin: "getinfo/plain",
		Doc: "Bytes after the command byte of getInfo, which has no parameters, do not matter.",
		Run: on(func(k *key) { k.expectOK(k.sendRaw([]byte{byte(ctap.CommandGetInfo), 0xA0})) }),
	},
	{
		ID: "getinfo/aaguid-length", Spec: at("6.4", ""), Level: conformance.Must,
		Doc:     "aaguid has 16 bytes.",
		Catches: []string{"cbor/text-for-bytes", "info/aaguid-short"},
		Run: on(func(k *key) {
			a := k.send(getInfoRequest())
			k.expectOK(a)
			if n := len(k.bytesOf(a, infoAAGUID)); n != 16 {
				k.Differ("16 bytes", fmt.Sprintf("%d bytes", n), "aaguid is of another length")
			}
		}),
	},
	{
		ID: "getinfo/versions", Spec: at("6.4", ""), Level: conformance.Must,
		Doc:     "versions lists FIDO_2_0, FIDO_2_1 or FIDO_2_3.",
		Catches: []string{"info/versions-empty"},
		Run: on(func(k *key) {
			i := k.info()
			if !i.version(ctap.VersionFIDO20) && !i.atLeast21() {
				k.Differ("one of FIDO_2_0, FIDO_2_1 and FIDO_2_3", strings.Join(i.versions, ", "), "no version of CTAP2 is listed")
			}
		}),
	},
	{
		ID: "getinfo/no-fido-2-2", Spec: at("6.4", ""), Level: conformance.MustNot,
		Doc:     `versions does not list "FIDO_2_2", which is none.`,
		Catches: []string{"info/version-2-2"},
		Run: on(func(k *key) {
			if k.info().version("FIDO_2_2") {
				k.Errorf("FIDO_2_2 is listed")
			}
		}),
	},
	{
		ID: "getinfo/stable", Spec: at("6.4", ""), Level: conformance.Must,
		Doc: "Two answers in a row differ in nothing but encIdentifier and encCredStoreState.",
		Run: on(func(k *key) { k.sameInfo(k.info(), k.freshInfo()) }),
	},
	{
		ID: "getinfo/stable-over-power-cycle", Spec: at("6.4", ""), Level: conformance.Must, Needs: []need{power},
		Doc: "A power cycle changes nothing but encIdentifier and encCredStoreState.",
		Run: on(func(k *key) {
			before := k.info()
			k.powerCycle()
			k.sameInfo(before, k.freshInfo())
		}),
	},
	{
		ID: "getinfo/up-default", Spec: at("6.4", ""), Level: conformance.Must,
		Doc:     "A device that cannot test the user's presence says so: option up is absent or true where ceremonies set the flag UP.",
		Catches: []string{"info/up-denied"},
		Run: on(func(k *key) {
			c := k.make(k.newCredential())
			if c.data.has(flagUP) && !k.info().option(ctap.OptionUP) {
				k.Errorf("option up is false, though a credential was made with the flag UP")
			}
		}),
	},
	{
		ID: "getinfo/algorithms-are-kept", Spec: at("6.4", ""), Level: conformance.Must,
		Doc:     "A credential can be made for each of the algorithms listed, and has that algorithm.",
		Catches: []string{"info/algorithm-claimed"},
		Run: on(func(k *key) {
			for _, alg := range k.info().algorithms() {
				c := k.make(k.newCredential().with(mcParams, algorithms(alg)))
				if c.publicKey.alg != alg {
					k.Differ(fmt.Sprint(alg), fmt.Sprint(c.publicKey.alg), "the credential is of another algorithm")
				}
			}
		}),
	},
	{
		ID: "getinfo/protocols-are-kept", Spec: at("6.4", ""), Level: conformance.Must, Needs: []need{keyAgreement},
		Doc:     "Each of the PIN/UV auth protocols listed hands out a key to agree with.",
		Catches: []string{"info/protocol-claimed"},
		Run: on(func(k *key) {
			for _, p := range k.info().protocols {
				k.agree(p)
			}
		}),
	},
	{
		ID: "getinfo/max-msg-size-is-kept", Spec: at("6.4", ""), Level: conformance.Must,
		Doc:     "A request of maxMsgSize bytes is read.",
		Catches: []string{"info/max-size-huge"},
		Run: on(func(k *key) {
			r := k.authorise(k.newCredential())
			size := int(min(k.info().uint(infoMaxMsgSize, defaultMaxMsgSize), 7609))
			const unknown = 0x70
			fill := size - len(r.with(unknown, make([]byte, 300)).bytes()) + 300
			k.expectOK(k.send(r.with(unknown, make([]byte, fill))))
		}),
	},
}

// lasting are the bytes of an answer to getInfo, with zeros for the members that are
// encrypted anew each time.
func (a answer) lasting() []byte {
	out := bytes.Clone(a.raw)
	for _, n := range []int{infoEncIdentifier, infoEncCredStoreState} {
		told, _ := a.members.Get(n)
		if value, _ := told.([]byte); len(value) > 0 {
			out = bytes.ReplaceAll(out, value, make([]byte, len(value)))
		}
	}
	return out
}

// sameInfo compares answers, but for the members that are encrypted anew.
func (k *key) sameInfo(before, after *info) {
	for n := int64(1); n <= infoLast; n++ {
		if n == infoEncIdentifier || n == infoEncCredStoreState || n == infoRemaining {
			continue
		}
		a, b := before.value(int(n)), after.value(int(n))
		if !cbor.Same(a, b) {
			k.Differ(cbor.Text(a, nil), cbor.Text(b, nil), "%s is another one", answerNames[ctap.CommandGetInfo].label(n))
		}
	}
}

// canonical complains about departures from the canonical form.
func (k *key) canonical(a answer) {
	for _, d := range a.item.Defects {
		k.Errorf("the answer to %s is not canonical: %s", a.command, d)
	}
}

// infoMember is what a member of getInfo must be where it is there.
type infoMember struct {
	key   int
	rule  string
	wrong func(v any) string // "" where nothing is
}

var infoRules = []infoMember{
	{infoVersions, "an array of text strings, none twice, at least one", textList},
	{infoExtensions, "an array of text strings, none twice, at least one", textList},
	{infoOptions, "a map from text strings to booleans", optionMap},
	{infoMaxMsgSize, "an integer, at least 1024", atLeast(defaultMaxMsgSize)},
	{infoProtocols, "an array of integers, none twice, at least one", uintList(1)},
	{infoMaxCredentialCount, "an integer above 0", atLeast(1)},
	{infoMaxCredentialID, "an integer from 1 to 1023", between(1, largestCredentialID)},
	{infoTransports, "an array of text strings, none twice, at least one", textList},
	{infoAlgorithms, "an array of algorithms, none twice, at least one", algorithmList},
	{infoMaxLargeBlobs, "an integer, at least 1024", atLeast(leastLargeBlobArray)},
	{infoForcePINChange, "a boolean", boolean},
	{infoMinPINLength, "an integer from 4 to 63", between(leastMinPINLength, defaultMaxPINLength)},
	{0x0E, "an integer", atLeast(0)},
	{infoMaxCredBlob, "an integer, at least 32", atLeast(leastCredBlob)},
	{infoMaxRPIDs, "an integer", atLeast(0)},
	{infoPlatformUvAttempts, "an integer above 0", atLeast(1)},
	{infoUvModality, "an integer without the bit of the client PIN (0x800)", func(v any) string {
		if n, ok := unsigned(v); !ok || n&uvModalityPINExternal != 0 {
			return cbor.Text(v, nil)
		}
		return ""
	}},
	{infoCertifications, "a map from text strings to integers", certifications},
	{infoRemaining, "an integer", atLeast(0)},
	{infoVendorCommands, "an array of integers, none twice", uintList(0)},
	{infoFormats, `an array of text strings, none twice, at least one, and "none" not among them`, func(v any) string {
		if list, ok := v.(cbor.Array); ok && slices.Contains(list, any("none")) {
			return `"none" is listed`
		}
		return textList(v)
	}},
	{infoUvCount, "an integer", atLeast(0)},
	{infoLongTouch, "a boolean", boolean},
	{infoEncIdentifier, "32 bytes", exactBytes(32)},
	{infoTransportsForReset, "an array of text strings, none twice, at least one", textList},
	{infoPINComplexity, "a boolean", boolean},
	{infoPINComplexityURL, "a byte string that holds UTF-8", func(v any) string {
		if b, ok := v.([]byte); !ok || !utf8.Valid(b) {
			return cbor.Text(v, nil)
		}
		return ""
	}},
	{infoMaxPINLength, "an integer from 8 to 63", between(leastMaxPINLength, defaultMaxPINLength)},
	{infoEncCredStoreState, "32 bytes", exactBytes(32)},
	{infoConfigCommands, "an array of integers, none twice", uintList(0)},
}

// getInfoMembers derives a case for each member.
func getInfoMembers() (cases []testCase) {
	for _, m := range infoRules {
		name := answerNames[ctap.CommandGetInfo][m.key-1]
		cases = append(cases, testCase{
			ID: "getinfo/member/" + strings.ToLower(name), Spec: at("6.4", ""), Level: conformance.Must,
			Doc:   fmt.Sprintf("%s, where getInfo has it, is %s.", name, m.rule),
			Needs: []need{feature("member "+name+" of getInfo", func(i *info) bool { return i.has(m.key) })},
			Run: on(func(k *key) {
				v := k.info().value(m.key)
				if seen := m.wrong(v); seen != "" {
					k.Differ(m.rule, seen, "%s is not as it must be", name)
				}
			}),
		})
	}
	return cases
}

func textList(v any) string {
	list, ok := v.(cbor.Array)
	seen := map[string]bool{}
	for _, element := range list {
		s, isText := element.(string)
		ok = ok && isText && !seen[s]
		seen[s] = true
	}
	if !ok || len(list) == 0 {
		return brief(v)
	}
	return ""
}

func uintList(least int) func(any) string {
	return func(v any) string {
		list, ok := v.(cbor.Array)
		seen := map[uint64]bool{}
		for _, element := range list {
			n, isNumber := unsigned(element)
			ok = ok && isNumber && !seen[n]
			seen[n] = true
		}
		if !ok || len(list) < least {
			return brief(v)
		}
		return ""
	}
}

func algorithmList(v any) string {
	list, ok := v.(cbor.Array)
	seen := map[int64]bool{}
	for _, element := range list {
		m, isMap := element.(cbor.Map)
		alg, isNumber := m.Get("alg")
		n, _ := alg.(int64)
		kind, _ := m.Get("type")
		ok = ok && isMap && isNumber && n != 0 && !seen[n] && kind == any("public-key")
		seen[n] = true
	}
	if !ok || len(list) == 0 {
		return brief(v)
	}
	return ""
}

func optionMap(v any) string {
	m, ok := v.(cbor.Map)
	for _, p := range m {
		_, isText := p.Key.(string)
		_, isBool := p.Value.(bool)
		ok = ok && isText && isBool
	}
	if !ok {
		return brief(v)
	}
	return ""
}

// certifications holds levels to the ranges of §7.3.
func certifications(v any) string {
	most := map[string]uint64{
		"FIPS-CMVP-2": 4, "FIPS-CMVP-3": 4, "FIPS-CMVP-2-PHY": 4, "FIPS-CMVP-3-PHY": 4, "CC-EAL": 7, "FIDO": 6,
	}
	m, ok := v.(cbor.Map)
	for _, p := range m {
		id, isText := p.Key.(string)
		n, isNumber := unsigned(p.Value)
		limit, known := most[id]
		ok = ok && isText && isNumber && (!known || n >= 1 && n <= limit)
	}
	if !ok {
		return brief(v)
	}
	return ""
}

func boolean(v any) string {
	if _, ok := v.(bool); !ok {
		return brief(v)
	}
	return ""
}

func atLeast(least uint64) func(any) string { return between(least, ^uint64(0)) }

func between(least, most uint64) func(any) string {
	return func(v any) string {
		if n, ok := unsigned(v); !ok || n < least || n > most {
			return brief(v)
		}
		return ""
	}
}

func exactBytes(n int) func(any) string {
	return func(v any) string {
		if b, ok := v.([]byte); !ok || len(b) != n || bytes.Equal(b, make([]byte, n)) {
			return brief(v)
		}
		return ""
	}
}

func brief(v any) string { return cbor.Kind(v) + " " + cbor.Text(v, nil) }
