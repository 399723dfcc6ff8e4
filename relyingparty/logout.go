package relyingparty

import (
	"errors"
	"net/http"
	"slices"

	"github.com/passkeylab/passkeylab/internal/printable"
)

// logOutForApplication ends the session for an application and leads back to it: to
// returnTo, which has to be one of its addresses, or to the first of these.
func logOutForApplication(v *visit) error {
	if err := v.checkRate(); err != nil { // as refusals are logged
		return err
	}
	query := v.r.URL.Query()
	to := pathHome
	if id := query.Get("client_id"); id != "" {
		app, known := v.site.applications.find(id)
		if !known {
			return v.logoutFailed(fail(problemUnknownClient))
		}
		v.app = app
		if len(app.LogoutURLs) > 0 {
			to = app.LogoutURLs[0]
		}
	}
	if asked := query.Get("returnTo"); asked != "" {
		if v.app == nil || !slices.Contains(v.app.LogoutURLs, asked) {
			return v.logoutFailed(failBecause(problemReturnTo, errors.New("returnTo is "+printable.Line(asked))))
		}
		to = asked
	}
	if err := v.recordLogout(); err != nil {
		return err
	}
	v.endSession()
	v.w.Header().Set("Cache-Control", "no-store")
	http.Redirect(v.w, v.r, to, http.StatusFound)
	return nil
}

// logoutFailed logs a logout that came to nothing and hands the problem on.
func (v *visit) logoutFailed(p *problem) error {
	if err := v.record(EventLogoutFailed, subject{}, Details{Error: p.details()}); err != nil {
		return err
	}
	return p
}
