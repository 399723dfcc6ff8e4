package fault

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/passkeylab/passkeylab/client"
)

// related answers without asking.
type related bool

// Related implements [client.RelatedOrigins].
func (r related) Related(context.Context, string, string) (bool, error) { return bool(r), nil }

// withLabels has so many labels count.
func withLabels(n int) func(client.RelatedOrigins) client.RelatedOrigins {
	return func(r client.RelatedOrigins) client.RelatedOrigins {
		if w, ok := r.(client.WellKnown); ok {
			w.Labels = n
			return w
		}
		return r
	}
}

// onListed changes the origins of a document in which they can be read.
func onListed(change func([]string) []string) func(*Document) {
	return func(d *Document) {
		var read struct{ Origins []string }
		if d.Status != http.StatusOK || json.Unmarshal(d.Body, &read) != nil {
			return
		}
		d.list(change(read.Origins))
	}
}

func (d *Document) list(origins []string) {
	if text, err := json.Marshal(map[string]any{"origins": origins}); err == nil {
		d.Body = text
	}
}

const (
	jsonType = "application/json"
	fewest   = 5 // labels that every client has to support
)

var anyAddress = regexp.MustCompile(`https?://[^"\s,\]]+`)

func relatedFaults() []Fault {
	const spec = "WebAuthn L3 §5.11.1"
	fetched := func(id, doc string, change func(*Document)) Fault {
		return Fault{ID: "related/" + id, Spec: spec, Doc: doc, Fetched: change}
	}
	known := func(id, doc string, change func(client.RelatedOrigins) client.RelatedOrigins) Fault {
		return Fault{ID: "related/" + id, Spec: spec, Doc: doc, Related: change}
	}
	return []Fault{
		known("never", "No RP ID vouches for another origin.", func(client.RelatedOrigins) client.RelatedOrigins { return related(false) }),
		known("any", "Every RP ID vouches for every origin.", func(client.RelatedOrigins) client.RelatedOrigins { return related(true) }),
		known("one-label", "Origins of one label count.", withLabels(1)),
		known("labels-without-end", "Origins of as many labels count as there are.", withLabels(1<<20)),
		fetched("first-entry-only", "The first origin of a document counts.", onListed(func(all []string) []string { return all[:min(1, len(all))] })),
		fetched("every-entry-counts", "Five origins count, also where they have one label.", onListed(func(all []string) []string { return all[:min(fewest, len(all))] })),
		fetched("stops-at-limit", "A document is not read further than to the first label that is too much.", onListed(func(all []string) []string {
			seen := map[string]bool{}
			for i, origin := range all {
				if seen[hostOf(origin)] = true; len(seen) > fewest && len(all) > 100 {
					return all[:i]
				}
			}
			return all
		})),
		fetched("host-alone", "Neither scheme nor port of an origin count.", onListed(func(all []string) []string {
			for _, origin := range all {
				all = append(all, "https://"+hostOf(origin))
			}
			return all
		})),
		fetched("origins-alone", "A document with an origin that has a path is passed over.", onListed(func(all []string) []string {
			for _, origin := range all {
				if u, err := url.Parse(origin); err == nil && u.Path != "" {
					return nil
				}
			}
			return all
		})),
		fetched("bad-entry-ends-all", "A document is read no further than to what has no domain.", onListed(func(all []string) []string {
			for i, origin := range all {
				if host := hostOf(origin); !strings.Contains(host, ".") || strings.Trim(host, "0123456789.") == "" {
					return all[:i]
				}
			}
			return all
		})),
		fetched("members-unknown", "A document with a member that the client does not know is refused.", func(d *Document) {
			var all map[string]json.RawMessage
			if json.Unmarshal(d.Body, &all) == nil && len(all) > 1 {
				d.Body = nil
			}
		}),
		fetched("status-ignored", "The status is not looked at.", func(d *Document) { d.Status = http.StatusOK }),
		fetched("type-ignored", "The content type is not looked at.", func(d *Document) { d.Type = jsonType }),
		fetched("type-to-the-letter", "A content type with parameters is refused.", func(d *Document) {
			if d.Type != jsonType {
				d.Type = ""
			}
		}),
		fetched("form-ignored", "Origins count wherever they are in a document.", func(d *Document) {
			if d.Status == http.StatusOK {
				d.list(anyAddress.FindAllString(string(d.Body), -1))
			}
		}),
	}
}

// hostOf is the host of a URL, "" where there is none.
func hostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
