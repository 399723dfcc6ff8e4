package relyingparties_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// must is an error unless something holds.
func must(holds bool, format string, args ...any) error {
	if holds {
		return nil
	}
	return fmt.Errorf(format, args...)
}

// bytesIn is base64url in JSON.
func (h *homemade) bytesIn(in object, name string) ([]byte, error) {
	v := in[name]
	if list, is := v.([]any); is && len(list) == 1 && h.is("lists for texts") {
		v = list[0]
	}
	s, is := v.(string)
	if !is {
		return nil, fmt.Errorf("%s is no text", name)
	}
	encoding := base64.RawURLEncoding.Strict()
	if h.is("lenient base64") {
		encoding = base64.RawURLEncoding
		s = strings.NewReplacer("+", "-", "/", "_", "=", "", " ", "", "\n", "", "\r", "").Replace(s)
	}
	if h.is("base64 drops the unknown") {
		encoding = base64.RawURLEncoding
		s = strings.Map(func(r rune) rune {
			if strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", r) {
				return r
			}
			return -1
		}, s)
	}
	b, err := encoding.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return b, must(len(b) > 0 || name == "userHandle" || h.is("empty texts"), "%s is empty", name)
}

// finish holds an answer to the text.
func (h *homemade) finish(session, kind string, in object) error {
	response, _ := in["response"].(object)
	id, err := h.bytesIn(in, "id")
	client, err2 := h.bytesIn(response, "clientDataJSON")
	if err := errors.Join(err, err2, must(in["type"] == "public-key" || h.is("any type"), "the type is another")); err != nil {
		return err
	}
	if raw, there := in["rawId"]; there && !h.is("rawId unread") {
		if err := must(raw == in["id"], "rawId is another"); err != nil {
			return err
		}
	}
	data, err := h.clientData(client)
	if err != nil {
		return err
	}
	p, err := h.take(session, kind, data)
	if err != nil {
		return err
	}
	if err := h.checkClient(p, kind, data); err != nil {
		return err
	}
	hash := sha256.Sum256(client)
	if kind == "attestation" {
		err = h.register(p, id, response, hash[:])
	} else {
		err = h.login(p, id, response, hash[:])
	}
	if h.is("challenge taken on success") && err == nil {
		delete(h.asked, p.session)
	}
	return err
}

// take is what was asked, which is answered once.
func (h *homemade) take(session, kind string, data object) (*pending, error) {
	challenge, _ := data["challenge"].(string)
	key := session
	if h.is("no cookies") {
		key = challenge
	}
	p := h.asked[key]
	if h.is("challenge of anybody") || h.is("challenge of another user") {
		for _, other := range h.asked {
			if other.challenge != challenge {
				continue
			}
			if p == nil || h.is("challenge of another user") {
				copied := *other
				if p != nil {
					copied.who, copied.allowed = p.who, p.allowed
				}
				p = &copied
			} else {
				copied := *p
				copied.challenge = challenge
				p = &copied
			}
		}
	}
	if h.is("last challenge of all") {
		p = h.last
	}
	if p == nil || p.kind != kind && !h.is("challenge of either ceremony") {
		return nil, errors.New("nothing was asked")
	}
	if !h.is("challenge kept") && !h.is("challenge taken on success") {
		delete(h.asked, key)
	}
	return p, nil
}

