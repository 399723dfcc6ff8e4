package profile

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/ctap/pinuv"
	"github.com/passkeylab/passkeylab/internal/nearest"
	"github.com/passkeylab/passkeylab/webauthn"
)

// kind is how values of one type are told to people, written to files and read from
// them. read says what is wrong; where it is, the caller knows.
type kind[T any] struct {
	text func(T) string
	json func(T) any
	read func(*node) (T, error)
}

// Bounds of what a file may say.
const (
	maxListed = 64      // elements of a list
	maxNumber = 1 << 31 // more than any length or count of CTAP
)

func words(n *node) (string, error) {
	if n.form != isString || n.text == "" {
		return "", errors.New("want a string that is not empty")
	}
	if strings.ContainsFunc(n.text, unicode.IsControl) {
		return "", errors.New("it has a control character")
	}
	return n.text, nil
}

// oneOf are words of a vocabulary.
func oneOf[T ~string](allowed ...T) kind[T] {
	return kind[T]{
		text: func(v T) string { return string(v) },
		json: func(v T) any { return string(v) },
		read: func(n *node) (T, error) {
			word, err := words(n)
			if err == nil && !slices.Contains(allowed, T(word)) {
				return "", fmt.Errorf("%q is none of %q%s", word, allowed, didYouMean(word, allowed))
			}
			return T(word), err
		},
	}
}

func didYouMean[T ~string](word string, allowed []T) string {
	plain := make([]string, len(allowed))
	for i, a := range allowed {
		plain[i] = string(a)
	}
	if meant := nearest.Name(word, plain); meant != "" {
		return fmt.Sprintf(": did you mean %q?", meant)
	}
	return ""
}

var truth = kind[bool]{
	text: func(v bool) string { return map[bool]string{true: "yes", false: "no"}[v] },
	json: func(v bool) any { return v },
	read: func(n *node) (bool, error) {
		if n.form != isBool {
			return false, errors.New("want true or false")
		}
		return n.truth, nil
	},
}

var number = kind[int]{
	text: strconv.Itoa,
	json: func(v int) any { return v },
	read: func(n *node) (int, error) {
		v, err := strconv.Atoi(n.text)
		if n.form != isNumber || err != nil || v < 0 || v > maxNumber {
			return 0, fmt.Errorf("want a whole number of 0 to %d", maxNumber)
		}
		return v, nil
	},
}

var aaguid = kind[webauthn.AAGUID]{
	text: webauthn.AAGUID.String,
	json: func(v webauthn.AAGUID) any { return v.String() },
	read: func(n *node) (webauthn.AAGUID, error) {
		text, err := words(n)
		if err != nil {
			return webauthn.AAGUID{}, err
		}
		return webauthn.ParseAAGUID(text)
	},
}

// listOf are lists in which nothing is twice.
func listOf[T comparable](element kind[T]) kind[[]T] {
	return kind[[]T]{
		text: func(list []T) string {
			texts := make([]string, len(list))
			for i, v := range list {
				texts[i] = element.text(v)
			}
			if len(texts) == 0 {
				return "none"
			}
			return strings.Join(texts, ", ")
		},
		json: func(list []T) any {
			all := make([]any, len(list))
			for i, v := range list {
				all[i] = element.json(v)
			}
			return all
		},
		read: func(n *node) ([]T, error) {
			if n.form != isArray || len(n.elements) > maxListed {
				return nil, fmt.Errorf("want a list of at most %d", maxListed)
			}
			list := make([]T, 0, len(n.elements))
			for _, e := range n.elements {
				v, err := element.read(e)
				if err != nil {
					return nil, err
				}
				if slices.Contains(list, v) {
					return nil, fmt.Errorf("%s is there twice", element.text(v))
				}
				list = append(list, v)
			}
			return list, nil
		},
	}
}

// algorithm is written by its IANA name.
var algorithm = kind[webauthn.Algorithm]{
	text: webauthn.Algorithm.String,
	json: func(v webauthn.Algorithm) any { return v.String() },
	read: func(n *node) (webauthn.Algorithm, error) {
		name, err := words(n)
		if err != nil {
			return 0, err
		}
		names := make([]string, 0, len(algorithms))
		for _, a := range algorithms {
			if a.String() == name {
				return a, nil
			}
			names = append(names, a.String())
		}
		return 0, fmt.Errorf("%q is no algorithm that devices of the lab sign with%s", name, didYouMean(name, names))
	},
}

