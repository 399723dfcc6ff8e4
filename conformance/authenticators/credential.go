package authenticators

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/passkeylab/passkeylab/conformance/internal/cbor"
	"github.com/passkeylab/passkeylab/ctap"
)

// credential is one that the device made for the judge.
type credential struct {
	rp        string
	user      []byte   // its ID
	account   cbor.Map // of the user: its ID and names
	hash      []byte   // clientDataHash
	id        []byte
	publicKey publicKey
	data      *authData
	answer    answer
	statement cbor.Map
	format    string
}

// descriptor names the credential in lists.
func (c *credential) descriptor() cbor.Map { return descriptor(c.id) }

func descriptor(id []byte) cbor.Map {
	return cbor.Map{{Key: "id", Value: id}, {Key: "type", Value: "public-key"}}
}

// rpEntity is a relying party of an ID.
func rpEntity(id string) cbor.Map {
	return cbor.Map{{Key: "id", Value: id}, {Key: "name", Value: "Judged"}}
}

func algorithms(all ...int64) cbor.Array {
	out := cbor.Array{}
	for _, alg := range all {
		out = append(out, cbor.Map{{Key: "alg", Value: alg}, {Key: "type", Value: "public-key"}})
	}
	return out
}

// newCredential is a makeCredential of this case's relying party for a user of its
// own, with the members that are mandatory and no others.
func (k *key) newCredential() request {
	return request{command: ctap.CommandMakeCredential, params: cbor.Map{
		{Key: mcClientDataHash, Value: k.draw(32)},
		{Key: mcRP, Value: rpEntity(k.rp)},
		{Key: mcUser, Value: k.someUser()},
		{Key: mcParams, Value: algorithms(k.info().quickest()...)},
	}}
}

func (k *key) someUser() cbor.Map {
	id := k.draw(16)
	return cbor.Map{{Key: "id", Value: id}, {Key: "name", Value: fmt.Sprintf("user %x", id[:3])}, {Key: "displayName", Value: "Somebody"}}
}

// discoverable asks for a discoverable credential.
func discoverable(r request) request { return withOption(r, "rk", true) }

// withOption sets one of the options of a ceremony.
func withOption(r request, id string, value bool) request {
	member := optionsMember(r)
	now, _ := r.params.Get(member)
	set, _ := now.(cbor.Map)
	return r.with(member, set.With(id, value))
}

func optionsMember(r request) int {
	if r.command == ctap.CommandMakeCredential {
		return mcOptions
	}
	return gaOptions
}

func paramMember(r request) int {
	if r.command == ctap.CommandMakeCredential {
		return mcParam
	}
	return gaParam
}

func optionOf(r request, id string) bool {
	now, _ := r.params.Get(optionsMember(r))
	set, _ := now.(cbor.Map)
	v, _ := set.Get(id)
	b, _ := v.(bool)
	return b
}

// authorise adds the user verification without which the device as it is now would
// refuse a ceremony (§6.1.2 steps 6 to 8, §6.2.2 step 5), and no more.
func (k *key) authorise(r request) request {
	i := k.info()
	needed := i.option(ctap.OptionAlwaysUv) || k.hides(r)
	if r.command == ctap.CommandMakeCredential && i.protected() && !(i.option(ctap.OptionMakeCredUvNotRqd) && !optionOf(r, "rk")) {
		needed = true
	}
	if !needed {
		return r
	}
	return k.verified(r)
}

// hides reports whether the device hides credentials from a ceremony without user
// verification, because it protects them more than anybody asked for (§12.1).
func (k *key) hides(r request) bool {
	list := gaAllowList
	if r.command == ctap.CommandMakeCredential {
		list = mcExcludeList
	}
	listed := r.params.Has(list)
	if r.command == ctap.CommandMakeCredential && !listed {
		return false
	}
	level := k.level()
	return level == 3 || level == 2 && !listed
}

// level is the credProtect of credentials that ask for the least.
func (k *key) level() int64 {
	if !k.info().extension(ctap.ExtensionCredProtect) {
		return 1
	}
	found := k.Once("credProtect of credentials that ask for the least", func() any {
		r := k.newCredential().with(mcRP, rpEntity("least."+k.rp))
		c := k.make(extending(r, ctap.ExtensionCredProtect, 1))
		level, _ := c.data.output(ctap.ExtensionCredProtect)
		n, _ := level.(int64)
		return max(n, 1)
	})
	n, _ := found.(int64)
	return n
}

