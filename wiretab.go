package passkeylab

import (
	"context"

	"github.com/passkeylab/passkeylab/wire"
)

// wireTab is a visit without a browser.
type wireTab struct {
	tab    *wire.Tab
	person *person
}

var _ tab = (*wireTab)(nil)

func openWire(s *Site, d *Device) (tab, error) {
	t, err := wire.New(s.transport(), credentials{d}, d.random)
	return &wireTab{t, d.person}, err
}

func (w *wireTab) open(ctx context.Context, url string) error {
	w.person.clearOffer()
	return w.tab.Open(ctx, url)
}

func (w *wireTab) fill(_ context.Context, id, text string) error { return w.tab.Fill(id, text) }

func (w *wireTab) press(ctx context.Context, id string) error { return w.tab.Press(ctx, id) }

func (w *wireTab) look(context.Context) (view, error) {
	return view{Screen: w.tab.Screen(), Message: w.tab.Message(), Key: w.tab.ErrorKey(), URL: w.tab.URL()}, nil
}

func (w *wireTab) text(_ context.Context, id string) (string, error) { return w.tab.Text(id) }

func (w *wireTab) has(_ context.Context, id string) (bool, error) { return w.tab.Has(id), nil }

func (w *wireTab) removeFirst(ctx context.Context) error { return w.tab.PressFirst(ctx, "remove") }

func (w *wireTab) waiting(context.Context) (bool, error) { return w.tab.OffersAutofill(), nil }

func (w *wireTab) offered(ctx context.Context) ([]string, *picture, error) {
	if !w.tab.OffersAutofill() {
		return nil, nil, wire.ErrNoAutofill
	}
	o, err := w.person.offered(ctx)
	if err != nil {
		return nil, nil, err
	}
	return accountNames(o.accounts), nil, nil
}

func (w *wireTab) pick(ctx context.Context, name string) error {
	o, err := w.person.offered(ctx)
	if err != nil {
		return err
	}
	if err := o.take(name); err != nil {
		return err
	}
	return w.tab.AwaitAutofill(ctx)
}

// arrive has nothing to wait for: a tab of wire follows at once.
func (w *wireTab) arrive(context.Context, string) error { return nil }

func (w *wireTab) upgrade(context.Context) (string, error) { return w.tab.Upgrade(), nil }

func (w *wireTab) photograph(context.Context) (*picture, error) { return nil, nil }

func (w *wireTab) close(context.Context) error {
	w.tab.Close()
	return nil
}
