package relyingparties

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/conformance/relyingparties/internal/forge"
	"github.com/passkeylab/passkeylab/internal/jsondoc"
	"github.com/passkeylab/passkeylab/internal/nearest"
)

// MaxAdapter is the longest file of an adapter, in bytes.
const MaxAdapter = 64 << 10

// Bounds of what an adapter has.
const (
	maxText  = 4096
	maxSteps = 20
)

// ReadAdapter reads an adapter that somebody wrote in JSON. The error is a
// [*jsondoc.Error], which tells of everything that is wrong with its line: members that
// are unknown, missing or there twice, values that cannot be, variables that no step
// before has saved.
func ReadAdapter(data []byte) (*Adapter, error) {
	a := &Adapter{Switches: Choices{}}
	err := jsondoc.Read(data, MaxAdapter, func(doc *jsondoc.Reader) {
		r := &adapterReader{Reader: doc}
		r.object([]string{"registration", "login"}, map[string]func(){
			"about":        func() { a.About = r.String(maxText) },
			"origin":       func() { a.Origin = r.origin() },
			"rpId":         func() { a.RPID = r.String(maxText) },
			"user":         func() { a.User = r.user() },
			"results":      func() { a.Results = r.String(maxText) },
			"switches":     func() { r.switches(a.Switches) },
			"registration": func() { a.Registration = r.flow(true) },
			"login":        func() { a.Login = r.flow(false) },
		})
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// adapterReader reads the parts of an adapter.
type adapterReader struct {
	*jsondoc.Reader
	known []string // variables that have a value where the reader stands
}

// object reads an object and objects to members that there are not.
func (r *adapterReader) object(required []string, members map[string]func()) {
	names := slices.Sorted(maps.Keys(members))
	r.Object(required, members, func(name string) {
		if meant := nearest.Name(name, names); meant != "" {
			r.Problem("there is no such member; did you mean %q?", meant)
			return
		}
		r.Problem("there is no such member; there are %s", strings.Join(names, ", "))
	})
}

// check objects to a text that cannot be what it should be, and returns it.
func (r *adapterReader) check(text string, wrong error) string {
	if wrong != nil {
		r.Problem("%v", wrong)
	}
	return text
}

func (r *adapterReader) origin() string {
	text := r.String(maxText)
	at, err := url.Parse(text)
	if err != nil || at.Scheme == "" || at.Host == "" || at.Path != "" {
		return r.check(text, errors.New("is no origin, such as https://rp.example"))
	}
	return text
}

func (r *adapterReader) user() string {
	text := r.String(maxText)
	if !strings.Contains(text, "${user}") {
		return r.check(text, errors.New("lacks ${user}, without which all users are one"))
	}
	return text
}

func (r *adapterReader) switches(into Choices) {
	r.Fields(len(switches), func(name string) {
		if err := into.Set(name, r.String(maxText)); err != nil {
			r.Problem("%v", err)
		}
	})
}

// alwaysKnown are variables that every step can name.
var alwaysKnown = []string{"user", "displayName", "origin", "run", "userVerification", "extensions"}

func (r *adapterReader) flow(registers bool) (f Flow) {
	r.known = slices.Clone(alwaysKnown)
	if registers {
		r.known = append(r.known, "attestation", "authenticatorSelection")
	}
	answered := false
	r.object([]string{"options", "result"}, map[string]func(){
		"before":  func() { r.Array(maxSteps, func() { f.Before = append(f.Before, r.step(false)) }) },
		"options": func() { f.Options = r.step(false) },
		"at":      func() { f.At = r.String(maxText) },
		"result":  func() { f.Result = r.step(true); answered = true },
	})
	if answered && !r.brings(f.Result) {
		r.Problem("result does not bring the answer: put \"${response}\" into its json or form")
	}
	return f
}

// brings reports whether a step has the answer in its body.
func (r *adapterReader) brings(s Step) bool {
	for _, field := range s.Form {
		if strings.Contains(field.Value, "${response}") {
			return true
		}
	}
	return s.JSON != nil && bytes.Contains(forge.JSON(s.JSON), []byte("${response}"))
}

func (r *adapterReader) step(answers bool) (s Step) {
	if answers {
		r.known = append(r.known, "response")
		defer func() { r.known = r.known[:len(r.known)-1] }()
	}
	r.object([]string{"url"}, map[string]func(){
		"method":  func() { s.Method = r.method() },
		"url":     func() { s.URL = r.path() },
		"headers": func() { s.Headers = r.fields() },
		"json":    func() { s.JSON = r.body() },
		"form":    func() { s.Form = r.fields() },
		"save":    func() { s.Save = r.saves() },
		"success": func() { s.Success = r.success() },
	})
	if s.JSON != nil && s.Form != nil {
		r.Problem("has both json and form, of which a request has one")
	}
	return s
}

func (r *adapterReader) method() string {
	text := r.String(maxText)
	if !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, text) {
		return r.check(text, errors.New("is no method: GET, POST, PUT, PATCH or DELETE"))
	}
	return text
}

func (r *adapterReader) path() string {
	text := r.template()
	if !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") {
		return r.check(text, errors.New("is no path below the target, such as /login/options"))
	}
	return text
}

// template reads a text that may name variables.
func (r *adapterReader) template() string {
	text := r.String(maxText)
	r.names(text)
	return text
}

// names objects to variables that have no value.
func (r *adapterReader) names(text string) {
	for _, found := range reference.FindAllStringSubmatch(text, -1) {
		if slices.Contains(r.known, found[1]) {
			continue
		}
		if meant := nearest.Name(found[1], r.known); meant != "" {
			r.Problem("nothing is called ${%s} here; did you mean ${%s}?", found[1], meant)
			continue
		}
		r.Problem("nothing is called ${%s} here: no step before saves it", found[1])
	}
}

func (r *adapterReader) fields() (all []Field) {
	r.Fields(maxSteps, func(name string) { all = append(all, Field{name, r.template()}) })
	return all
}

func (r *adapterReader) success() (s Success) {
	r.object(nil, map[string]func(){
		"statuses": func() {
			r.Array(maxSteps, func() {
				status := int(r.Uint(16))
				if status < 100 || status > 599 {
					r.Problem("%d is no status", status)
				}
				s.Statuses = append(s.Statuses, status)
			})
		},
		"path":   func() { s.Path = r.String(maxText) },
		"equals": func() { s.Equals = r.String(maxText) },
	})
	if s.Equals != "" && s.Path == "" {
		r.Problem("equals needs a path to what it is compared with")
	}
	return s
}

// sources are the names of where something is saved from.
var sources = map[string]Source{"json": FromJSON, "header": FromHeader, "text": FromText, "cookie": FromCookie}

var variableName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)

