package report

import (
	"crypto/sha256"
	_ "embed" // for the page's parts below
	"encoding/base64"
	"html/template"
	"io"
)

// The page is one file without a network: its style and script stand inline
// and its images are data URIs.
var (
	//go:embed page/page.tmpl
	pageTemplate string
	//go:embed page/page.css
	pageStyle string
	//go:embed page/page.js
	pageScript string
)

var pageHTML = template.Must(template.New("page").Parse(pageTemplate))

// writeHTML writes r as one self-contained page. html/template keeps every
// string of r in its place; the policy in the head is the second fence: only
// the page's own script and style run, and nothing is fetched or sent.
func writeHTML(w io.Writer, r *Report) error {
	return pageHTML.Execute(w, struct {
		Policy template.HTML
		Style  template.CSS
		Script template.JS
		Page   page
	}{
		Policy: template.HTML(`<meta http-equiv="Content-Security-Policy" content="` + contentPolicy() + `">`),
		Style:  template.CSS(pageStyle),
		Script: template.JS(pageScript),
		Page:   newPage(r),
	})
}

// contentPolicy is the Content Security Policy (CSP Level 3) of the page.
func contentPolicy() string {
	return "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; " +
		"style-src '" + sourceHash(pageStyle) + "'; script-src '" + sourceHash(pageScript) + "'"
}

func sourceHash(source string) string {
	sum := sha256.Sum256([]byte(source))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
