package relyingparties_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// homemade is a relying party that somebody wrote from the text, in a few hundred lines
// which share nothing with ours. It has habits, which the text allows, and lapses, which
// it does not; without any it is plain and correct.
type homemade struct {
	traits map[string]bool

	mu       sync.Mutex
	accounts map[string]*account
	byID     map[string]*passkey // by credential ID
	asked    map[string]*pending // by session; by challenge with the habit "no cookies"
	last     *pending
	count    int
}

type account struct {
	name, display string
	handle        []byte
	keys          []*passkey
}

type passkey struct {
	owner  *account
	id     []byte
	key    publicKey
	count  uint32
	flags  byte
	format string
}

// pending are options that wait for an answer.
type pending struct {
	session, kind, challenge, uv string
	who                          *account
	algorithms                   []int
	allowed                      []*passkey
	asked                        bool // for attestation
}

func newHomemade(traits ...string) *homemade {
	h := &homemade{traits: map[string]bool{}, accounts: map[string]*account{}, byID: map[string]*passkey{}, asked: map[string]*pending{}}
	for _, t := range traits {
		h.traits[t] = true
	}
	return h
}

// is reports a trait, be it a habit or a lapse.
func (h *homemade) is(trait string) bool { return h.traits[trait] }

const (
	homeID     = "rp.example"
	homeOrigin = "https://rp.example"
)

type object = map[string]any

func (h *homemade) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	var out object
	if err == nil {
		out, err = h.route(w, r, body)
	}
	h.reply(w, out, err)
}

