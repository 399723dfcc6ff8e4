package relyingparty

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/passkeylab/passkeylab/internal/printable"
	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// CustomText are texts in place of the site's own, by prompt, screen and key, such as
// {"login-id": {"login-id": {"title": "Welcome to ${clientName}"}}}; docs/screens.md
// lists the names. Texts are plain, of at most 1024 bytes, and markup in them shows
// as it is written. What the Management API sets for a prompt replaces what is here
// for that prompt.
type CustomText map[string]map[string]map[string]string

// clean checks all prompts.
func (t CustomText) clean() (CustomText, error) {
	all := CustomText{}
	for prompt, texts := range t {
		if !slices.Contains(pages.Prompts(), prompt) {
			return nil, fmt.Errorf("relyingparty: CustomText: there is no prompt %q; there are %q", prompt, pages.Prompts())
		}
		cleaned, err := pages.Texts(texts).Clean(prompt)
		if err != nil {
			return nil, fmt.Errorf("relyingparty: CustomText: %w", err)
		}
		all[prompt] = cleaned
	}
	return all, nil
}

// ownLanguage is the only language of the pages. Texts in another are kept, as the
// product keeps those in languages that a tenant has not enabled, and not shown.
const ownLanguage = "en"

// languages are those that the product's pages can be in:
// https://auth0.com/docs/customize/internationalization-and-localization/universal-login-internationalization
var languages = []string{
	"am", "ar", "ar-EG", "ar-SA", "az", "bg", "bn", "bs", "ca-ES", "cnr", "cs", "cy", "da", "de", "el", "en", "en-CA", "es",
	"es-419", "es-AR", "es-MX", "et", "eu-ES", "fa", "fi", "fr", "fr-CA", "fr-FR", "gl-ES", "gu", "he", "hi", "hr", "hu", "hy",
	"id", "is", "it", "ja", "ka", "kn", "ko", "lt", "lv", "mk", "ml", "mn", "mr", "ms", "my", "nb", "nl", "nn", "no", "pa",
	"pl", "pt", "pt-BR", "pt-PT", "ro", "ru", "sk", "sl", "so", "sq", "sr", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk",
	"ur", "vi", "zgh", "zh-CN", "zh-HK", "zh-TW",
}

// textSetting is the key of what the Management API has set.
func textSetting(prompt, language string) string { return "custom-text/" + prompt + "/" + language }

// customText are the operator's texts of a prompt.
func (s *Site) customText(prompt, language string) (pages.Texts, error) {
	stored, err := s.store.Setting(textSetting(prompt, language))
	if errors.Is(err, store.ErrNotFound) {
		if language != ownLanguage || s.config.CustomText[prompt] == nil {
			return pages.Texts{}, nil
		}
		return s.config.CustomText[prompt], nil
	}
	if err != nil {
		return nil, err
	}
	texts := pages.Texts{}
	if err := json.Unmarshal(stored, &texts); err != nil {
		return nil, fmt.Errorf("relyingparty: custom text of %s: %w", prompt, err)
	}
	return texts, nil
}

// withPrompt makes a handler about the prompt and the language that the path names.
func withPrompt(h func(v *visit, prompt, language string) error) handler {
	return func(v *visit) error {
		prompt, language := v.r.PathValue("prompt"), v.r.PathValue("language")
		switch {
		case !slices.Contains(pages.Prompts(), prompt):
			return badRequest("There is no prompt %q here; there are %q.", printable.Line(prompt), pages.Prompts())
		case !slices.Contains(languages, language):
			return badRequest("There is no language %q.", printable.Line(language))
		}
		return h(v, prompt, language)
	}
}

func getCustomText(v *visit, prompt, language string) error {
	texts, err := v.site.customText(prompt, language)
	if err != nil {
		return err
	}
	return v.answer(http.StatusOK, texts)
}

// putCustomText replaces all texts of a prompt in a language; an empty object leaves
// the site's own.
func putCustomText(v *visit, prompt, language string) error {
	var asked pages.Texts
	if err := v.decodeAPI(&asked); err != nil {
		return err
	}
	texts, err := asked.Clean(prompt)
	if err != nil {
		return badRequest("%s", err)
	}
	value, err := json.Marshal(texts)
	if err != nil {
		return err
	}
	if err := v.site.store.SetSetting(textSetting(prompt, language), value); err != nil {
		return err
	}
	return v.answer(http.StatusOK, texts)
}
