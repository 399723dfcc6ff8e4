package relyingparty

import "github.com/passkeylab/passkeylab/relyingparty/internal/pages"

// word gives a screen of the product the operator's words.
func (v *visit) word(view *pages.View) error {
	prompt := pages.PromptOf(view.Screen)
	if prompt == "" {
		return nil
	}
	var err error
	if view.Texts, err = v.site.customText(prompt, ownLanguage); err != nil {
		return err
	}
	if view.Error != nil {
		if text, ok := view.ErrorText(view.Error.Key); ok {
			view.Error.Text = text
		}
	}
	return nil
}

// onScreen makes a handler of what the script of a screen asks for, for the words of
// its errors.
func onScreen(screen string, h handler) handler {
	return func(v *visit) error {
		v.screen = screen
		return h(v)
	}
}

// refusal is what the script of a screen is told. Where the operator's words cannot be
// had, ours do.
func (v *visit) refusal(p *problem) refusal {
	view := pages.View{
		Screen: v.screen, Company: v.site.config.Company, Client: v.clientName(),
		Error: &pages.Problem{Key: string(p.key), Text: p.text()},
	}
	if err := v.word(&view); err != nil {
		v.site.config.Logger.Error("custom text failed", "path", v.r.URL.Path, "error", err)
	}
	return refusal{Error: p.key, Message: view.Error.Text, Reason: p.reason, Signal: p.signal}
}

// clientName is the application that is logged in to.
func (v *visit) clientName() string {
	if a := v.awaited(); a != nil {
		return a.app.Name
	}
	return v.site.config.Client
}
