package profile_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator/profile"
)

// written is a profile as a file has it.
func written(t testing.TB, p profile.Profile) []byte {
	t.Helper()
	text, err := json.MarshalIndent(p, "", "  ")
	require.NoError(t, err)
	return text
}

// What is written is read again, with every fact, and makes the same device.
func TestWrittenProfilesAreReadAgain(t *testing.T) {
	t.Parallel()
	for _, p := range profile.All() {
		if p.Own() {
			continue // is not made of its facts
		}
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			again, err := profile.Read("again.json", written(t, p))
			require.NoError(t, err)
			assert.Equal(t, p.Facts(), again.Facts())
			assert.Equal(t, []any{p.ID, p.Name, p.About, p.Kind}, []any{again.ID, again.Name, again.About, again.Kind})
			assert.Equal(t, p.Quirks, again.Quirks)
			assert.Equal(t, p.Differs, again.Differs)
			want, err := p.Model()
			require.NoError(t, err)
			got, err := again.Model()
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
}

func TestExampleFile(t *testing.T) {
	t.Parallel()
	p, err := profile.ReadFile("../../docs/profile-example.json")
	require.NoError(t, err)
	assert.Equal(t, "example-key", p.ID)
	model, err := p.Model()
	require.NoError(t, err)
	assert.Equal(t, []string{"U2F_V2", "FIDO_2_0", "FIDO_2_1"}, model.Versions)
	assert.Equal(t, 96, model.CredentialIDBytes)
	assert.Equal(t, 128, model.MaxCredentialIDLength)
	assert.True(t, model.PIN.Supported)
}

// around puts facts, one a line, into a profile; the first is on line 5.
func around(facts ...string) string {
	return "{\n\"id\": \"my-key\",\n\"name\": \"My key\", \"kind\": \"security-key\",\n\"facts\": {\n" + strings.Join(facts, ",\n") + "\n}}"
}

// numbered are members, one a line.
func numbered(n int) string {
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf(`"%d": 0`, i)
	}
	return strings.Join(members, ",\n")
}

