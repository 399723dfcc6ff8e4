// Package pages turns what a handler has to say into HTML.
//
// It owns the templates, the style sheet, the script and the favicon, all embedded.
// It must never know accounts, ceremonies or policy: it is told what to show.
package pages

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// StaticPath is below which [Set.Static] expects to be asked.
const StaticPath = "/static/"

// Set is all screens, ready to render.
type Set struct {
	screens map[string]*template.Template
	assets  string // path prefix that changes with the content of the static files
}

// Load parses the templates.
func Load() (*Set, error) {
	version, err := fingerprint()
	if err != nil {
		return nil, err
	}
	s := &Set{screens: make(map[string]*template.Template), assets: StaticPath + version + "/"}
	base, err := template.New("layout.html").
		Funcs(template.FuncMap{"asset": func(name string) string { return s.assets + name }}).
		ParseFS(templateFiles, "templates/layout.html", "templates/parts.html", "templates/icons.html")
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	for _, screen := range screens {
		t, err := base.Clone()
		if err != nil {
			return nil, fmt.Errorf("pages: %w", err)
		}
		if s.screens[screen], err = t.ParseFS(templateFiles, "templates/"+screen+".html"); err != nil {
			return nil, fmt.Errorf("pages: %w", err)
		}
	}
	return s, nil
}

// Render writes a screen. Nothing is written when the screen cannot be rendered.
func (s *Set) Render(w http.ResponseWriter, status int, v View) error {
	t, ok := s.screens[v.Screen]
	if !ok {
		return fmt.Errorf("pages: no screen %q", v.Screen)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, v); err != nil {
		return fmt.Errorf("pages: %s: %w", v.Screen, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, err := out.WriteTo(w)
	return err
}

// Static serves the files that screens refer to. Their paths change with their
// content, so browsers may keep them for good.
func (s *Set) Static() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := path.Base(r.URL.Path)
		if r.URL.Path != s.assets+name {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		http.ServeFileFS(w, r, staticFiles, "static/"+name)
	})
}

// fingerprint is a short hash over all static files.
func fingerprint() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(staticFiles, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := staticFiles.ReadFile(name)
		fmt.Fprintln(sum, name, len(content))
		sum.Write(content)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("pages: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6]), nil
}
