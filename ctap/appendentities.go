package ctap

import (
	"cmp"
	"slices"
	"strings"

	"github.com/passkeylab/passkeylab/internal/canon"
)

func (e *RPEntity) appendTo(out []byte) []byte {
	out, m := canon.OpenMap(out)
	out = canon.AppendText(m.TextKey(out, "id"), e.ID)
	if e.Name != "" {
		out = canon.AppendText(m.TextKey(out, "name"), e.Name)
	}
	return out
}

func (e *UserEntity) appendTo(out []byte) []byte {
	out, m := canon.OpenMap(out)
	out = canon.AppendBytes(m.TextKey(out, "id"), e.ID)
	if e.Name != "" {
		out = canon.AppendText(m.TextKey(out, "name"), e.Name)
	}
	if e.DisplayName != "" {
		out = canon.AppendText(m.TextKey(out, "displayName"), e.DisplayName)
	}
	return out
}

func (d *Descriptor) appendTo(out []byte) []byte {
	out, m := canon.OpenMap(out)
	out = canon.AppendBytes(m.TextKey(out, "id"), d.ID)
	out = canon.AppendText(m.TextKey(out, "type"), d.Type)
	if len(d.Transports) > 0 {
		out = appendTexts(m.TextKey(out, "transports"), d.Transports)
	}
	return out
}

func (p *Parameters) appendTo(out []byte) []byte {
	out = canon.AppendMap(out, 2)
	out = canon.AppendInt(canon.AppendText(out, "alg"), p.Algorithm)
	return canon.AppendText(canon.AppendText(out, "type"), p.Type)
}

func (o *Options) appendTo(out []byte) []byte {
	out, m := canon.OpenMap(out)
	if o.RK != nil {
		out = canon.AppendBool(m.TextKey(out, "rk"), *o.RK)
	}
	if o.UP != nil {
		out = canon.AppendBool(m.TextKey(out, "up"), *o.UP)
	}
	if o.UV != nil {
		out = canon.AppendBool(m.TextKey(out, "uv"), *o.UV)
	}
	return out
}

// appendTo leaves no member without an item: one that is empty becomes null.
func (e Extensions) appendTo(out []byte) []byte {
	out = canon.AppendMap(out, len(e))
	for _, id := range sortedKeys(e) {
		out = canon.AppendText(out, id)
		if value := e[id]; len(value) > 0 {
			out = append(out, value...)
		} else {
			out = canon.AppendNull(out)
		}
	}
	return out
}

// sortedKeys are in canonical order: the shorter first.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	return keys
}

// appendParameters is of a list that may not be left out: nil is null.
func appendParameters(out []byte, list []Parameters) []byte {
	if list == nil {
		return canon.AppendNull(out)
	}
	out = canon.AppendArray(out, len(list))
	for i := range list {
		out = list[i].appendTo(out)
	}
	return out
}

func appendDescriptors(out []byte, list []Descriptor) []byte {
	out = canon.AppendArray(out, len(list))
	for i := range list {
		out = list[i].appendTo(out)
	}
	return out
}

func appendTexts(out []byte, list []string) []byte {
	out = canon.AppendArray(out, len(list))
	for _, text := range list {
		out = canon.AppendText(out, text)
	}
	return out
}