func (h *homemade) clientData(raw []byte) (data object, err error) {
	if !h.is("byte order mark refused") {
		raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	err = decoder.Decode(&data)
	if err == nil && !h.is("text after client data") {
		err = must(len(bytes.TrimSpace(raw[decoder.InputOffset():])) == 0, "more than client data")
	}
	if h.is("client data by name") {
		err = json.Unmarshal(raw, &data)
		var loose struct{ Type, Challenge, Origin string }
		_ = json.Unmarshal(raw, &loose)
		data = object{"type": loose.Type, "challenge": loose.Challenge, "origin": loose.Origin, "crossOrigin": data["crossOrigin"], "topOrigin": data["topOrigin"]}
	}
	return data, err
}

func (h *homemade) checkClient(p *pending, kindOf string, data object) error {
	if h.is("lists for texts") {
		for name, v := range data {
			if list, is := v.([]any); is && len(list) == 1 {
				data[name] = list[0]
			}
		}
	}
	kind, challenge, origin := fmt.Sprint(data["type"]), fmt.Sprint(data["challenge"]), fmt.Sprint(data["origin"])
	want := map[string]string{"attestation": "webauthn.create", "assertion": "webauthn.get"}[kindOf]
	return errors.Join(
		must(kind == want || h.is("type unread") || h.is("type by prefix") && strings.HasPrefix(kind, "webauthn.") || h.is("type in any case") && strings.EqualFold(kind, want), "type is %s", kind),
		must(h.sameChallenge(challenge, p.challenge), "another challenge"),
		must(h.expects(origin), "origin %s", origin),
		must(data["crossOrigin"] == nil || data["crossOrigin"] == false || h.is("frames unread"), "across origins"),
		must(data["topOrigin"] == nil || h.is("frames unread") || h.is("top origin unread"), "within another origin"),
	)
}

func (h *homemade) sameChallenge(got, want string) bool {
	switch {
	case h.is("challenge unread"):
		return true
	case h.is("challenge by prefix"):
		return strings.HasPrefix(want, got)
	case h.is("challenge's first half"):
		return len(got) >= 20 && got[:20] == want[:20]
	case h.is("challenge by suffix"):
		return strings.HasSuffix(got, want)
	case h.is("challenge within"):
		return strings.Contains(got, want)
	case h.is("challenge in any case"):
		return strings.EqualFold(got, want)
	case h.is("challenge if there is one"):
		return got == want || got == "<nil>" || got == ""
	}
	return got == want
}

func (h *homemade) expects(origin string) bool {
	host := strings.TrimPrefix(strings.TrimPrefix(origin, "https://"), "http://")
	bare, _, _ := strings.Cut(host, ":")
	switch {
	case h.is("origin unread"), h.is("origin if there is one") && (origin == "<nil>" || origin == ""), h.is("origin null") && origin == "null":
		return true
	case h.is("apps") && strings.HasPrefix(origin, "android:apk-key-hash:"):
		return true
	case h.is("origin by prefix") && strings.HasPrefix(origin, homeOrigin):
		return true
	case h.is("origin by suffix") && strings.HasSuffix(origin, homeID):
		return true
	case h.is("origin within") && strings.Contains(origin, homeID):
		return true
	case h.is("origin by plain http") && origin == "http://"+homeID:
		return true
	case h.is("origin in any case") && strings.EqualFold(origin, homeOrigin):
		return true
	case h.is("any port") && strings.HasPrefix(origin, "https://") && bare == homeID:
		return true
	case h.is("any host below") && strings.HasPrefix(origin, "https://") && (bare == homeID || strings.HasSuffix(bare, "."+homeID)):
		return true
	case h.is("localhost") && strings.Contains(origin, "localhost"):
		return true
	case h.is("origin by pattern") && len(origin) >= len(homeOrigin) && strings.HasPrefix(origin, "https://rp") && strings.HasPrefix(origin[len("https://rp")+1:], "example"):
		return true // the dot of a regular expression
	}
	return origin == homeOrigin
}

// authData are authenticator data that were read.
type authData struct {
	raw        []byte
	flags      byte
	count      uint32
	id         []byte
	key        []byte
	extensions []byte
}

const (
	flagUP, flagUV, flagBE, flagBS, flagAT, flagED = 1, 4, 8, 16, 64, 128
)

func (h *homemade) readAuthData(raw []byte, registers bool) (a authData, err error) {
	a.raw = raw
	if len(raw) < 37 && h.is("short authenticator data") {
		raw = append(bytes.Clone(raw), make([]byte, 37-len(raw))...)
	}
	if len(raw) < 37 {
		return a, errors.New("short")
	}
	a.flags, a.count = raw[32], binary.BigEndian.Uint32(raw[33:])
	rest := raw[37:]
	if a.flags&flagAT != 0 || h.is("flag AT unread") && registers {
		if len(rest) < 18 {
			return a, errors.New("no attested data")
		}
		n := int(binary.BigEndian.Uint16(rest[16:]))
		if rest = rest[18:]; n > len(rest) || n > 1023 && !h.is("IDs of any length") {
			return a, errors.New("the ID is long")
		}
		a.id, rest = rest[:n], rest[n:]
		var key cbor.RawMessage
		after, err := strict.UnmarshalFirst(rest, &key)
		if err != nil {
			return a, err
		}
		a.key, rest = key, after
	}
	if a.flags&flagED != 0 {
		var extensions map[string]cbor.RawMessage
		after, err := strict.UnmarshalFirst(rest, &extensions)
		if err != nil && !h.is("extensions unread") {
			return a, err
		}
		a.extensions, rest = rest, after
	}
	return a, must(len(rest) == 0 || h.is("bytes after"), "%d bytes are left", len(rest))
}

func (h *homemade) checkAuthData(p *pending, a authData) error {
	hash := sha256.Sum256([]byte(homeID))
	same := bytes.Equal(a.raw[:32], hash[:])
	switch {
	case h.is("RP ID unread"), h.is("RP ID unread at login") && p.kind == "assertion":
		same = true
	case h.is("half the RP ID"):
		same = bytes.Equal(a.raw[:16], hash[:16])
	}
	uv := p.uv
	if h.is("verification of the last") && h.last != nil {
		uv = h.last.uv
	}
	if h.is("verification unread") || h.is("verification unread at login") && p.kind == "assertion" || h.is("verification unread at registration") && p.kind == "attestation" {
		uv = ""
	}
	return errors.Join(
		must(same, "another RP ID"),
		must(a.flags&flagUP != 0 || h.is("presence unread") || h.is("presence by verification") && a.flags&flagUV != 0, "nobody there"),
		must(a.flags&flagUV != 0 || uv != "required", "nobody verified"),
		must(a.flags&(flagBE|flagBS) != flagBS || h.is("backup unread"), "backed up, and cannot be"),
		must(a.flags&flagBE == 0 || !h.is("device-bound alone"), "synced"),
	)
}

var strict = func() cbor.DecMode {
	mode, err := cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, MaxNestedLevels: 8}.DecMode()
	if err != nil {
		panic(err)
	}
	return mode
}()

