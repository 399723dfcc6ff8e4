package relyingparties

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// Sections about options.
var (
	creationOptions = l3("5.4")
	requestOptions  = l3("5.5")
	unpredictable   = l3("13.4.3")
)

// look is a case about the options that somebody new gets.
func look(what string, spec conformance.Spec, level conformance.Level, doc string, run func(c *client, a *asked)) testCase {
	return testCase{
		ID: "options/" + what, Spec: spec, Level: level, Doc: doc,
		Run: on(func(c *client) { run(c, c.visit().toRegister(creationAsk{})) }),
	}
}

// lookLogin is a case about the options that somebody gets who has a credential.
func lookLogin(what string, spec conformance.Spec, level conformance.Level, doc string, run func(c *client, a *asked, made *credential)) testCase {
	return testCase{
		ID: "options/login/" + what, Spec: spec, Level: level, Doc: doc, Twin: plainRegistration,
		Run: on(func(c *client) {
			made := c.registered()
			run(c, c.visitAs(made.user).toLogin(requestAsk{}), made)
		}),
	}
}

func optionsCases() []testCase {
	return concat(challengeOptions, entityOptions, parameterOptions, echoCases(), listOptions, loginOptions)
}

// bytesOf is the value of base64url, which is held to its form.
func (c *client) bytesOf(what string, v any) []byte {
	s, is := v.(string)
	if !is {
		c.Fatalf("%s is %s, want base64url", what, brief(forge.JSON(v)))
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || strings.ContainsAny(s, "\r\n") {
		c.Fatalf("%s is %q, which is not base64url without padding", what, s)
	}
	return b
}

const leastChallenge, mostChallenge = 16, 64 // bytes

func (c *client) checkChallenge(a *asked) {
	b := c.bytesOf("challenge", a.all["challenge"])
	if len(b) < leastChallenge {
		c.Differ("at least 16 bytes", fmt.Sprintf("%d bytes", len(b)), "the challenge is short")
	}
}

// checkSpread complains of challenges that have no more than a few different bytes, as
// those that are counted or padded have.
func (c *client) checkSpread(challenges [][]byte) {
	const least = 8
	for i, one := range challenges {
		for _, other := range challenges[:i] {
			differ := 0
			for k := range min(len(one), len(other)) {
				if one[k] != other[k] {
					differ++
				}
			}
			if differ < least && len(one) == len(other) {
				c.Fatalf("challenges %x and %x differ in %d bytes alone: whoever has seen one can guess others", one, other, differ)
			}
		}
	}
}

// hexadecimal reports bytes that are digits of hexadecimal numbers.
func hexadecimal(b []byte) bool {
	return len(b) > 0 && !slices.ContainsFunc(b, func(c byte) bool { return !strings.ContainsRune("0123456789abcdefABCDEF-", rune(c)) })
}

var challengeOptions = []testCase{
	look("challenge", unpredictable, conformance.Must, "The challenge of a registration is base64url of 16 bytes at least.", func(c *client, a *asked) { c.checkChallenge(a) }),
	look("challenge-length", api("/attestation/options"), conformance.Should, "The challenge of a registration has 64 bytes at most.", func(c *client, a *asked) {
		if n := len(c.bytesOf("challenge", a.all["challenge"])); n > mostChallenge {
			c.Differ("at most 64 bytes", fmt.Sprintf("%d bytes", n), "the challenge is long")
		}
	}),
	look("challenges-differ", unpredictable, conformance.Must, "Every registration has a challenge of its own, of which the others tell nothing.", func(c *client, a *asked) {
		v := c.visit()
		challenges := [][]byte{c.bytesOf("challenge", a.all["challenge"])}
		for range 4 {
			challenges = append(challenges, c.bytesOf("challenge", v.toRegister(creationAsk{}).all["challenge"]))
		}
		challenges = append(challenges, c.bytesOf("challenge", c.visit().toRegister(creationAsk{}).all["challenge"]))
		c.checkSpread(challenges)
	}),
	look("challenge-entropy", unpredictable, conformance.Should, "The challenge of a registration is not digits alone, of which it would need twice as many.", func(c *client, a *asked) {
		if b := c.bytesOf("challenge", a.all["challenge"]); hexadecimal(b) && len(b) < 2*leastChallenge {
			c.Differ("16 random bytes at least", string(b), "the challenge is made of digits")
		}
	}),
	lookLogin("challenge", unpredictable, conformance.Must, "The challenge of a login is base64url of 16 bytes at least.", func(c *client, a *asked, _ *credential) { c.checkChallenge(a) }),
	lookLogin("challenge-entropy", unpredictable, conformance.Should, "The challenge of a login is not digits alone, of which it would need twice as many.", func(c *client, a *asked, _ *credential) {
		if b := c.bytesOf("challenge", a.all["challenge"]); hexadecimal(b) && len(b) < 2*leastChallenge {
			c.Differ("16 random bytes at least", string(b), "the challenge is made of digits")
		}
	}),
	lookLogin("challenges-differ", unpredictable, conformance.Must, "Every login has a challenge of its own, of which the others tell nothing.", func(c *client, a *asked, made *credential) {
		challenges := [][]byte{c.bytesOf("challenge", a.all["challenge"])}
		for range 4 {
			challenges = append(challenges, c.bytesOf("challenge", c.visitAs(made.user).toLogin(requestAsk{}).all["challenge"]))
		}
		c.checkSpread(challenges)
	}),
}

var entityOptions = []testCase{
	look("rp-name", creationOptions, conformance.Must, "The options of a registration have rp.name, a text.", func(c *client, a *asked) { c.wantText(a.all, "rp.name", 1) }),
	look("rp-id", l3("5.4.2"), conformance.Must, "Where the options of a registration have rp.id, it is the host of the origin or one that that is below.", func(c *client, a *asked) {
		c.checkRPID(get(a.all, "rp.id"))
	}),
	look("user-id", l3("5.4.3"), conformance.Must, "user.id is base64url of 1 to 64 bytes.", func(c *client, a *asked) {
		if n := len(c.bytesOf("user.id", get(a.all, "user.id"))); n < 1 || n > 64 {
			c.Differ("1 to 64 bytes", fmt.Sprintf("%d bytes", n), "user.id has another length")
		}
	}),
	look("user-name", l3("5.4.3"), conformance.Must, "user.name is a text.", func(c *client, a *asked) { c.wantText(a.all, "user.name", 0) }),
	look("user-display-name", l3("5.4.3"), conformance.Must, "user.displayName is a text, which may be empty.", func(c *client, a *asked) { c.wantText(a.all, "user.displayName", 0) }),
	look("user-id-tells-nothing", l3("14.6.1"), conformance.Should, "user.id has nothing of the user's name in it.", func(c *client, a *asked) {
		id, name := c.bytesOf("user.id", get(a.all, "user.id")), fmt.Sprint(get(a.all, "user.name"))
		if strings.Contains(strings.ToLower(string(id)), strings.ToLower(a.user)) || string(id) == name {
			c.Differ("something that tells nothing", string(id), "user.id is made of the user's name")
		}
	}),
	look("user-ids-differ", l3("5.4.3"), conformance.Must, "Users have a user.id each.", func(c *client, a *asked) {
		other := c.visit().toRegister(creationAsk{})
		if string(a.handle) == string(other.handle) {
			c.Fatalf("two users have the same user.id %x", a.handle)
		}
	}),
	{
		ID: "options/user-id-stays", Spec: l3("5.4.3"), Level: conformance.Must, Twin: plainRegistration, Needs: []need{fidoInterface},
		Doc: "A user's user.id is the same at the next registration.",
		Run: on(func(c *client) {
			made := c.registered()
			if again := c.visitAs(made.user).toRegister(creationAsk{}); string(again.handle) != string(made.handle) {
				c.Differ(fmt.Sprintf("%x", made.handle), fmt.Sprintf("%x", again.handle), "user.id is another")
			}
		}),
	},
	{
		ID: "options/user-as-asked", Spec: api("/attestation/options"), Level: conformance.Must, Needs: []need{fidoInterface},
		Doc: "user.name and user.displayName are what was asked for.",
		Run: on(func(c *client) {
			v := c.visit()
			a := v.toRegister(creationAsk{})
			c.wantValue(a.all, "user.name", v.known["user"])
			c.wantValue(a.all, "user.displayName", v.known["displayName"])
		}),
	},
}

// wantText complains of a value that is no text of so many bytes at least.
func (c *client) wantText(in any, path string, least int) {
	v, there := at(in, path)
	s, is := v.(string)
	switch {
	case !there:
		c.Fatalf("the options have no %s", path)
	case !is:
		c.Differ("a text", brief(forge.JSON(v)), "%s is no text", path)
	case len(s) < least:
		c.Fatalf("%s is empty", path)
	}
}

// wantValue complains of a value that is not this one.
func (c *client) wantValue(in any, path string, want any) {
	v, there := at(in, path)
	if !there {
		c.Fatalf("the options have no %s", path)
	}
	if v != want {
		c.Differ(fmt.Sprint(want), brief(forge.JSON(v)), "%s is something else", path)
	}
}

func (c *client) checkRPID(v any) {
	if v == nil {
		return
	}
	id, _ := v.(string)
	host := hostOf(c.site.Origin)
	if id == "" || id != host && !strings.HasSuffix(host, "."+id) {
		c.Differ(host+", or what that is below", brief(forge.JSON(v)), "browsers do not let %s use this RP ID", c.site.Origin)
	}
}

var parameterOptions = []testCase{
	look("params", creationOptions, conformance.Must, "pubKeyCredParams is a list, in which each element has a type and a number alg.", func(c *client, a *asked) {
		all, is := get(a.all, "pubKeyCredParams").([]any)
		if !is {
			c.Fatalf("the options have no list pubKeyCredParams")
		}
		for i, element := range all {
			alg, is := get(element, "alg").(float64)
			if kind, isText := get(element, "type").(string); !is || alg != float64(int(alg)) || !isText || kind == "" {
				c.Fatalf("element %d of pubKeyCredParams is %s", i, brief(forge.JSON(element)))
			}
		}
	}),
	look("params-filled", creationOptions, conformance.Should, "pubKeyCredParams has an algorithm: an empty list means ES256 and RS256, whatever the relying party can do.", func(c *client, a *asked) {
		if len(a.offered) == 0 {
			c.Fatalf("pubKeyCredParams is empty")
		}
	}),
	look("params-es256", creationOptions, conformance.Should, "ES256 is offered, which is what most authenticators have.", func(c *client, a *asked) {
		if !slices.Contains(a.offered, forge.ES256) {
			c.Differ("-7 among them", fmt.Sprint(a.offered), "ES256 is not offered")
		}
	}),
	look("params-rs256", creationOptions, conformance.Should, "RS256 is offered, which is what some computers have alone.", func(c *client, a *asked) {
		if !slices.Contains(a.offered, forge.RS256) {
			c.Differ("-257 among them", fmt.Sprint(a.offered), "RS256 is not offered")
		}
	}),
	look("params-once", creationOptions, conformance.Should, "No algorithm is offered twice.", func(c *client, a *asked) {
		seen := map[int]bool{}
		for _, alg := range a.offered {
			if seen[alg] {
				c.Fatalf("algorithm %d is offered twice", alg)
			}
			seen[alg] = true
		}
	}),
	{
		ID: "options/params-list", Spec: testList("AttestationResponse-Resp-4"), Level: conformance.May, Needs: []need{fidoInterface},
		Doc: "ES256, RS256 and RS1 are offered, as the published test list demands.",
		Run: on(func(c *client) {
			a := c.visit().toRegister(creationAsk{})
			for _, alg := range []int{forge.ES256, forge.RS256, forge.RS1} {
				if !slices.Contains(a.offered, alg) {
					c.Errorf("%s is not offered", forge.AlgorithmName(alg))
				}
			}
		}),
	},
	look("timeout", creationOptions, conformance.Should, "The options of a registration have a timeout, in milliseconds: 15 seconds to an hour.", func(c *client, a *asked) { c.checkTimeout(a) }),
	lookLogin("timeout", requestOptions, conformance.Should, "The options of a login have a timeout, in milliseconds: 15 seconds to an hour.", func(c *client, a *asked, _ *credential) { c.checkTimeout(a) }),
}

func (c *client) checkTimeout(a *asked) {
	const least, most = 15_000, 3_600_000
	v, there := a.all["timeout"]
	n, is := v.(float64)
	switch {
	case !there:
		c.Fatalf("there is no timeout")
	case !is || n != float64(int64(n)) || n < least || n > most:
		c.Differ("15000 to 3600000", brief(forge.JSON(v)), "the timeout is out of bounds: it is in milliseconds")
	}
}
