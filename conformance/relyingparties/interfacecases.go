package relyingparties

import (
	"fmt"
	"mime"
	"net/http"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// interfaceCases are about the interface of the FIDO Alliance as such.
func interfaceCases() []testCase {
	return concat([]testCase{
		onInterface("registration-options-answer", "/attestation/options", conformance.Must, "Options of a registration are answered with status 200, \"ok\" and no error message.", func(c *client) {
			v := c.visit()
			c.wantOK(v.ask(&v.adapter.Registration, creationAsk{}.variables()))
		}),
		onInterface("login-options-answer", "/assertion/options", conformance.Must, "Options of a login are answered with status 200, \"ok\" and no error message.", func(c *client) {
			made := c.registered()
			v := c.visitAs(made.user)
			c.wantOK(v.ask(&v.adapter.Login, requestAsk{}.variables()))
		}),
		onInterface("registration-answer", "/attestation/result", conformance.Must, "A registration that is accepted is answered with status 200, \"ok\" and no error message.", func(c *client) {
			o, _ := registration{}.attempt(c)
			c.wantOK(o.reply)
		}),
		onInterface("login-answer", "/assertion/result", conformance.Must, "A login that is accepted is answered with status 200, \"ok\" and no error message.", func(c *client) {
			c.wantOK(login{}.attempt(c).reply)
		}),
		onInterface("registration-failure", "/attestation/result", conformance.Must, "A registration that is refused is answered with status 4xx or 5xx, \"failed\" and an error message.", func(c *client) {
			o, _ := registration{change: clientMember("challenge", "AAAAAAAAAAAAAAAAAAAAAA")}.attempt(c)
			c.wantFailed(o.reply)
		}),
		onInterface("login-failure", "/assertion/result", conformance.Must, "A login that is refused is answered with status 4xx or 5xx, \"failed\" and an error message.", func(c *client) {
			c.wantFailed(login{change: signature(middleFlipped)}.attempt(c).reply)
		}),
		onInterface("malformed-failure", "/attestation/result", conformance.Must, "A body that is no JSON is answered with status 4xx or 5xx, \"failed\" and an error message.", func(c *client) {
			o, _ := registration{change: textIs("not JSON")}.attempt(c)
			c.wantFailed(o.reply)
		}),
		onInterface("client-error", "/attestation/result", conformance.Should, "A malformed registration is answered with a status of 4xx: nothing broke at the server.", func(c *client) {
			o, _ := registration{change: objectBytes(func([]byte) []byte { return []byte{0xff} })}.attempt(c)
			if o.reply.status >= 500 {
				c.Differ("400 to 499", fmt.Sprint(o.reply.status), "the status says that something broke")
			}
		}),
		onInterface("unknown-user", "/assertion/options", conformance.Should, "Options of a login are not given to a user whom nobody has registered.", func(c *client) {
			v := c.visit()
			c.wantFailed(v.ask(&v.adapter.Login, requestAsk{}.variables()))
		}),
		onInterface("answer-without-options", "/attestation/result", conformance.Must, "A registration is refused in a session that has asked for no options.", func(c *client) {
			a := c.visit().toRegister(creationAsk{})
			text, _ := registration{change: clientMember("challenge", forge.Base64(c.draw(32)))}.answer(a)
			c.wantRefused("the registration", a.by(c.visit()).bring(text))
		}),
	}, badRequests("/attestation/options", true), badRequests("/assertion/options", false))
}

func onInterface(what, section string, level conformance.Level, doc string, run func(*client)) testCase {
	return testCase{ID: "interface/" + what, Spec: api(section), Level: level, Needs: []need{fidoInterface}, Doc: doc, Run: on(run)}
}

// wantOK complains of an answer that is no ServerResponse of a success.
func (c *client) wantOK(r *reply) {
	if r.status != http.StatusOK {
		c.Differ("200", fmt.Sprint(r.status), "%s has another status", r.step)
	}
	c.wantJSON(r)
	c.wantValue(r.value, "status", "ok")
	if message, there := at(r.value, "errorMessage"); there && message != "" {
		c.Differ(`""`, brief(forge.JSON(message)), "there is an error message")
	}
}

// wantFailed complains of an answer that is no ServerResponse of a failure.
func (c *client) wantFailed(r *reply) {
	if r.status < 400 || r.status > 599 {
		c.Differ("400 to 599", fmt.Sprint(r.status), "%s has another status", r.step)
	}
	c.wantJSON(r)
	c.wantValue(r.value, "status", "failed")
	c.wantText(r.value, "errorMessage", 1)
}

func (c *client) wantJSON(r *reply) {
	kind, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		c.Differ("application/json", r.header.Get("Content-Type"), "the content type of %s is another", r.step)
		c.FailNow()
	}
	if _, is := r.value.(map[string]any); !is {
		c.Differ("a JSON object", brief(r.body), "%s was answered with something else", r.step)
		c.FailNow()
	}
}

// badRequests are about requests for options that say nothing that can be done.
func badRequests(section string, registers bool) []testCase {
	kind := "login-options"
	if registers {
		kind = "registration-options"
	}
	row := func(what, doc string, level conformance.Level, body any) testCase {
		return onInterface(kind+"/"+what, section, level, fmt.Sprintf("A request for %s %s is refused.", section, doc), func(c *client) {
			made := &credential{user: c.newUser()}
			if !registers {
				made = c.registered()
			}
			v := c.visitAs(made.user)
			step := v.adapter.Login.Options
			if registers {
				step = v.adapter.Registration.Options
			}
			step.JSON = body
			c.wantFailed(v.carryOut(&step, creationAsk{}.variables()))
		})
	}
	user := forge.Member{Name: "username", Value: "${user}"}
	name := forge.Member{Name: "displayName", Value: "${displayName}"}
	all := []testCase{
		row("not-json", "that is no JSON", conformance.Must, forge.Raw("not JSON")),
		row("list", "that is a list", conformance.Must, forge.Raw("[]")),
		row("username-missing", "without a username", conformance.Must, forge.Object{name}),
		row("username-number", "with a number for a username", conformance.Should, forge.Object{{Name: "username", Value: 1}, name}),
		row("username-empty", "with an empty username", conformance.Should, forge.Object{{Name: "username", Value: ""}, name}),
	}
	if registers {
		return append(all,
			row("display-name-number", "with a number for a displayName", conformance.Should, forge.Object{user, {Name: "displayName", Value: 1}}),
			row("attestation-number", "with a number for an attestation", conformance.Should, forge.Object{user, name, {Name: "attestation", Value: 1}}),
			row("selection-text", "with a text for an authenticatorSelection", conformance.Should, forge.Object{user, name, {Name: "authenticatorSelection", Value: "platform"}}),
		)
	}
	return append(all, row("verification-number", "with a number for a userVerification", conformance.Should, forge.Object{user, {Name: "userVerification", Value: 1}}))
}