func (h *homemade) register(p *pending, id []byte, response object, hash []byte) error {
	raw, err := h.bytesIn(response, "attestationObject")
	if err != nil {
		return err
	}
	var all struct {
		Fmt      string                     `cbor:"fmt"`
		Stmt     map[string]cbor.RawMessage `cbor:"attStmt"`
		AuthData []byte                     `cbor:"authData"`
	}
	rest, err := strict.UnmarshalFirst(raw, &all)
	if err != nil || len(rest) > 0 && !h.is("bytes after the object") {
		return errors.Join(err, errors.New("no attestation object"))
	}
	a, err := h.readAuthData(all.AuthData, true)
	if err != nil {
		return err
	}
	if err := errors.Join(h.checkAuthData(p, a), must(len(a.id) > 0, "no ID"), must(bytes.Equal(a.id, id) || h.is("attested ID unread"), "another ID")); err != nil {
		return err
	}
	key, err := h.parseKey(a.key)
	if err != nil {
		return err
	}
	offered := slices.Contains(p.algorithms, key.alg) || h.is("any algorithm")
	if err := must(offered, "algorithm %d", key.alg); err != nil {
		return err
	}
	if err := h.attested(all.Fmt, all.Stmt, a, hash, key, p); err != nil {
		return err
	}
	if old := h.byID[string(a.id)]; old != nil {
		switch {
		case h.is("IDs taken over"):
		case h.is("keys taken over") || h.is("kept by the first"):
			if h.is("keys taken over") {
				old.key = key
			}
			return nil
		default:
			return errors.New("somebody has that")
		}
	}
	made := &passkey{owner: p.who, id: bytes.Clone(a.id), key: key, count: a.count, flags: a.flags, format: all.Fmt}
	if h.is("attested ID unread") {
		made.id = id
	}
	h.byID[string(made.id)] = made
	p.who.keys = append(slices.Clone(p.who.keys), made)
	return nil
}

// attested holds a statement to its format: none, and packed by the key itself.
func (h *homemade) attested(format string, stmt map[string]cbor.RawMessage, a authData, hash []byte, key publicKey, p *pending) error {
	if h.is("statements unread") || h.is("statements unread unless asked") && !p.asked {
		return nil
	}
	switch {
	case format == "none":
		return must(stmt != nil && len(stmt) == 0 || h.is("statement with none"), "a statement")
	case format == "packed" && stmt["x5c"] == nil && !h.is("none alone"):
		var alg int
		var sig []byte
		if err := errors.Join(strict.Unmarshal(stmt["alg"], &alg), strict.Unmarshal(stmt["sig"], &sig)); err != nil {
			return err
		}
		return errors.Join(must(alg == key.alg || h.is("statement's algorithm unread"), "another algorithm"),
			must(key.verifies(append(bytes.Clone(a.raw), hash...), sig) || h.is("self unverified"), "not signed"))
	}
	return fmt.Errorf("format %s is not known", format)
}

