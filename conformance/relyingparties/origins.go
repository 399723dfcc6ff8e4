package relyingparties

import (
	"net/url"
	"strings"

	"github.com/passkeylab/passkeylab/conformance"
	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// origin changes the origin as an address.
func origin(f func(*url.URL)) change {
	return clientText("origin", func(s string) string {
		at, err := url.Parse(s)
		if err != nil {
			return s
		}
		f(at)
		return at.String()
	})
}

var clientDataOrigins = []mirrored{
	{what: "origin-missing", at: originStep, level: conformance.Must,
		doc:    "A %s whose client data has no origin is refused.",
		change: clientWithout("origin")},
	{what: "origin-null", at: originStep, level: conformance.Must,
		doc:    "A %s whose client data has null for an origin is refused.",
		change: clientMember("origin", nil)},
	{what: "origin-opaque", at: originStep, level: conformance.Must,
		doc:    "A %s whose client data has the origin \"null\", as pages without one have, is refused.",
		change: clientMember("origin", "null")},
	{what: "origin-empty", at: originStep, level: conformance.Must,
		doc:    "A %s whose client data has an empty origin is refused.",
		change: clientMember("origin", "")},
	{what: "origin-number", at: originStep, level: conformance.Must,
		doc:    "A %s whose client data has a number for an origin is refused.",
		change: clientMember("origin", 443)},
	{what: "origin-list", at: originStep, level: conformance.Must,
		doc: "A %s whose client data has its origin in a list is refused.",
		change: clientChange(func(o forge.Object) forge.Object {
			value, _ := o.Get("origin")
			return o.With("origin", []any{value})
		})},
	{what: "origin-other-host", at: originStep, level: conformance.Must,
		doc:    "A %s from another site is refused.",
		change: clientMember("origin", "https://attacker.example")},
	{what: "origin-longer-host", at: originStep, level: conformance.Must,
		doc:    "A %s from a host whose name begins with the right one is refused.",
		change: origin(func(u *url.URL) { u.Host = u.Hostname() + ".attacker.example" })},
	{what: "origin-host-ending", at: originStep, level: conformance.Must,
		doc:    "A %s from a host whose name ends in the right one, without a dot between, is refused.",
		change: origin(func(u *url.URL) { u.Host = "attacker" + u.Host })},
	{what: "origin-host-alone", at: originStep, level: conformance.Must,
		doc:    "A %s whose client data has the host alone for an origin is refused.",
		change: origin(func(u *url.URL) { *u = url.URL{Path: u.Hostname()} })},
	{what: "origin-other-scheme", at: originStep, level: conformance.Must,
		doc: "A %s from the same host by another scheme is refused.",
		change: origin(func(u *url.URL) {
			if u.Scheme == "https" {
				u.Scheme = "http"
			} else {
				u.Scheme = "ftp"
			}
		})},
	{what: "origin-of-an-app", at: originStep, level: conformance.Must,
		doc:    "A %s from an application on Android that nobody knows is refused.",
		change: clientMember("origin", "android:apk-key-hash:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")},
	{what: "origin-of-localhost", at: originStep, level: conformance.Must, needs: []need{elsewhere},
		doc:    "A %s from the machine that the browser runs on is refused: whoever has a port there is not the relying party.",
		change: clientMember("origin", "http://localhost")},
	{what: "origin-other-port", at: originStep, level: conformance.Must, needs: []need{oneOrigin},
		doc:    "A %s from another port of the same host is refused, where only that is expected.",
		change: origin(func(u *url.URL) { u.Host = u.Hostname() + ":8444" })},
	{what: "origin-subdomain", at: originStep, level: conformance.Must, needs: []need{oneOrigin},
		doc:    "A %s from a host below the right one is refused, where only that is expected.",
		change: origin(func(u *url.URL) { u.Host = "below." + u.Host })},
	{what: "origin-pattern", at: originStep, level: conformance.Must, needs: []need{dotted},
		doc:    "A %s from a host whose name has other letters where the right one has dots is refused.",
		change: origin(func(u *url.URL) { u.Host = strings.ReplaceAll(u.Host, ".", "x") })},
	{what: "origin-first-line", at: originStep, level: conformance.Must,
		doc:    "A %s whose client data has the right origin on a line of its own, before another site's, is refused.",
		change: clientText("origin", func(s string) string { return s + "\nhttps://attacker.example" })},
	{what: "origin-last-line", at: originStep, level: conformance.Must,
		doc:    "A %s whose client data has the right origin on a line of its own, after another site's, is refused.",
		change: clientText("origin", func(s string) string { return "https://attacker.example\n" + s })},
	{what: "origin-cut-off", at: originStep, level: conformance.Must,
		doc:    "A %s from a host whose name lacks the last letter of the right one is refused.",
		change: origin(func(u *url.URL) { u.Host = u.Hostname()[:len(u.Hostname())-1] })},
	{what: "origin-scheme-alone", at: originStep, level: conformance.Must,
		doc:    "A %s whose client data has the scheme alone for an origin is refused.",
		change: clientText("origin", func(s string) string { scheme, _, _ := strings.Cut(s, "//"); return scheme + "//" })},
	{what: "origin-of-an-extension", at: originStep, level: conformance.Must,
		doc:    "A %s from an extension of a browser that nobody knows is refused.",
		change: clientMember("origin", "chrome-extension://abcdefghijklmnopabcdefghijklmnop")},
	{what: "origin-other-host-in-frame", at: originStep, level: conformance.Must, needs: []need{frames},
		doc:    "A %s from another site in a page of a third is refused, though pages inside others are expected.",
		change: clientMember("origin", "https://attacker.example").Both(clientMember("crossOrigin", true))},
	{what: "origin-slash", at: exactly, level: conformance.Should,
		doc:    "A %s whose client data has an origin with a slash at the end is refused: that is not how origins are written.",
		change: clientText("origin", func(s string) string { return s + "/" })},
	{what: "origin-capitals", at: exactly, level: conformance.Should,
		doc:    "A %s whose client data has an origin in capitals is refused.",
		change: clientText("origin", strings.ToUpper)},
	{what: "origin-port-written-out", at: exactly, level: conformance.Should,
		doc: "A %s whose client data has an origin with the port that goes without saying is refused.", needs: []need{usualPort}, change: origin(func(u *url.URL) {
			u.Host += ":443"
		})},
	{what: "origin-with-user", at: exactly, level: conformance.Should,
		doc:    "A %s whose client data has an origin with a user's name is refused.",
		change: origin(func(u *url.URL) { u.User = url.User("user") })},
	{what: "origin-with-path", at: exactly, level: conformance.Should,
		doc:    "A %s whose client data has an origin with a path is refused.",
		change: clientText("origin", func(s string) string { return s + "/login" })},
	{what: "origin-with-query", at: exactly, level: conformance.Should,
		doc:    "A %s whose client data has an origin with a query is refused.",
		change: clientText("origin", func(s string) string { return s + "?a=b" })},
	{what: "origin-with-fragment", at: exactly, level: conformance.Should,
		doc:    "A %s whose client data has an origin with a fragment is refused.",
		change: clientText("origin", func(s string) string { return s + "#a" })},
	{what: "origin-dot", at: exactly, level: conformance.Should,
		doc: "A %s whose client data has a host with a dot at the end is refused.",
		change: origin(func(u *url.URL) {
			u.Host = strings.Replace(u.Host, u.Hostname(), u.Hostname()+".", 1)
		})},
	{what: "origin-spaced", at: exactly, level: conformance.Should,
		doc:    "A %s whose client data has a space before the origin is refused.",
		change: clientText("origin", func(s string) string { return " " + s })},
	{what: "origin-named-otherwise", at: originStep, level: conformance.Must,
		doc:    "A %s whose client data has \"Origin\" in place of \"origin\" is refused: names are case-sensitive.",
		change: clientChange(func(o forge.Object) forge.Object { return o.Renamed("origin", "Origin") })},
	{what: "origin-wrong-then-right", at: originStep, level: conformance.Should,
		doc:    "A %s whose client data has two origins, the second of them right, is refused.",
		change: clientChange(func(o forge.Object) forge.Object { return o.Before("origin", "https://attacker.example") })},
	{what: "origin-right-then-wrong", at: originStep, level: conformance.Should,
		doc:    "A %s whose client data has two origins, the first of them right, is refused.",
		change: clientChange(func(o forge.Object) forge.Object { return o.After("origin", "https://attacker.example") })},
}

var (
	// oneOrigin is met where no other origin than that of the target is expected.
	oneOrigin = chosen(switchOrigins, "one")
	elsewhere = feature("a host that is not the browser's own", func(c *client) bool { return hostOf(c.site.Origin) != "localhost" })
)

// dotted is met where the host has a dot in its name.
var dotted = feature("a host with a dot in its name", func(c *client) bool { return strings.Contains(hostOf(c.site.Origin), ".") })

var usualPort = feature("an origin https without a port", func(c *client) bool {
	at, err := url.Parse(c.site.Origin)
	return err == nil && at.Scheme == "https" && at.Port() == ""
})