func (r *adapterReader) saves() (all []Save) {
	r.Fields(maxSteps, func(name string) {
		if !variableName.MatchString(name) {
			r.Problem("is no name of a variable: letters and digits, a letter first")
		}
		save := Save{Variable: name}
		count := 0
		members := map[string]func(){}
		for word, source := range sources {
			members[word] = func() {
				count++
				save.From, save.What = source, r.String(maxText)
				if source == FromText {
					r.pattern(save.What)
				}
			}
		}
		r.object(nil, members)
		if count != 1 {
			r.Problem("wants one of json, header, text and cookie")
		}
		r.known, all = append(r.known, name), append(all, save)
	})
	return all
}

func (r *adapterReader) pattern(text string) {
	if pattern, err := regexp.Compile(text); err != nil {
		r.Problem("is no regular expression: %v", err)
	} else if pattern.NumSubexp() != 1 {
		r.Problem("has %d groups, of which one has to be what is saved", pattern.NumSubexp())
	}
}

// body reads a value that texts in may be filled in.
func (r *adapterReader) body() any {
	raw := r.Raw()
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	value, err := r.value(decoder)
	if err != nil && raw != nil { // otherwise the document itself has told
		r.Problem("%v", err)
	}
	return value
}

func (r *adapterReader) value(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("there is nothing")
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			return r.members(decoder)
		}
		list := forge.List{}
		for decoder.More() {
			element, err := r.value(decoder)
			if err != nil {
				return nil, err
			}
			list = append(list, element)
		}
		_, err = decoder.Token()
		return list, err
	case json.Number:
		return forge.Raw(token), err
	case string:
		r.names(token)
		return token, err
	default:
		return token, err
	}
}

func (r *adapterReader) members(decoder *json.Decoder) (any, error) {
	object := forge.Object{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		value, err := r.value(decoder)
		if err != nil {
			return nil, err
		}
		text, _ := name.(string)
		object = append(object, forge.Member{Name: text, Value: value})
	}
	_, err := decoder.Token()
	return object, err
}
