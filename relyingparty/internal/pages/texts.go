package pages

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Texts are an operator's words for one prompt, by screen and key, in place of the
// site's own.
type Texts map[string]map[string]string

// longestText bounds one text, in bytes.
const longestText = 1024

// Prompts are the names under which the texts of screens can be changed.
func Prompts() []string {
	var all []string
	for _, w := range catalog {
		all = append(all, w.prompt)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// PromptOf is the prompt that a screen belongs to; empty when its texts cannot be
// changed.
func PromptOf(screen string) string { return catalog[screen].prompt }

// Clean checks an operator's words for a prompt: its screens, their keys, and plain
// text of bearable length. Words that are empty are left out: the site's own stay.
func (t Texts) Clean(prompt string) (Texts, error) {
	clean := Texts{}
	for screen, texts := range t {
		if w, ok := catalog[screen]; !ok || w.prompt != prompt {
			return nil, fmt.Errorf("the prompt %s has no screen %q", prompt, shorten(screen))
		}
		for key, text := range texts {
			if !knownKey(screen, key) {
				return nil, fmt.Errorf("the screen %s has no text %q", screen, shorten(key))
			}
			if err := checkText(text); err != nil {
				return nil, fmt.Errorf("%s.%s: %w", screen, key, err)
			}
			if strings.TrimSpace(text) == "" {
				continue
			}
			if clean[screen] == nil {
				clean[screen] = map[string]string{}
			}
			clean[screen][key] = text
		}
	}
	return clean, nil
}

func checkText(text string) error {
	switch {
	case len(text) > longestText:
		return fmt.Errorf("a text may have %d bytes, this one has %d", longestText, len(text))
	case !utf8.ValidString(text):
		return errors.New("the text is not UTF-8")
	case strings.ContainsFunc(text, unicode.IsControl):
		return errors.New("the text has control characters")
	}
	return nil
}

// shorten makes a name from outside fit for an error message.
func shorten(name string) string {
	const longest = 64
	if len(name) > longest {
		return strings.ToValidUTF8(name[:longest], "") + "…"
	}
	return name
}

// Says is the text of one of the screen's keys: the operator's, or else the site's own.
func (v View) Says(key string) (string, error) {
	text, ok := catalog[v.Screen].texts[key]
	if !ok {
		return "", fmt.Errorf("the screen %s has no text %q", v.Screen, key)
	}
	if own := v.Texts[v.Screen][key]; own != "" {
		text = own
	}
	return v.fill(text), nil
}

// fill puts the values of variables into a text, once: a value that looks like a
// variable stays one. Variables that are not known stay as well.
func (v View) fill(text string) string {
	return strings.NewReplacer(
		"${clientName}", v.Client,
		"${companyName}", v.Company,
		"${tenantName}", v.Company,
		"${email}", v.Email,
		"${userName}", v.Email,
	).Replace(text)
}

// ErrorText is the operator's text for an error on a screen, if there is one.
func (v View) ErrorText(key string) (string, bool) {
	for _, name := range errorKeys(key) {
		if text := v.Texts[v.Screen][name]; text != "" {
			return v.fill(text), true
		}
	}
	return "", false
}

// errorKeys are the keys under which the product has the text of an error, the closest
// first. Who logs in is known by an email address here.
func errorKeys(key string) []string {
	switch key {
	case "wrong-credentials":
		return []string{"wrong-email-credentials", key}
	case "too-many-codes":
		return []string{"too-many-failures"}
	case "webauthn-challenge-error":
		return []string{key, "webauthn-platform-challenge-error"}
	case "too-many-failures":
		return []string{"same-user-login"}
	}
	return []string{key, "error_" + key}
}

// Prompted reports whether the screen is one of the product's.
func (v View) Prompted() bool { return PromptOf(v.Screen) != "" }
