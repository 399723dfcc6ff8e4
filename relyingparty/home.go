package relyingparty

import (
	"errors"
	"net/http"

	"github.com/passkeylab/passkeylab/relyingparty/internal/pages"
	"github.com/passkeylab/passkeylab/relyingparty/internal/store"
)

// showHome is the application that people log in to.
func showHome(v *visit) error {
	u, err := v.user()
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	view := pages.View{Screen: pages.Home, Email: nameOf(u)}
	if u.ID != "" {
		if view.Signals, err = v.signalsDue(u); err != nil {
			return err
		}
		view.Upgrade = v.takeUpgrade()
	}
	return v.show(http.StatusOK, view)
}

func logOut(v *visit) error {
	if err := v.recordLogout(); err != nil {
		return err
	}
	v.endSession()
	return v.redirect(pathHome)
}

// recordLogout logs that whoever is logged in logs out, if anybody.
func (v *visit) recordLogout() error {
	u, err := v.user()
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return v.record(EventLogout, subjectOf(u), Details{})
}
