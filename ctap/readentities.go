package ctap

import "github.com/passkeylab/passkeylab/internal/canon"

func (e *RPEntity) read(r *canon.Reader) {
	for key := range r.TextKeys {
		switch string(key) {
		case "id":
			e.ID = r.Text()
		case "name":
			e.Name = r.Text()
		default:
			r.Skip()
		}
	}
}

func (e *UserEntity) read(r *canon.Reader) {
	for key := range r.TextKeys {
		switch string(key) {
		case "id":
			e.ID = r.Bytes()
		case "name":
			e.Name = r.Text()
		case "displayName":
			e.DisplayName = r.Text()
		default:
			r.Skip()
		}
	}
}

// read insists on the mandatory members.
func (d *Descriptor) read(r *canon.Reader) {
	for key := range r.TextKeys {
		switch string(key) {
		case "id":
			d.ID = r.Bytes()
		case "type":
			d.Type = readType(r)
		case "transports":
			d.Transports = readTexts(r)
		default:
			r.Skip()
		}
	}
	insist(r, "PublicKeyCredentialDescriptor", "id", d.ID != nil)
	insist(r, "PublicKeyCredentialDescriptor", "type", d.Type != "")
}

// read insists on the mandatory members.
func (p *Parameters) read(r *canon.Reader) {
	hasAlgorithm, hasType := false, false
	for key := range r.TextKeys {
		switch string(key) {
		case "alg":
			hasAlgorithm = true
			p.Algorithm = r.Int()
		case "type":
			hasType = true
			p.Type = readType(r)
		default:
			r.Skip()
		}
	}
	insist(r, "PublicKeyCredentialParameters", "alg", hasAlgorithm)
	insist(r, "PublicKeyCredentialParameters", "type", hasType)
}

func readType(r *canon.Reader) string { return r.Known(PublicKey) }

func insist(r *canon.Reader, structure, member string, present bool) {
	if !present {
		r.Fail(&missingMember{structure, member})
	}
}

func readOptions(r *canon.Reader) *Options {
	o := new(Options)
	for key := range r.TextKeys {
		switch string(key) {
		case "rk":
			o.RK = readOptional(r, r.Bool)
		case "up":
			o.UP = readOptional(r, r.Bool)
		case "uv":
			o.UV = readOptional(r, r.Bool)
		default:
			r.Skip()
		}
	}
	return o
}

// readOptional returns an item that need not be there.
func readOptional[T any](r *canon.Reader, read func() T) *T {
	value := read()
	return &value
}

// readInto returns a structure of its own.
func readInto[T any](r *canon.Reader, read func(*T, *canon.Reader)) *T {
	value := new(T)
	read(value, r)
	return value
}

// The lists below are empty, not nil, where there is nothing in them.

func readParameters(r *canon.Reader) []Parameters {
	list := make([]Parameters, 0, 4)
	for range r.Elements {
		var p Parameters
		p.read(r)
		list = append(list, p)
	}
	return list
}

func readDescriptors(r *canon.Reader) []Descriptor {
	list := make([]Descriptor, 0, 1)
	for range r.Elements {
		var d Descriptor
		d.read(r)
		list = append(list, d)
	}
	return list
}

func readTexts(r *canon.Reader) []string {
	list := make([]string, 0, 1)
	for range r.Elements {
		list = append(list, r.Text())
	}
	return list
}

func readExtensions(r *canon.Reader) Extensions {
	e := Extensions{}
	for id := range r.TextKeys {
		name := string(id)
		e[name] = r.Raw()
	}
	return e
}