// verified adds user verification: the device's own, or by a token; unless it is
// there.
func (k *key) verified(r request) request {
	if optionOf(r, "uv") || r.params.Has(paramMember(r)) {
		return r
	}
	if k.info().option(ctap.OptionUV) {
		return withOption(r, "uv", true)
	}
	permission := ctap.PermissionGetAssertion
	if r.command == ctap.CommandMakeCredential {
		permission = ctap.PermissionMakeCredential
	}
	t := k.token(k.protocol(), permission, rpOf(r))
	return t.sign(r)
}

// rpOf is the RP ID of a ceremony.
func rpOf(r request) string {
	if r.command == ctap.CommandGetAssertion {
		v, _ := r.params.Get(gaRPID)
		id, _ := v.(string)
		return id
	}
	v, _ := r.params.Get(mcRP)
	rp, _ := v.(cbor.Map)
	id, _ := rp.Get("id")
	text, _ := id.(string)
	return text
}

// make has the device make a credential, with what verification it needs, and
// reads it.
func (k *key) make(r request) *credential {
	return k.created(k.ask(k.authorise(r)))
}

// asked is a request with the answer to it.
type asked struct {
	request
	answer
}

func (k *key) ask(r request) asked { return asked{r, k.send(r)} }

// created reads what makeCredential answered, and holds it to what any credential
// must be: a case that goes on with a credential rests on it.
func (k *key) created(a asked) *credential {
	k.expectOK(a.answer)
	raw := k.bytesOf(a.answer, madeAuthData)
	data, err := readAuthData(raw)
	if err != nil {
		k.Fatalf("authData of makeCredential cannot be read: %v", err)
	}
	c := &credential{rp: rpOf(a.request), data: data, id: data.id, answer: a.answer}
	c.hash, _ = a.value(mcClientDataHash).([]byte)
	user, _ := a.value(mcUser).(cbor.Map)
	id, _ := user.Get("id")
	c.user, _ = id.([]byte)
	c.account = user
	c.format, _ = k.member(a.answer, madeFormat).(string)
	c.statement, _ = k.member(a.answer, madeStatement).(cbor.Map)
	if !data.has(flagAT) || len(c.id) == 0 {
		k.Fatalf("authData of makeCredential holds no credential")
	}
	c.publicKey, err = readPublicKey(data.publicKey)
	if err != nil && !errors.Is(err, errUnknownAlgorithm) {
		k.Fatalf("the public key of the new credential: %v", err)
	}
	return c
}

func (a asked) value(member int) any {
	v, _ := a.params.Get(member)
	return v
}

// assertion is one that the device signed for the judge.
type assertion struct {
	answer answer
	data   *authData
	id     []byte // of the credential
	user   cbor.Map
}

// useOf is a getAssertion by a credential.
func (k *key) useOf(c *credential) request {
	return k.use().with(gaAllowList, cbor.Array{c.descriptor()})
}

// use is a getAssertion of this case's relying party, without a list.
func (k *key) use() request {
	return request{command: ctap.CommandGetAssertion, params: cbor.Map{
		{Key: gaRPID, Value: k.rp}, {Key: gaClientDataHash, Value: k.draw(32)},
	}}
}

// assert has the device sign, with what verification it needs.
func (k *key) assert(r request) *assertion { return k.asserted(k.ask(k.authorise(r)).answer) }

// asserted reads what getAssertion or getNextAssertion answered.
func (k *key) asserted(a answer) *assertion {
	k.expectOK(a)
	data, err := readAuthData(k.bytesOf(a, gotAuthData))
	if err != nil {
		k.Fatalf("authData of %s cannot be read: %v", a.command, err)
	}
	k.bytesOf(a, gotSignature)
	out := &assertion{answer: a, data: data}
	if named, ok := a.members.Get(gotCredential); ok {
		m, _ := named.(cbor.Map)
		id, _ := m.Get("id")
		out.id, _ = id.([]byte)
	}
	if user, ok := a.members.Get(gotUser); ok {
		out.user, _ = user.(cbor.Map)
	}
	return out
}

// signedBy complains unless a signature is a credential's over what it must cover.
func (k *key) signedBy(s *assertion, c *credential, hash []byte) {
	if c.publicKey.verify == nil {
		return
	}
	signature := k.bytesOf(s.answer, gotSignature)
	if !c.publicKey.verify(append(bytes.Clone(s.data.raw), hash...), signature) {
		k.Differ("a signature over authData and clientDataHash by the key of the credential", fmt.Sprintf("%x", signature),
			"the signature of %s does not verify", s.answer.command)
	}
}

// hashOf is the clientDataHash of a getAssertion.
func hashOf(r request) []byte {
	v, _ := r.params.Get(gaClientDataHash)
	b, _ := v.([]byte)
	return b
}
