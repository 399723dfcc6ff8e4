package cxf

import (
	"time"

	"github.com/passkeylab/passkeylab/internal/jsondoc"
)

// ErrDocument says that a document was refused. It comes as an [*Error].
var ErrDocument = jsondoc.ErrDocument

// Error lists everything that is wrong with a document.
type Error = jsondoc.Error

// Problem is one thing that is wrong, with its line, the path to it and the reason.
type Problem = jsondoc.Problem

// Read reads a document. Where anything in a passkey, or around it, is wrong, it
// returns an [*Error] that names all of it, and nothing else. Credentials of other
// types and members that it does not know it passes over, as importers must.
func Read(data []byte) (*Document, error) {
	r := reader{ids: make(map[string]bool), passkeys: make(map[string]bool)}
	err := jsondoc.Read(data, MaxBytes, func(json *jsondoc.Reader) {
		r.json = json
		r.header()
	})
	if err != nil {
		return nil, err
	}
	return &r.doc, nil
}

// reader reads one document.
type reader struct {
	json     *jsondoc.Reader
	doc      Document
	ids      map[string]bool // of accounts, and of items by account
	passkeys map[string]bool // credential IDs
}

func (r *reader) header() {
	r.json.Object([]string{"version", "exporterRpId", "exporterDisplayName", "timestamp", "accounts"}, map[string]func(){
		"version":             r.version,
		"exporterRpId":        func() { r.doc.Exporter = r.json.String(maxText) },
		"exporterDisplayName": func() { r.doc.ExporterName = r.json.String(maxText) },
		"timestamp":           func() { r.doc.Time = time.Unix(r.seconds(), 0).UTC() },
		"accounts": func() {
			r.json.Array(maxAccounts, func() { r.doc.Accounts = append(r.doc.Accounts, r.account()) })
		},
	}, nil)
}

// version takes every minor version, since those only add what may be passed over.
func (r *reader) version() {
	r.json.Object([]string{"major", "minor"}, map[string]func(){
		"major": func() {
			if major := r.json.Uint(8); major != 1 {
				r.json.Problem("version %d, want 1", major)
			}
		},
		"minor": func() { r.json.Uint(8) },
	}, nil)
}

// seconds are Unix seconds. No clock shows more than 53 bits of them, which every
// reader of JSON gets right.
func (r *reader) seconds() int64 {
	n := r.json.Uint(64)
	if n >= 1<<53 {
		r.json.Problem("%d is no time", n)
		return 0
	}
	return int64(n)
}

func (r *reader) account() (a Account) {
	r.json.Object([]string{"id", "username", "email", "collections", "items"}, map[string]func(){
		"id":          func() { a.ID = r.identifier("account ") },
		"username":    func() { a.Username = r.json.String(maxText) },
		"email":       func() { a.Email = r.json.String(maxText) },
		"fullName":    func() { a.FullName = r.json.String(maxText) },
		"collections": func() { r.json.Array(maxElements, r.json.Skip) },
		"items": func() {
			r.json.Array(maxItems, func() { a.Items = append(a.Items, r.item()) })
		},
	}, nil)
	return a
}

// identifier reads an id, which no other of its kind has.
func (r *reader) identifier(kind string) []byte {
	id := r.json.Base64URL(1, maxIdentifier)
	if key := kind + string(id); id != nil && r.ids[key] {
		r.json.Problem("another %shas this id", kind)
	} else {
		r.ids[key] = true
	}
	return id
}

func (r *reader) item() (i Item) {
	r.json.Object([]string{"id", "title", "credentials"}, map[string]func(){
		"id":         func() { i.ID = r.identifier("item ") },
		"title":      func() { i.Title = r.json.String(maxText) },
		"subtitle":   func() { i.Subtitle = r.json.String(maxText) },
		"creationAt": func() { i.Created = r.seconds() },
		"modifiedAt": func() { i.Modified = r.seconds() },
		"credentials": func() {
			r.json.Array(maxCredentials, func() { r.credential(&i) })
		},
	}, nil)
	for _, c := range i.Passkeys {
		c.Created = i.Created
	}
	return i
}
