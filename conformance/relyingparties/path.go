package relyingparties

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// at follows a path of names and indexes, "authn_params_public_key.rp.0", through what
// encoding/json has read.
func at(value any, path string) (any, bool) {
	if path == "" {
		return value, true
	}
	for step := range strings.SplitSeq(path, ".") {
		switch in := value.(type) {
		case map[string]any:
			next, there := in[step]
			if !there {
				return nil, false
			}
			value = next
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(in) {
				return nil, false
			}
			value = in[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// textOf is a value as a variable in a text: a string as it is, anything else in JSON.
func textOf(value any) string {
	if s, is := value.(string); is {
		return s
	}
	out, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(out)
}

// hostOf is the host of an origin, without its port.
func hostOf(origin string) string {
	at, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return at.Hostname()
}
