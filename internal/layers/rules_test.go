package layers

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// source is one Go file of the tree.
type source struct {
	name    string // path from the root of the tree
	pkg     string // its folder, "." for the root
	test    bool
	syntax  *ast.File
	fileSet *token.FileSet
}

// rule returns what is wrong with one file, each a sentence without the file's name.
type rule func(source) []string

var rules = map[string]rule{
	"imports point down":          importsPointDown,
	"the judge stands apart":      judgeStandsApart,
	"the site has its own eyes":   siteHasItsOwnEyes,
	"examples use what is public": examplesUseWhatIsPublic,
	"only browser drives Chrome":  onlyBrowserDrivesChrome,
	"no testing outside tests":    noTestingOutsideTests,
	"nothing sleeps":              nothingSleeps,
	"no room for odds and ends":   noOddsAndEnds,
}

func importsPointDown(s source) []string {
	if s.test {
		return nil // a test may look at its room from above
	}
	if floor(s.pkg) == 0 {
		return []string{fmt.Sprintf("package %s has no floor; give it one in internal/layers/floors_test.go", s.pkg)}
	}
	var wrong []string
	for _, to := range s.imports() {
		pkg, is := ours(to)
		switch {
		case !is || room(pkg) == room(s.pkg):
		case floor(pkg) == 0:
			wrong = append(wrong, fmt.Sprintf("imports %s, which has no floor; give it one in internal/layers/floors_test.go", pkg))
		case floor(pkg) >= floor(s.pkg):
			wrong = append(wrong, fmt.Sprintf("imports %s, which is not on a floor below %s", pkg, s.pkg))
		}
	}
	return wrong
}

func judgeStandsApart(s source) []string {
	if s.test || !within(s.pkg, "conformance") {
		return nil
	}
	return s.forbid(func(to string) bool {
		pkg, is := ours(to)
		return is && !within(pkg, "conformance") && floor(pkg) > floor(judgeCeiling)
	}, "the judge may use only the floors up to "+judgeCeiling)
}

func siteHasItsOwnEyes(s source) []string {
	if s.test || !within(s.pkg, "relyingparty") {
		return nil
	}
	return s.forbid(func(to string) bool {
		pkg, is := ours(to)
		return is && (within(pkg, "webauthn") || within(pkg, "ctap") || within(pkg, "authenticator") || within(pkg, "attestation"))
	}, "the relying party must not read passkeys and what is said of them with the code that made them")
}

func examplesUseWhatIsPublic(s source) []string {
	if !within(s.pkg, "examples") {
		return nil
	}
	return s.forbid(func(to string) bool {
		_, is := ours(to)
		return is && strings.Contains(to, "/internal/")
	}, "an example shows what a project elsewhere can do")
}

func onlyBrowserDrivesChrome(s source) []string {
	if within(s.pkg, "browser") {
		return nil
	}
	return s.forbid(func(to string) bool {
		return strings.HasPrefix(to, "github.com/chromedp/")
	}, "go through package browser")
}

func noTestingOutsideTests(s source) []string {
	if s.test {
		return nil
	}
	return s.forbid(func(to string) bool {
		return within(to, "testing") || strings.HasPrefix(to, "github.com/stretchr/testify")
	}, "testing tools are for _test.go files")
}

func nothingSleeps(s source) []string {
	name, imported := s.importedAs("time")
	if !imported {
		return nil
	}
	if name == "." {
		return []string{`imports "time" with a dot, which hides what sleeps; name it`}
	}
	var wrong []string
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		if sel, is := n.(*ast.SelectorExpr); is && sel.Sel.Name == "Sleep" {
			if of, is := sel.X.(*ast.Ident); is && of.Name == name {
				wrong = append(wrong, fmt.Sprintf("line %d sleeps; wait for the event itself", s.fileSet.Position(n.Pos()).Line))
			}
		}
		return true
	})
	return wrong
}

// oddsAndEnds are package names that say nothing about what is inside.
var oddsAndEnds = regexp.MustCompile(`^(util.*|helpers?|common|misc)$`)

func noOddsAndEnds(s source) []string {
	if name := s.syntax.Name.Name; oddsAndEnds.MatchString(strings.TrimSuffix(name, "_test")) {
		return []string{fmt.Sprintf("package %s: name it after what it owns", name)}
	}
	return nil
}

func (s source) imports() []string {
	paths := make([]string, 0, len(s.syntax.Imports))
	for _, spec := range s.syntax.Imports {
		if to, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, to)
		}
	}
	return paths
}

func (s source) forbid(bad func(string) bool, because string) []string {
	var wrong []string
	for _, to := range s.imports() {
		if bad(to) {
			wrong = append(wrong, fmt.Sprintf("imports %s: %s", to, because))
		}
	}
	return wrong
}

// importedAs returns the name under which the file uses a package of the
// standard library.
func (s source) importedAs(importPath string) (name string, imported bool) {
	for _, spec := range s.syntax.Imports {
		if spec.Path.Value == strconv.Quote(importPath) {
			if spec.Name != nil {
				return spec.Name.Name, true
			}
			return importPath, true
		}
	}
	return "", false
}

// readTree parses every Go file of a tree, passing over folders that hold no
// code of the module.
func readTree(tree fs.FS) ([]source, error) {
	var sources []source
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || name == "bin" || name == "report") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		syntax, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		sources = append(sources, source{name, path.Dir(name), strings.HasSuffix(name, "_test.go"), syntax, set})
		return nil
	})
	return sources, err
}
