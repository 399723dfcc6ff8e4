package blob

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/go-webauthn/webauthn/metadata"
)

// BLOB is what is known of models, as of one publication. It is read only.
type BLOB struct {
	Number     int64
	NextUpdate time.Time         // the beginning of the day
	Broken     []error           // what could not be read of single entries
	Sum        [sha256.Size]byte // of the payload

	byAAGUID map[uuid.UUID]*Model
	byKey    map[string]*Model // by key identifier in lower case
}

// Model is an entry. One that cannot be read has Err: then nothing good is known of
// the model, and something bad may be.
type Model struct {
	Entry *metadata.Entry
	Err   error
}

// Len is the number of entries that FIDO2 and U2F have a name for.
func (b *BLOB) Len() int {
	models := make(map[*Model]bool, len(b.byAAGUID)+len(b.byKey))
	for _, m := range b.byAAGUID {
		models[m] = true
	}
	for _, m := range b.byKey {
		models[m] = true
	}
	return len(models)
}

// ByAAGUID finds a model of FIDO2; nil for none.
func (b *BLOB) ByAAGUID(id uuid.UUID) *Model { return b.byAAGUID[id] }

// ByKeyIdentifier finds a model of U2F by an attestation certificate's key
// identifier, in hexadecimal; nil for none.
func (b *BLOB) ByKeyIdentifier(id string) *Model { return b.byKey[strings.ToLower(id)] }

// payload is MetadataBLOBPayload (MDS §3.1.6) before its entries are looked at.
type payload struct {
	Number     *int64             `json:"no"`
	NextUpdate string             `json:"nextUpdate"`
	Entries    *[]json.RawMessage `json:"entries"`
}

func parse(data []byte) (*BLOB, error) {
	var p payload
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, err
	}
	if p.Number == nil || *p.Number < 0 {
		return nil, errors.New("no is missing or negative")
	}
	next, err := time.Parse(time.DateOnly, p.NextUpdate)
	if err != nil {
		return nil, fmt.Errorf("nextUpdate: %w", err)
	}
	if p.Entries == nil {
		return nil, errors.New("entries are missing")
	}
	b := &BLOB{Number: *p.Number, NextUpdate: next, Sum: sha256.Sum256(data), byAAGUID: map[uuid.UUID]*Model{}, byKey: map[string]*Model{}}
	for i, raw := range *p.Entries {
		if err := b.add(raw); err != nil {
			b.Broken = append(b.Broken, fmt.Errorf("entry %d: %w", i, err))
		}
	}
	return b, nil
}

// add reads an entry and files it under its names.
func (b *BLOB) add(raw json.RawMessage) error {
	entry, err := interpret(raw)
	m := &Model{Entry: entry, Err: err}
	names := namesOf(raw)
	switch {
	case names.aaguid != uuid.Nil:
		b.byAAGUID[names.aaguid] = merge(b.byAAGUID[names.aaguid], m)
	case len(names.keys) > 0:
		for _, key := range names.keys {
			b.byKey[key] = merge(b.byKey[key], m)
		}
	case err == nil && !names.uaf:
		err = errors.New("it names no model")
	}
	return err
}

// interpret reads an entry as go-webauthn does.
func interpret(raw json.RawMessage) (*metadata.Entry, error) {
	var e metadata.EntryJSON
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, err
	}
	parsed, err := e.Parse()
	if err != nil {
		return nil, err
	}
	return &parsed, nil
}

// merge joins two entries for one model, which there should not be: the later one
// describes it, but what either says against it counts.
func merge(earlier, later *Model) *Model {
	if earlier == nil {
		return later
	}
	if err := errors.Join(earlier.Err, later.Err); err != nil {
		return &Model{Err: err}
	}
	joined := *later.Entry
	joined.StatusReports = slices.Concat(earlier.Entry.StatusReports, later.Entry.StatusReports)
	return &Model{Entry: &joined}
}

// names are what a model is found by.
type names struct {
	aaguid uuid.UUID
	keys   []string
	uaf    bool // it has a name that WebAuthn has no use for
}

// namesOf reads the names of an entry, also of one that has nothing else to read.
func namesOf(raw json.RawMessage) names {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return names{}
	}
	text := func(member string) (s string) {
		_ = json.Unmarshal(members[member], &s) // what is no text is no name
		return s
	}
	var n names
	if id, err := uuid.Parse(text("aaguid")); err == nil {
		n.aaguid = id
	}
	var keys []string
	if json.Unmarshal(members["attestationCertificateKeyIdentifiers"], &keys) == nil {
		for _, key := range keys {
			n.keys = append(n.keys, strings.ToLower(key))
		}
	}
	n.uaf = text("aaid") != ""
	return n
}
