package ctapdoc

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// root is the root of the module.
const root = "../.."

// parseFolder reads the Go files of a package that are, or are not, tests.
func parseFolder(t *testing.T, folder string, inTests bool) (files []*ast.File) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, folder))
	require.NoError(t, err)
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") != inTests {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, folder, e.Name()), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, file)
	}
	require.NotEmpty(t, files, folder)
	return files
}

// testsIn names the tests and fuzz targets of a package.
func testsIn(t *testing.T, folder string) map[string]bool {
	t.Helper()
	found := make(map[string]bool)
	for _, file := range parseFolder(t, folder, true) {
		for _, d := range file.Decls {
			if f, is := d.(*ast.FuncDecl); is && f.Recv == nil && (strings.HasPrefix(f.Name.Name, "Test") || strings.HasPrefix(f.Name.Name, "Fuzz")) {
				found[f.Name.Name] = true
			}
		}
	}
	return found
}

// declared is a constant or a member that a row must be about.
type declared struct {
	name string // with its package
	says string // what the row's feature contains
}

// constantsOf lists the constants of a package that have one of some types, or
// whose names begin like one of some words.
func constantsOf(t *testing.T, folder string, types, prefixes []string) (all []declared) {
	t.Helper()
	for _, file := range parseFolder(t, folder, false) {
		for _, d := range file.Decls {
			group, is := d.(*ast.GenDecl)
			if !is || group.Tok != token.CONST {
				continue
			}
			for _, spec := range group.Specs {
				value := spec.(*ast.ValueSpec)
				for i, name := range value.Names {
					if i < len(value.Values) && name.IsExported() && (ofType(value.Type, types) || beginsLike(name.Name, prefixes)) {
						all = append(all, declared{folder + "." + name.Name, literal(value.Values[i])})
					}
				}
			}
		}
	}
	return all
}

func ofType(expression ast.Expr, types []string) bool {
	name, is := expression.(*ast.Ident)
	for _, want := range types {
		if is && name.Name == want {
			return true
		}
	}
	return false
}

func beginsLike(name string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// literal is a constant's value as a row writes it: text without quotes, numbers
// as they are.
func literal(expression ast.Expr) string {
	switch e := expression.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return text
		}
		return e.Value
	case *ast.UnaryExpr:
		return e.Op.String() + literal(e.X)
	}
	return ""
}

// membersOf lists the members of a message by their tags.
func membersOf(t *testing.T, folder, message string) (all []declared) {
	t.Helper()
	for _, file := range parseFolder(t, folder, false) {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, is := n.(*ast.TypeSpec)
			if !is || spec.Name.Name != message {
				return true
			}
			for _, field := range spec.Type.(*ast.StructType).Fields.List {
				tag, err := strconv.Unquote(field.Tag.Value)
				require.NoError(t, err)
				number, _, _ := strings.Cut(reflect.StructTag(tag).Get("cbor"), ",")
				n, err := strconv.ParseUint(number, 10, 8)
				require.NoError(t, err)
				key := "0x" + strings.ToUpper(strconv.FormatUint(n+0x100, 16)[1:])
				all = append(all, declared{folder + "." + message + "." + field.Names[0].Name, key + " "})
			}
			return false
		})
	}
	return all
}
