package cbor

import (
	"fmt"
	"strconv"
	"strings"
)

// shownBytes is how much of a byte string a text spells out.
const shownBytes = 48

// Text renders a value for people, over several lines where that reads better.
// label names the keys of the outermost map; it may be nil.
func Text(v any, label func(key any) string) string {
	var out strings.Builder
	render(&out, v, 0, label)
	return strings.TrimRight(out.String(), "\n")
}

func render(out *strings.Builder, v any, depth int, label func(any) string) {
	switch v := v.(type) {
	case Map:
		for _, p := range v {
			name := brief(p.Key)
			if depth == 0 && label != nil {
				name = label(p.Key)
			}
			renderLine(out, name+":", p.Value, depth)
		}
	case Array:
		for _, element := range v {
			renderLine(out, "-", element, depth)
		}
	default:
		out.WriteString(brief(v) + "\n")
	}
}

func renderLine(out *strings.Builder, head string, v any, depth int) {
	out.WriteString(strings.Repeat("  ", depth) + head)
	if !nested(v) {
		out.WriteString(" " + brief(v) + "\n")
		return
	}
	out.WriteByte('\n')
	render(out, v, depth+1, nil)
}

// nested reports whether a value wants lines of its own.
func nested(v any) bool {
	switch v := v.(type) {
	case Map:
		return len(v) > 0
	case Array:
		return len(v) > 0
	}
	return false
}

// brief is the diagnostic notation of RFC 8949 §8 for what has no parts, with long
// byte strings cut.
func brief(v any) string {
	switch v := v.(type) {
	case int64, uint64, int, bool:
		return fmt.Sprint(v)
	case string:
		return strconv.QuoteToASCII(v)
	case []byte:
		if len(v) > shownBytes {
			return fmt.Sprintf("h'%x…' (%d bytes)", v[:shownBytes], len(v))
		}
		return fmt.Sprintf("h'%x'", v)
	case nil:
		return "null"
	case Map:
		return "{}"
	case Array:
		return "[]"
	case Tag:
		return fmt.Sprintf("%d(%s)", v.Number, brief(v.Content))
	case Float:
		return fmt.Sprintf("float(%x)", []byte(v))
	case Simple:
		return fmt.Sprintf("simple(%d)", byte(v))
	}
	return fmt.Sprintf("%v", v)
}
