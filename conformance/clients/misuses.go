package clients

import (
	"fmt"

	"github.com/passkeylab/passkeylab/conformance"
)

// misuse is a use of an extension that WebAuthn ends with an error, before anybody is
// asked for a touch.
type misuse struct {
	name, doc string
	in        ceremony
	section   string
	needs     Feature
	error     string
	inputs    func(*Request) map[string]any
}

func always(inputs map[string]any) func(*Request) map[string]any {
	return func(*Request) map[string]any { return inputs }
}

var anyBlob = base64url([]byte("a large blob"))

var misuses = []misuse{
	{"prf/by-credential-in-create", "evalByCredential of prf", creating, "10.1.4", HasPRF, "NotSupportedError", always(byCredential(map[string]string{"AAAA": "a"}, ""))},
	{"prf/by-no-credential-in-create", "an empty evalByCredential of prf", creating, "10.1.4", HasPRF, "NotSupportedError", always(byCredential(nil, ""))},
	{"prf/by-credential-without-list", "evalByCredential of prf without allowCredentials", getting, "10.1.4", HasPRF, "NotSupportedError", func(r *Request) map[string]any {
		r.List = nil
		return byCredential(map[string]string{"AAAA": "a"}, "")
	}},
	{"prf/by-stranger", "evalByCredential of prf with an ID that is not in allowCredentials", getting, "10.1.4", HasPRF, "SyntaxError", always(byCredential(map[string]string{"AAAA": "a"}, ""))},
	{"prf/by-nobody", "evalByCredential of prf with an empty ID", getting, "10.1.4", HasPRF, "SyntaxError", always(byCredential(map[string]string{"": "a"}, ""))},
	{"prf/by-no-base64url", "evalByCredential of prf with an ID that is no base64url", getting, "10.1.4", HasPRF, "SyntaxError", always(byCredential(map[string]string{"a+/=": "a"}, ""))},
	{"large-blob/read-in-create", "read of largeBlob", creating, "10.1.5", HasLargeBlob, "NotSupportedError", always(map[string]any{"largeBlob": map[string]any{"read": true}})},
	{"large-blob/write-in-create", "write of largeBlob", creating, "10.1.5", HasLargeBlob, "NotSupportedError", always(map[string]any{"largeBlob": map[string]any{"write": anyBlob}})},
	{"large-blob/support-in-get", "support of largeBlob", getting, "10.1.5", HasLargeBlob, "NotSupportedError", always(map[string]any{"largeBlob": map[string]any{"support": "required"}})},
	{"large-blob/both", "read and write of largeBlob at once", getting, "10.1.5", HasLargeBlob, "NotSupportedError", always(map[string]any{"largeBlob": map[string]any{"read": true, "write": anyBlob}})},
	{"large-blob/write-to-none", "write of largeBlob without allowCredentials", getting, "10.1.5", HasLargeBlob, "NotSupportedError", func(r *Request) map[string]any {
		r.List = nil
		return map[string]any{"largeBlob": map[string]any{"write": anyBlob}}
	}},
	{"large-blob/write-to-any", "write of largeBlob with two credentials in allowCredentials", getting, "10.1.5", HasLargeBlob, "NotSupportedError", func(r *Request) map[string]any {
		r.List = append(r.List, []byte("another credential"))
		return map[string]any{"largeBlob": map[string]any{"write": anyBlob}}
	}},
}

// testCases are two of one misuse: that it is refused, and by which name, which pages
// get to see and callers of libraries perhaps not.
func (m misuse) testCases() []testCase {
	refused := testCase{
		ID: "extension/misuse/" + m.name, Spec: page(m.section), Level: conformance.Must, Needs: needs(ServesPages, m.needs), Twin: m.in.plain,
		Doc:     fmt.Sprintf("A request with %s in %s() is refused, and no authenticator is asked.", m.doc, m.in.name),
		Catches: []string{"extension/misuse-ignored"},
		Run: on(func(t *trial) {
			t.refused(m.request(t))
			t.nothingAsked()
		}),
	}
	named := refused
	named.ID, named.Level, named.Catches = "extension/misuse-error/"+m.name, conformance.Should, []string{"extension/misuse-not-allowed"}
	named.Doc = fmt.Sprintf("A page learns by %s that it has used %s in %s().", m.error, m.doc, m.in.name)
	named.Run = on(func(t *trial) { t.refusedAs(m.request(t), m.error) })
	return []testCase{refused, named}
}

func (m misuse) request(t *trial) *Request {
	r := m.in.ask(t)
	r.Extensions = m.inputs(r)
	return r
}