var algorithms = []webauthn.Algorithm{
	webauthn.ES256, webauthn.EdDSA, webauthn.ESP256, webauthn.Ed25519, webauthn.ES384, webauthn.ES512, webauthn.PS256, webauthn.ES256K,
	webauthn.MLDSA44, webauthn.MLDSA65, webauthn.MLDSA87, webauthn.ESP384, webauthn.ESP512, webauthn.Ed448, webauthn.RS256,
}

var protocol = kind[pinuv.Protocol]{
	text: func(v pinuv.Protocol) string { return strconv.Itoa(int(v)) },
	json: func(v pinuv.Protocol) any { return int(v) },
	read: func(n *node) (pinuv.Protocol, error) {
		v, err := number.read(n)
		if err == nil && v != int(pinuv.One) && v != int(pinuv.Two) {
			err = errors.New("PIN/UV auth protocols are 1 and 2")
		}
		return pinuv.Protocol(v), err
	},
}

// optionIDs are those that a device of the lab can have.
var optionIDs = []string{
	ctap.OptionPlat, ctap.OptionRK, ctap.OptionUP, ctap.OptionUV, ctap.OptionClientPIN, ctap.OptionPinUvAuthToken, ctap.OptionLargeBlobs,
	ctap.OptionBioEnroll, ctap.OptionUserVerificationMgmtPreview, ctap.OptionAuthnrCfg, ctap.OptionCredMgmt, ctap.OptionCredentialMgmtPreview,
	ctap.OptionPerCredMgmtRO, ctap.OptionNoMcGaPermissionsWithClientPin, ctap.OptionSetMinPINLength, ctap.OptionMakeCredUvNotRqd, ctap.OptionAlwaysUv,
}

// options are told as fido2-token does: "rk", or "no rk".
var options = kind[map[string]bool]{
	text: func(all map[string]bool) string {
		var texts []string
		for _, id := range slices.Sorted(maps.Keys(all)) {
			if all[id] {
				texts = append(texts, id)
			} else {
				texts = append(texts, "no "+id)
			}
		}
		return strings.Join(texts, ", ")
	},
	json: func(all map[string]bool) any { return all },
	read: func(n *node) (map[string]bool, error) {
		if n.form != isObject {
			return nil, errors.New("want an object of option IDs, each true or false")
		}
		all := make(map[string]bool, len(n.names))
		for i, id := range n.names {
			if !slices.Contains(optionIDs, id) {
				return nil, fmt.Errorf("option %q is none that a device of the lab can have%s", id, didYouMean(id, optionIDs))
			}
			v, err := truth.read(n.elements[i])
			if err != nil {
				return nil, fmt.Errorf("option %q: %w", id, err)
			}
			all[id] = v
		}
		return all, nil
	},
}

var attested = kind[Attestation]{
	text: Attestation.String,
	json: func(a Attestation) any {
		object := map[string]any{"format": a.Format, "type": a.Type}
		if len(a.Chain) > 0 {
			object["chain"] = a.Chain
		}
		if a.Root != "" {
			object["root"] = a.Root
		}
		return object
	},
	read: readAttestation,
}

var (
	formats   = oneOf(webauthn.FormatNone, webauthn.FormatPacked, webauthn.FormatFIDOU2F, formatTPM, formatAndroidKey, formatApple)
	types     = oneOf(attestationTypes...)
	subjects  = listOf(kind[string]{func(s string) string { return s }, func(s string) any { return s }, words})
	attestors = []string{"format", "type", "chain", "root"}
)

func readAttestation(n *node) (a Attestation, err error) {
	if n.form != isObject {
		return a, fmt.Errorf("want an object of %q", attestors)
	}
	for i, name := range n.names {
		switch value := n.elements[i]; name {
		case "format":
			a.Format, err = formats.read(value)
		case "type":
			a.Type, err = types.read(value)
		case "chain":
			a.Chain, err = subjects.read(value)
		case "root":
			a.Root, err = words(value)
		default:
			err = fmt.Errorf("unknown member %q%s", name, didYouMean(name, attestors))
		}
		if err != nil {
			return a, fmt.Errorf("%s: %w", name, err)
		}
	}
	if a.Format == "" || a.Type == "" || (a.Format == webauthn.FormatNone) != (a.Type == AttestsNothing) {
		return a, errors.New("want a format and a type; one is \"none\" if the other is")
	}
	return a, nil
}
