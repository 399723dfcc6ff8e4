package mutation

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"
)

// Overlay is mutated source as "go build -overlay" takes it.
type Overlay struct {
	File    string // the JSON that says which file stands in for which
	Mutants []Mutant
}

// GaugePath is package gauge in this module.
const GaugePath = "github.com/passkeylab/passkeylab/internal/mutation/gauge"

// Task says what is mutated. All fields but Skip are required.
type Task struct {
	Root     string                 // folder that Patterns are seen from
	Patterns []string               // packages
	Gauge    string                 // import path of package gauge, or of a copy
	To       string                 // folder that mutated source is written to
	Skip     func(file string) bool // files, by base name, that stay as they are; nil for none
}

// Write carries a task out.
func Write(t Task) (*Overlay, error) {
	to, skip, patterns := t.To, t.Skip, t.Patterns
	loaded, err := packages.Load(&packages.Config{
		Dir:  t.Root,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports | packages.NeedDeps | packages.NeedExportFile,
	}, patterns...)
	if err != nil {
		return nil, fmt.Errorf("mutation: load %v: %w", patterns, err)
	}
	o := &Overlay{File: filepath.Join(to, "overlay.json")}
	stands := map[string]string{}
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			return nil, fmt.Errorf("mutation: %s does not compile: %w", p.PkgPath, p.Errors[0])
		}
		for i, file := range p.Syntax {
			name := p.GoFiles[i]
			if skip != nil && skip(filepath.Base(name)) {
				continue
			}
			mutated, err := o.mutate(p, file, name, t.Gauge)
			if err != nil {
				return nil, err
			}
			out := filepath.Join(to, strings.ReplaceAll(p.PkgPath, "/", "_")+"_"+filepath.Base(name))
			if err := os.WriteFile(out, mutated, 0o600); err != nil {
				return nil, fmt.Errorf("mutation: %w", err)
			}
			stands[name] = out
		}
	}
	if len(o.Mutants) == 0 {
		return nil, errors.New("mutation: there is nothing to mutate")
	}
	text, err := json.Marshal(map[string]any{"Replace": stands})
	if err != nil {
		return nil, err
	}
	return o, os.WriteFile(o.File, text, 0o600)
}

// mutate returns the source of one file with all its mutants.
func (o *Overlay) mutate(p *packages.Package, file *ast.File, name, gauge string) ([]byte, error) {
	source, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("mutation: %w", err)
	}
	f := &finder{
		files: p.Fset, file: file, source: source, info: p.TypesInfo, pkg: p.Types, name: filepath.Base(name),
		next: o.counter(),
	}
	f.find()
	if len(f.mutants) == 0 {
		return source, nil
	}
	o.Mutants = append(o.Mutants, f.mutants...)
	f.insert(endOfPackageClause(file), true, fmt.Sprintf("; import %s %q", gaugeName, gauge))
	return splice(source, f.edits), nil
}

// counter numbers the mutants of a file on from those of the files before.
func (o *Overlay) counter() func() int {
	n := len(o.Mutants)
	return func() int {
		n++
		return n
	}
}

func endOfPackageClause(file *ast.File) token.Pos { return file.Name.End() }
