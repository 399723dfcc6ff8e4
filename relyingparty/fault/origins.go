package fault

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"

	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// alike makes a seam that takes an origin for one expected.
func alike(is func(got, expected string) bool) relyingparty.Seams {
	return at(held(func(v *ceremony.Verification) {
		if slices.ContainsFunc(v.Origins, func(expected string) bool { return is(v.Client.Origin, expected) }) {
			v.Origins = append(slices.Clone(v.Origins), v.Client.Origin)
		}
	}), clientDataSteps...)
}

// alikeURLs is alike for origins that are URLs.
func alikeURLs(is func(got, expected *url.URL) bool) relyingparty.Seams {
	return alike(func(got, expected string) bool {
		a, err := url.Parse(got)
		b, err2 := url.Parse(expected)
		return err == nil && err2 == nil && is(a, b)
	})
}

// authority is the host with its port, that of the scheme where none is named.
func authority(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func bare(u *url.URL) bool {
	return u.Path == "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil
}

func originFaults() []Fault {
	const compared = "WebAuthn L3 §7.1 step 9, §7.2 step 12, §13.4.9"
	const crossed = "WebAuthn L3 §7.1 step 10, §7.2 step 13"
	const top = "WebAuthn L3 §7.1 step 11, §7.2 step 14"
	return append(oddOriginFaults(), []Fault{
		{
			ID: "rp/origin/any", Spec: compared,
			Doc:   "The origin in client data is not looked at.",
			Seams: alike(func(string, string) bool { return true }),
		}, {
			ID: "rp/origin/suffix", Spec: compared,
			Doc: "The origin has only to end with the site's host.",
			Seams: alike(func(got, expected string) bool {
				_, host, _ := strings.Cut(expected, "://")
				return strings.HasSuffix(got, host)
			}),
		}, {
			ID: "rp/origin/prefix", Spec: compared,
			Doc:   "The origin has only to begin with the site's.",
			Seams: alike(strings.HasPrefix),
		}, {
			ID: "rp/origin/substring", Spec: compared,
			Doc: "The origin has only to have the site's host somewhere in it.",
			Seams: alike(func(got, expected string) bool {
				_, host, _ := strings.Cut(expected, "://")
				return strings.Contains(got, host)
			}),
		}, {
			ID: "rp/origin/subdomain", Spec: compared,
			Doc: "Every subdomain of the site's host is taken for it.",
			Seams: alikeURLs(func(got, expected *url.URL) bool {
				return got.Scheme == expected.Scheme && got.Port() == expected.Port() && bare(got) &&
					strings.HasSuffix(got.Hostname(), "."+expected.Hostname())
			}),
		}, {
			ID: "rp/origin/in-any-case", Spec: compared,
			Doc:   "The origin is compared without regard to capitals, where it is serialised in one way.",
			Seams: alike(strings.EqualFold),
		}, {
			ID: "rp/origin/port-ignored", Spec: compared,
			Doc: "The port of the origin is not compared.",
			Seams: alikeURLs(func(got, expected *url.URL) bool {
				return got.Scheme == expected.Scheme && got.Hostname() == expected.Hostname() && bare(got)
			}),
		}, {
			ID: "rp/origin/default-port-accepted", Spec: compared,
			Doc: "The origin may name the port that its scheme has anyway, where it is serialised without.",
			Seams: alikeURLs(func(got, expected *url.URL) bool {
				return got.Scheme == expected.Scheme && authority(got) == authority(expected) && bare(got)
			}),
		}, {
			ID: "rp/origin/scheme-ignored", Spec: compared,
			Doc:   "The scheme of the origin is not compared, so that a page without TLS will do.",
			Seams: alikeURLs(func(got, expected *url.URL) bool { return got.Host == expected.Host && bare(got) }),
		}, {
			ID: "rp/origin/url-accepted", Spec: compared,
			Doc: "The origin may be a URL, whose path, query and user are passed over.",
			Seams: alikeURLs(func(got, expected *url.URL) bool {
				return got.Scheme == expected.Scheme && got.Host == expected.Host
			}),
		}, {
			ID: "rp/origin/slash-accepted", Spec: compared,
			Doc:   "A slash may follow the origin.",
			Seams: alike(func(got, expected string) bool { return got == expected+"/" }),
		}, {
			ID: "rp/origin/missing-accepted", Spec: compared,
			Doc:   "Client data without an origin are accepted.",
			Seams: alike(func(got, _ string) bool { return got == "" }),
		}, {
			ID: "rp/origin/null-accepted", Spec: compared,
			Doc:   "The origin \"null\" is accepted, which every opaque origin has.",
			Seams: alike(func(got, _ string) bool { return got == "null" }),
		}, {
			ID: "rp/origin/android-accepted", Spec: compared,
			Doc:   "Every origin of an Android application is accepted, whichever it is.",
			Seams: alike(func(got, _ string) bool { return strings.HasPrefix(got, "android:apk-key-hash:") }),
		}, {
			ID: "rp/origin/localhost-accepted", Spec: "WebAuthn L3 §7.1 step 9, §7.2 step 12, §13.4.9",
			Doc:   "The origin may be one of localhost, which was for developers.",
			Seams: alikeURLs(func(got, _ *url.URL) bool { return got.Hostname() == "localhost" }),
		}, {
			ID: "rp/origin/cross-origin-ignored", Spec: crossed,
			Doc: "A response that was made inside a page of another origin is accepted.",
			Seams: onClient(func(_ *ceremony.Verification, c *protocol.CollectedClientData) {
				c.CrossOrigin = c.CrossOrigin && c.TopOrigin != ""
			}),
		}, {
			ID: "rp/origin/top-origin-ignored", Spec: top,
			Doc: "A response that was made inside a page of another origin is accepted where it names that, whichever it is.",
			Seams: onClient(func(_ *ceremony.Verification, c *protocol.CollectedClientData) {
				if c.CrossOrigin && c.TopOrigin != "" {
					c.CrossOrigin, c.TopOrigin = false, ""
				}
			}),
		}, {
			ID: "rp/origin/top-origin-alone-accepted", Spec: "WebAuthn L3 §5.8.1 (topOrigin)",
			Doc: "A topOrigin is passed over where crossOrigin is not true, where the two contradict each other.",
			Seams: onClient(func(_ *ceremony.Verification, c *protocol.CollectedClientData) {
				if !c.CrossOrigin {
					c.TopOrigin = ""
				}
			}),
		}, {
			ID: "rp/origin/cross-origin-refused", Spec: crossed, Strict: true, Doors: []ceremony.Door{relyingparty.DoorConformance},
			Doc:   "A response that was made inside a page of another origin is refused, where that was expected.",
			Seams: at(held(func(v *ceremony.Verification) { v.CrossOrigin = false }), clientDataSteps...),
		}, {
			ID: "rp/origin/cross-origin-demanded", Spec: "WebAuthn L3 §5.8.1 (crossOrigin)", Strict: true,
			Doc: "Client data without crossOrigin are refused, which older clients leave out.",
			Seams: at(refusing(ceremony.ReasonCrossOrigin, func(v *ceremony.Verification) bool {
				return clientMembers(v)["crossOrigin"] == nil
			}), clientDataSteps...),
		},
	}...)
}

// oddOriginFaults compare origins by means that look right.
func oddOriginFaults() []Fault {
	const compared = "WebAuthn L3 §7.1 step 9, §7.2 step 12, §13.4.9"
	return []Fault{
		{
			ID: "rp/origin/pattern", Spec: compared,
			Doc: "The origin is compared by a regular expression in which dots are not escaped, so that they stand for any letter.",
			Seams: alike(func(got, expected string) bool {
				pattern, err := regexp.Compile("^" + expected + "$")
				return err == nil && pattern.MatchString(got)
			}),
		}, {
			ID: "rp/origin/line", Spec: compared,
			Doc:   "The origin is compared by a regular expression whose ends are those of a line, as they are in Ruby, so that one line has to be right.",
			Seams: alike(func(got, expected string) bool { return slices.Contains(strings.Split(got, "\n"), expected) }),
		}, {
			ID: "rp/origin/beginning", Spec: compared,
			Doc:   "The site's origin has only to begin with the one in client data: they are compared the wrong way round.",
			Seams: alike(func(got, expected string) bool { return got != "" && strings.HasPrefix(expected, got) }),
		}, {
			ID: "rp/origin/extension-accepted", Spec: compared,
			Doc:   "The origin of every extension of a browser is accepted, whichever it is.",
			Seams: alike(func(got, _ string) bool { return strings.HasPrefix(got, "chrome-extension://") }),
		}, {
			ID: "rp/origin/any-in-frames", Spec: compared, Doors: []ceremony.Door{relyingparty.DoorConformance},
			Doc: "Where pages inside those of others are expected, the origin of one is not looked at.",
			Seams: at(held(func(v *ceremony.Verification) {
				if v.CrossOrigin && v.Client.CrossOrigin {
					v.Origins = append(slices.Clone(v.Origins), v.Client.Origin)
				}
			}), clientDataSteps...),
		},
	}
}
