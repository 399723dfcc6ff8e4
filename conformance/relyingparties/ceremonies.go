package relyingparties

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"

	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// creationAsk is what options of a registration are asked for with.
type creationAsk struct {
	uv          string // "" = preferred
	attestation string // "" = none
	selection   forge.Object
	extensions  forge.Object
}

// Words of the options (WebAuthn L3 §5.4.7, §5.8.6).
const (
	required    = "required"
	preferred   = "preferred"
	discouraged = "discouraged"
	none        = "none"
	direct      = "direct"
)

func (a creationAsk) variables() variables {
	uv := firstOf(a.uv, preferred)
	selection := a.selection
	if selection == nil {
		selection = forge.Object{{Name: "requireResidentKey", Value: false}}
	}
	all := variables{
		"userVerification": uv, "attestation": firstOf(a.attestation, none),
		"authenticatorSelection": selection.With("userVerification", uv),
	}
	if a.extensions != nil {
		all["extensions"] = a.extensions
	}
	return all
}

// requestAsk is what options of a login are asked for with.
type requestAsk struct {
	uv         string // "" = preferred
	extensions forge.Object
}

func (a requestAsk) variables() variables {
	all := variables{"userVerification": firstOf(a.uv, preferred)}
	if a.extensions != nil {
		all["extensions"] = a.extensions
	}
	return all
}

// options are what a relying party wants, as far as answers go by it.
type options struct {
	all       map[string]any
	challenge string
	rpID      string
	uv        string
	handle    []byte   // user.id; at registration
	offered   []int    // algorithms, best first; at registration
	listed    [][]byte // excluded or allowed credentials
}

// asked are options that wait for an answer.
type asked struct {
	*visitor
	flow *Flow
	options
	kept variables // what was known when they were given
}

// by is the same options as somebody else has them who has never asked for any.
func (a *asked) by(v *visitor) *asked {
	other := *a
	other.visitor, other.kept = v, nil
	return &other
}

// toRegister asks for options of a registration. A relying party that does not give any
// ends the case.
func (v *visitor) toRegister(ask creationAsk) *asked {
	return v.begin(&v.adapter.Registration, ask.variables())
}

// toLogin asks for options of a login, likewise.
func (v *visitor) toLogin(ask requestAsk) *asked {
	return v.begin(&v.adapter.Login, ask.variables())
}

func (v *visitor) begin(f *Flow, more variables) *asked {
	r := v.ask(f, more)
	if !f.Options.Success.good(r) {
		v.Brokenf("%s gave no options: status %d, %s", r.step, r.status, brief(r.body))
	}
	o, err := readOptions(r, f.At)
	if err != nil {
		v.Brokenf("the options of %s cannot be used: %v", r.step, err)
	}
	if o.rpID == "" {
		o.rpID = v.site.RPID
	}
	return &asked{v, f, o, v.with(nil)}
}

// ask asks for options, whatever the answer.
func (v *visitor) ask(f *Flow, more variables) *reply {
	v.prepare(f, more)
	return v.carryOut(&f.Options, more)
}

// readOptions reads what answers cannot do without. Cases about the options look
// closer.
func readOptions(r *reply, path string) (o options, err error) {
	if r.wrong != nil {
		return o, r.wrong
	}
	value, _ := at(r.value, path)
	var there bool
	if o.all, there = value.(map[string]any); !there {
		return o, fmt.Errorf("there is no object at %q", path)
	}
	if o.challenge, there = o.all["challenge"].(string); !there {
		return o, fmt.Errorf("there is no challenge")
	}
	text := func(path string) string { v, _ := at(o.all, path); s, _ := v.(string); return s }
	o.rpID = firstOf(text("rp.id"), text("rpId"))
	o.uv = firstOf(text("authenticatorSelection.userVerification"), text("userVerification"), preferred)
	o.handle, _ = base64.RawURLEncoding.DecodeString(text("user.id"))
	for _, element := range list(o.all, "pubKeyCredParams") {
		if alg, is := get(element, "alg").(float64); is {
			o.offered = append(o.offered, int(alg))
		}
	}
	for _, element := range append(list(o.all, "excludeCredentials"), list(o.all, "allowCredentials")...) {
		if id, is := get(element, "id").(string); is {
			if raw, err := base64.RawURLEncoding.DecodeString(id); err == nil {
				o.listed = append(o.listed, raw)
			}
		}
	}
	return o, nil
}

func get(value any, path string) any { v, _ := at(value, path); return v }

func list(value any, path string) []any { l, _ := get(value, path).([]any); return l }

// outcome is what became of an answer.
type outcome struct {
	accepted bool
	reply    *reply
}

// String tells the outcome.
func (o outcome) String() string {
	word := "refused"
	if o.accepted {
		word = "accepted"
	}
	return fmt.Sprintf("%s, with status %d: %s", word, o.reply.status, brief(o.reply.body))
}

// bring brings an answer, as the text that it is. What is neither an acceptance nor a
// refusal ends the case.
func (a *asked) bring(answer []byte) outcome {
	more := variables{}
	maps.Copy(more, a.kept)
	more["response"] = forge.Raw(answer)
	r := a.carryOut(&a.flow.Result, more)
	switch {
	case r.status == http.StatusTooManyRequests, r.status == http.StatusServiceUnavailable:
		a.Brokenf("%s was answered with status %d, which is neither yes nor no: lift its limits, or judge fewer cases", r.step, r.status)
	case a.flow.Result.Success.good(r):
		return outcome{true, r}
	case r.status >= 400 && r.status <= 499, r.status >= 200 && r.status <= 299 && r.wrong == nil, r.status >= 500 && r.wrong == nil:
		return outcome{false, r}
	case r.status >= 300 && r.status <= 399:
		a.Brokenf("%s was answered with a redirection to %q, which is neither yes nor no", r.step, brief([]byte(r.header.Get("Location"))))
	case r.status >= 500:
		a.Brokenf("%s was answered with status %d and no reason: something broke there", r.step, r.status)
	}
	a.Brokenf("%s was answered with status %d, but it cannot be read: %v", r.step, r.status, r.wrong)
	return outcome{}
}

// credential is one that has been registered.
type credential struct {
	user   string
	key    *forge.Key
	id     []byte
	handle []byte
	flags  byte
	count  uint32
}
