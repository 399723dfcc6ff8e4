package relyingparties

import (
	"net/url"
	"regexp"

	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
)

// variables are what texts of an adapter can name. Values are texts, or what forge
// writes as JSON.
type variables map[string]any

var reference = regexp.MustCompile(`\$\{([A-Za-z][A-Za-z0-9]*)\}`)

// text fills a text in. A variable without a value is empty.
func (v variables) text(template string) string {
	return reference.ReplaceAllStringFunc(template, func(whole string) string {
		value, there := v[whole[2:len(whole)-1]]
		if !there {
			return ""
		}
		switch value := value.(type) {
		case string:
			return value
		case forge.Raw:
			return string(value)
		case forge.Object:
			return string(value.JSON())
		}
		return textOf(value)
	})
}

// query is [variables.text] for addresses, in which values are escaped.
func (v variables) query(template string) string {
	return reference.ReplaceAllStringFunc(template, func(whole string) string {
		return url.QueryEscape(v.text(whole))
	})
}

// json fills a body in; there is false where it is one variable that has no value.
func (v variables) json(template any) (value any, there bool) {
	switch t := template.(type) {
	case string:
		if whole := reference.FindString(t); whole == t && whole != "" {
			value, there = v[whole[2:len(whole)-1]]
			return value, there
		}
		return v.text(t), true
	case forge.Object:
		out := forge.Object{}
		for _, m := range t {
			if value, there := v.json(m.Value); there {
				out = append(out, forge.Member{Name: m.Name, Value: value})
			}
		}
		return out, true
	case forge.List:
		out := forge.List{}
		for _, element := range t {
			if value, there := v.json(element); there {
				out = append(out, value)
			}
		}
		return out, true
	}
	return template, true
}