func TestProblemsOfFiles(t *testing.T) {
	t.Parallel()
	fact := func(name, value string) string {
		return around(`"` + name + `": {"value": ` + value + `, "source": "s"}`)
	}
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "my.json:1: the text ends too soon"},
		{"cut off", "{\n\"id\": \"a\",\n", "my.json:2: the text ends too soon"},
		{"no JSON", "{\n\"id\": my-key}", "my.json:2: invalid character 'm' looking for beginning of value"},
		{"no comma", "{\n\"id\": \"a\"\n\"name\"", "my.json:3: invalid character '\"' after object key:value pair"},
		{"no name", "{\n1: 2}", "my.json:2: invalid character '1'"},
		{"more after it", "{}\n{}", "my.json:2: something follows the profile"},
		{"rubbish after it", "{}\n?", "my.json:2: something follows the profile"},
		{"no UTF-8", "{\n\"id\": \"\xff\"}", "my.json:2: not UTF-8"},
		{"too deep", strings.Repeat("[", 9), "my.json:1: objects and lists are nested deeper than 8"},
		{"a long name", "{\n\"" + strings.Repeat("ä", 1025) + "\": 1}", "my.json:2: a string is longer than 1024 characters"},
		{"a long text", "[\n\"" + strings.Repeat("ä", 1025) + "\"]", "my.json:2: a string is longer than 1024 characters"},
		{"many members", "{" + numbered(65) + "}", "my.json:65: an object has more than 64 members"},
		{"many elements", around(`"transports": {"value": [` + strings.Repeat("1,", 400_000) + `1], "source": "s"}`), "my.json:5: transports: want a list of at most 64"},
		{"null", "null", "my.json:1: profile: want an object"},
		{"a list", "\n[]", "my.json:2: profile: want an object"},
		{"empty", "{}", "my.json:1: profile: member \"id\" is missing\nmy.json:1: profile: member \"name\" is missing\nmy.json:1: profile: member \"kind\" is missing\nmy.json:1: profile: member \"facts\" is missing"},
		{"too long", strings.Repeat(" ", profile.MaxFile+1), "my.json:1: longer than 1048576 bytes"},

		{"unknown member", strings.Replace(around(), `"id"`, `"quirk": 1, "id"`, 1), `my.json:2: profile: unknown member "quirk": did you mean "quirks"?`},
		{"member twice", strings.Replace(around(), `"id"`, `"id": "b", "id"`, 1), `my.json:2: member "id" is there twice`},
		{"upper case", strings.Replace(around(), `"id"`, `"ID": "b", "id"`, 1), `my.json:2: profile: unknown member "ID"`},
		{"ID with spaces", strings.Replace(around(), "my-key", "my key", 1), `my.json:2: id: "my key" is not of lower case letters, digits and single hyphens`},
		{"ID too long", strings.Replace(around(), "my-key", strings.Repeat("a", 65), 1), "my.json:2: id: longer than 64 characters"},
		{"no name at all", strings.Replace(around(), "My key", "", 1), "my.json:3: name: want a string that is not empty"},
		{"control characters", strings.Replace(around(), "My key", `My\u001b[2Jkey`, 1), "my.json:3: name: it has a control character"},
		{"unknown kind", strings.Replace(around(), "security-key", "security key", 1), `my.json:3: kind: "security key" is none of ["platform" "provider" "security-key"]: did you mean "security-key"?`},
		{"facts as a list", strings.Replace(strings.Replace(around(), "{\n\n}", "[\n\n]", 1), "\n\n", "\n", 1), "my.json:4: facts: want an object"},

		{"unknown fact", fact("transport", "1"), `my.json:5: facts: unknown member "transport": did you mean "transports"?`},
		{"a bare value", around(`"transports": ["usb"]`), "my.json:5: transports: want an object"},
		{"no source", around(`"transports": {"value": ["usb"]}`), `my.json:5: transports: member "source" is missing`},
		{"empty source", around(`"transports": {"value": ["usb"], "source": ""}`), "my.json:5: transports: source: want a string that is not empty"},
		{"no value", around(`"transports": {"source": "s"}`), `my.json:5: transports: member "value" is missing`},
		{"value null", fact("discoverable", "null"), "my.json:5: discoverable: want true or false"},
		{"a word for a list", fact("transports", `"usb"`), "my.json:5: transports: want a list of at most 64"},
		{"unknown transport", fact("transports", `["usb", "nfs"]`), `my.json:5: transports: "nfs" is none of ["usb" "nfc" "ble" "smart-card" "hybrid" "internal" "cable"]: did you mean "nfc"?`},
		{"transport twice", fact("transports", `["usb", "usb"]`), "my.json:5: transports: usb is there twice"},
		{"unknown algorithm", fact("algorithms", `["RS1"]`), `my.json:5: algorithms: "RS1" is no algorithm that devices of the lab sign with`},
		{"AAGUID", fact("aaguid", `"1234"`), `my.json:5: aaguid: `},
		{"a fraction", fact("info.maxMsgSize", "1200.5"), "my.json:5: info.maxMsgSize: want a whole number of 0 to 2147483648"},
		{"a negative number", fact("info.maxMsgSize", "-1"), "my.json:5: info.maxMsgSize: want a whole number of 0 to 2147483648"},
		{"a number as text", fact("info.maxMsgSize", `"1200"`), "my.json:5: info.maxMsgSize: want a whole number of 0 to 2147483648"},
		{"unknown option", fact("info.options", `{"clientPIN": true}`), `my.json:5: info.options: option "clientPIN" is none that a device of the lab can have: did you mean "clientPin"?`},
		{"option that is no bool", fact("info.options", `{"rk": 1}`), `my.json:5: info.options: option "rk": want true or false`},
		{"protocol", fact("info.pinUvAuthProtocols", "[3]"), "my.json:5: info.pinUvAuthProtocols: PIN/UV auth protocols are 1 and 2"},
		{"attestation by its name", fact("attestation", `"packed"`), `my.json:5: attestation: want an object of ["format" "type" "chain" "root"]`},
		{"attestation of half", fact("attestation", `{"format": "packed"}`), `my.json:5: attestation: want a format and a type; one is "none" if the other is`},
		{"attestation of nothing", fact("attestation", `{"format": "packed", "type": "none"}`), `my.json:5: attestation: want a format and a type; one is "none" if the other is`},
		{"attestation with more", fact("attestation", `{"format": "packed", "type": "self", "roots": 1}`), `my.json:5: attestation: roots: unknown member "roots": did you mean "root"?`},
		{"two problems", around(`"counter": {"value": "globe", "source": "s"}`, `"display": {"value": 1, "source": "s"}`),
			"my.json:5: counter: \"globe\" is none of [\"global\" \"per-credential\" \"zero\"]: did you mean \"global\"?\nmy.json:6: display: want true or false"},

		{"quirk without a source", strings.Replace(around(), "}}", "},\n\"quirks\": [{\"text\": \"Slow.\"}]}", 1), `my.json:7: quirks: member "source" is missing`},
		{"quirks as an object", strings.Replace(around(), "}}", "},\n\"quirks\": {}}", 1), `my.json:7: quirks: want a list of at most 64`},
		{"difference of no fact", strings.Replace(around(), "}}", "},\n\"differs\": [{\"fact\": \"transport\", \"why\": \"w\"}]}", 1), `my.json:7: differs: "transport" is no fact: did you mean "transports"?`},
		{"difference of no option", strings.Replace(around(), "}}", "},\n\"differs\": [{\"fact\": \"info.options.plot\", \"why\": \"w\"}]}", 1), `my.json:7: differs: "info.options.plot" is no fact: did you mean "info.options"?`},
		{"no device", fact("credentialIdBytes", "3"), `my.json:1: profile "my-key": `},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := profile.Read("my.json", []byte(c.text))
			require.Error(t, err)
			if strings.HasSuffix(c.want, ": ") {
				assert.Contains(t, err.Error(), c.want)
			} else {
				assert.EqualError(t, err, c.want)
			}
		})
	}
}

// A file that would fit, with blanks around it, is refused by its size as a text is.
func TestReadFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key.json")
	require.NoError(t, os.WriteFile(path, []byte(around()+strings.Repeat("\n", profile.MaxFile)), 0o600))
	_, err := profile.ReadFile(path)
	assert.EqualError(t, err, path+":1: longer than 1048576 bytes")
	require.NoError(t, os.WriteFile(path, []byte(around()), 0o600))
	p, err := profile.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "My key", p.Name)
	_, err = profile.ReadFile(path + ".json")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// Whatever is read is a device, and is read again as it is written.
func FuzzRead(f *testing.F) {
	for _, p := range profile.All() {
		f.Add(written(f, p))
	}
	example, err := os.ReadFile("../../docs/profile-example.json")
	require.NoError(f, err)
	f.Add(example)
	f.Add([]byte(around(`"info.options": {"value": {"rk": 1}, "source": "s"}`)))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := profile.Read("f", text)
		if err != nil {
			require.Regexp(t, `^f:\d+: `, err.Error())
			return
		}
		model, err := p.Model()
		require.NoError(t, err)
		require.NoError(t, model.Check())
		again, err := profile.Read("again", written(t, p))
		require.NoError(t, err)
		require.Equal(t, p.Facts(), again.Facts())
	})
}