func (h *homemade) login(p *pending, id []byte, response object, hash []byte) error {
	raw, err := h.bytesIn(response, "authenticatorData")
	sig, err2 := h.bytesIn(response, "signature")
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	used := h.find(id)
	if used == nil || p.allowed != nil && !slices.Contains(p.allowed, used) && !h.is("any passkey of anybody") {
		return errors.New("no such passkey")
	}
	if err := h.checkHandle(p, used, response); err != nil {
		return err
	}
	a, err := h.readAuthData(raw, false)
	if err != nil {
		return err
	}
	if err := errors.Join(h.checkAuthData(p, a), must(a.flags&flagAT == 0 || h.is("attested at login"), "attested"),
		must((used.flags^a.flags)&flagBE == 0 || h.is("eligibility unread"), "BE changed")); err != nil {
		return err
	}
	before := used.count
	if h.is("counter first") {
		used.count = a.count
	}
	signed := used.key.verifies(append(bytes.Clone(raw), hash...), sig)
	switch {
	case h.is("signature unread"), h.is("RSA unverified") && used.key.alg == -257, h.is("EdDSA unverified") && used.key.alg == -8,
		h.is("ES384 unverified") && used.key.alg == -35, h.is("ES512 unverified") && used.key.alg == -36,
		h.is("unverified with extensions") && a.flags&flagED != 0, h.is("unverified when backed up") && a.flags&flagBS != 0,
		h.is("unverified without a counter") && a.count == 0, h.is("unverified without verification") && a.flags&flagUV == 0,
		h.is("unverified without a handle") && response["userHandle"] == nil, h.is("unverified if empty") && len(sig) == 0,
		h.is("unverified by any of the user's") && anyVerifies(used.owner.keys, append(bytes.Clone(raw), hash...), sig):
		signed = true
	}
	if err := must(signed, "not signed"); err != nil {
		return err
	}
	grown := a.count > before || a.count == 0 && before == 0
	switch {
	case h.is("counter signed"):
		grown = int32(a.count) > int32(before) || a.count == 0 && before == 0
	case h.is("counter by one"):
		grown = a.count == before+1 || a.count == 0 && before == 0
	case h.is("counter never zero"):
		grown = a.count > before
	case h.is("counter unread"):
		grown = true
	}
	if err := must(grown, "the counter has not grown"); err != nil {
		return err
	}
	if !h.is("counter not kept") {
		used.count = a.count
	}
	return nil
}

func anyVerifies(keys []*passkey, message, sig []byte) bool {
	return slices.ContainsFunc(keys, func(k *passkey) bool { return k.key.verifies(message, sig) })
}

func (h *homemade) find(id []byte) *passkey {
	if used := h.byID[string(id)]; used != nil {
		return used
	}
	for _, k := range h.byID {
		if h.is("IDs by prefix") && bytes.HasPrefix(k.id, id) || h.is("IDs by their beginning") && bytes.HasPrefix(id, k.id) || h.is("IDs in any case") && strings.EqualFold(encoded(k.id), encoded(id)) {
			return k
		}
	}
	return nil
}

func (h *homemade) checkHandle(p *pending, used *passkey, response object) error {
	v, there := response["userHandle"]
	if !there || v == nil || v == "" {
		return must(p.allowed != nil || h.is("handle optional") || h.is("handle unread"), "whose is it?")
	}
	got, err := h.bytesIn(response, "userHandle")
	if h.is("handle unread") {
		return nil
	}
	if err != nil {
		return err
	}
	same := bytes.Equal(got, used.owner.handle)
	switch {
	case h.is("handle of anybody"):
		for _, other := range h.accounts {
			same = same || bytes.Equal(got, other.handle)
		}
	case h.is("handle by prefix"):
		same = bytes.HasPrefix(used.owner.handle, got)
	case h.is("handle's beginning"):
		same = bytes.HasPrefix(got, used.owner.handle)
	}
	return must(same, "another user")
}