func (h *homemade) reply(w http.ResponseWriter, out object, err error) {
	status := http.StatusOK
	all := object{"status": "ok", "errorMessage": ""}
	maps.Copy(all, out)
	if err != nil {
		all = object{"status": "failed", "errorMessage": err.Error()}
		status = http.StatusBadRequest
		for _, code := range []int{401, 403, 404, 409, 422, 500} {
			if h.is(fmt.Sprint("refuses with ", code)) {
				status = code
			}
		}
	}
	if h.is("no empty message") && err == nil {
		delete(all, "errorMessage")
	}
	if h.is("more members") {
		all["debug"], all["server"] = object{"status": "failed"}, []any{1.5, nil, true}
	}
	kind := "application/json"
	if h.is("names its charset") {
		kind = "application/json;charset=UTF-8"
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	text, _ := json.Marshal(all)
	if h.is("numbers with fractions") {
		text = []byte(strings.NewReplacer(`"timeout":60000`, `"timeout":6.0e4`, `"alg":-7`, `"alg":-7.0`, `"alg":-257`, `"alg":-2.57E2`).Replace(string(text)))
	}
	if h.is("indented") {
		text, _ = json.MarshalIndent(all, "\t", "  ")
	}
	_, _ = w.Write(text)
}

var errNobody = errors.New("no such user")

func (h *homemade) route(w http.ResponseWriter, r *http.Request, body []byte) (object, error) {
	if h.is("options by GET refused") && r.Method != http.MethodPost {
		return nil, errors.New("POST, please")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	session := ""
	if c, err := r.Cookie("sid"); err == nil {
		session = c.Value
	}
	in, err := h.parse(body)
	if err != nil {
		return nil, err
	}
	switch r.URL.Path {
	case "/attestation/options":
		return h.creationOptions(h.begin(w, session), in)
	case "/assertion/options":
		return h.requestOptions(h.begin(w, session), in)
	case "/attestation/result", "/assertion/result":
		return nil, h.finish(session, strings.Split(r.URL.Path, "/")[1], in)
	}
	return nil, errors.New("no such page")
}

func (h *homemade) parse(body []byte) (in object, err error) {
	err = json.Unmarshal(body, &in)
	if err == nil && in == nil {
		err = errors.New("null")
	}
	return in, err
}

func encoded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// begin opens a session, or goes on with the one that there is.
func (h *homemade) begin(w http.ResponseWriter, session string) string {
	if h.is("no cookies") {
		return ""
	}
	if session == "" || h.is("new session each time") {
		session = rand.Text()
		c := &http.Cookie{Name: "sid", Value: session, Path: "/"}
		if h.is("strict cookies") {
			c.HttpOnly, c.SameSite, c.Secure = true, http.SameSiteStrictMode, true
		}
		http.SetCookie(w, c)
	}
	return session
}

func (h *homemade) challenge() string {
	n := 32
	if h.is("challenges of 16 bytes") {
		n = 16
	}
	if h.is("challenges of 64 bytes") {
		n = 64
	}
	b := make([]byte, n)
	_, _ = rand.Read(b)
	switch {
	case h.is("challenge fixed"):
		clear(b)
	case h.is("challenge counted"):
		h.count++
		copy(b, make([]byte, n))
		copy(b, strconv.Itoa(h.count))
	case h.is("challenge of 8 bytes"):
		b = b[:8]
	}
	return encoded(b)
}

// keep has options wait for their answer.
func (h *homemade) keep(p *pending) {
	switch {
	case h.is("challenge lasts a session"):
		if old := h.asked[p.session]; old != nil && old.kind == p.kind {
			p.challenge = old.challenge
		}
	case h.is("options of one at a time"):
		clear(h.asked)
	}
	h.last = p
	if h.is("no cookies") {
		h.asked[p.challenge] = p
		return
	}
	h.asked[p.session] = p
}

func text(in object, name, otherwise string) (string, error) {
	v, there := in[name]
	if !there || v == nil {
		return otherwise, nil
	}
	s, is := v.(string)
	if !is {
		return "", fmt.Errorf("%s is no text", name)
	}
	return s, nil
}

func (h *homemade) creationOptions(session string, in object) (object, error) {
	name, err := text(in, "username", "")
	display, err2 := text(in, "displayName", name)
	attestation, err3 := text(in, "attestation", "none")
	if err := errors.Join(err, err2, err3); err != nil || name == "" {
		return nil, errors.Join(err, errors.New("a username is needed"))
	}
	selection, _ := in["authenticatorSelection"].(object)
	uv, _ := text(selection, "userVerification", "preferred")
	who := h.accounts[name]
	if who == nil {
		who = &account{name: name, display: display, handle: []byte(rand.Text() + rand.Text())}
		if h.is("one handle for all") {
			who.handle = []byte("user")
		}
		if h.is("handles of 1 byte") {
			who.handle = []byte{byte(len(h.accounts))}
		}
		if h.is("handles of 64 bytes") {
			who.handle = []byte((rand.Text() + rand.Text() + rand.Text())[:64])
		}
		h.accounts[name] = who
	}
	p := &pending{session: session, kind: "attestation", challenge: h.challenge(), uv: uv, who: who, algorithms: h.algorithms(), asked: attestation != "none"}
	h.keep(p)
	var params []any
	for _, alg := range p.algorithms {
		params = append(params, object{"type": "public-key", "alg": alg})
	}
	exclude := descriptors(who.keys)
	if h.is("excludes everybody's") {
		exclude = nil
		for _, k := range h.byID {
			exclude = append(exclude, descriptors([]*passkey{k})...)
		}
	}
	out := object{
		"rp":               object{"name": "Homemade", "id": homeID},
		"user":             object{"id": encoded(who.handle), "name": name, "displayName": display},
		"challenge":        p.challenge,
		"pubKeyCredParams": params, "timeout": 60000, "attestation": attestation,
		"excludeCredentials": exclude,
	}
	if len(selection) > 0 {
		out["authenticatorSelection"] = selection
	}
	if in["extensions"] != nil {
		out["extensions"] = in["extensions"]
	}
	if h.is("passkeys alone") { // on top of what was asked for
		chosen := object{}
		maps.Copy(chosen, selection)
		chosen["residentKey"], chosen["requireResidentKey"] = "required", true
		out["authenticatorSelection"] = chosen
	}
	h.lessOptions(out)
	return out, nil
}

// lessOptions leaves out what may be left out.
func (h *homemade) lessOptions(out object) {
	if h.is("no timeout") {
		delete(out, "timeout")
	}
	if h.is("no rp.id") {
		out["rp"] = object{"name": "Homemade"}
	}
	if h.is("no attestation") && out["attestation"] == "none" {
		delete(out, "attestation")
	}
	if list, is := out["excludeCredentials"].([]any); is && len(list) == 0 && h.is("no empty lists") {
		delete(out, "excludeCredentials")
	}
	if h.is("null for nothing") {
		out["hints"], out["attestationFormats"] = nil, nil
		if out["extensions"] == nil {
			out["extensions"] = nil
		}
	}
	if h.is("hints") {
		out["hints"], out["attestationFormats"] = []any{"hybrid", "carrier-pigeon"}, []any{"packed"}
	}
}

func descriptors(keys []*passkey) []any {
	out := []any{}
	for _, k := range keys {
		out = append(out, object{"type": "public-key", "id": encoded(k.id)})
	}
	return out
}

func (h *homemade) algorithms() []int {
	switch {
	case h.is("EdDSA first"):
		return []int{-8, -7, -257}
	case h.is("RS256 alone"):
		return []int{-257}
	case h.is("unknown algorithms"):
		return []int{-7, -65000, 5, -257}
	case h.is("ES256 alone"):
		return []int{-7}
	case h.is("many algorithms"):
		return []int{-7, -8, -257, -35, -36}
	}
	return []int{-7, -257}
}

func (h *homemade) requestOptions(session string, in object) (object, error) {
	name, err := text(in, "username", "")
	uv, err2 := text(in, "userVerification", "preferred")
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	who := h.accounts[name]
	if who == nil || len(who.keys) == 0 {
		return nil, errNobody
	}
	p := &pending{session: session, kind: "assertion", challenge: h.challenge(), uv: uv, who: who, allowed: who.keys}
	out := object{"challenge": p.challenge, "timeout": 60000, "rpId": homeID, "userVerification": uv, "allowCredentials": descriptors(who.keys)}
	if h.is("any passkey") {
		p.allowed, p.who = nil, nil
		delete(out, "allowCredentials")
	}
	h.keep(p)
	if in["extensions"] != nil {
		out["extensions"] = in["extensions"]
	}
	h.lessOptions(out)
	delete(out, "rp")
	if h.is("no rp.id") {
		delete(out, "rpId")
	}
	return out, nil
}
