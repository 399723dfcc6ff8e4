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
	return v.show(http.StatusOK, pages.View{Screen: pages.Home, Email: u.Email})
}

func logOut(v *visit) error {
	u, err := v.user()
	switch {
	case err == nil:
		if err := v.record(EventLogout, subjectOf(u), Details{}); err != nil {
			return err
		}
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	v.endSession()
	return v.redirect(pathHome)
}
