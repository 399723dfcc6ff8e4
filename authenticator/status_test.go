package authenticator

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
)

// Every error that a plug-in may return has its line in the table.
func TestEveryErrorHasAStatus(t *testing.T) {
	t.Parallel()
	declared, listed := errorsDeclared(t), errorsListed(t)
	require.NotEmpty(t, declared)
	assert.ElementsMatch(t, declared, listed)
}

// errorsDeclared names the package's exported Err… variables.
func errorsDeclared(t *testing.T) (names []string) {
	for _, file := range sources(t) {
		for _, object := range file.Decls {
			declaration, ok := object.(*ast.GenDecl)
			if !ok || declaration.Tok != gotoken.VAR {
				continue
			}
			for _, spec := range declaration.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					if strings.HasPrefix(name.Name, "Err") {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names
}

// errorsListed names the variables in the table statuses.
func errorsListed(t *testing.T) (names []string) {
	for _, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || spec.Names[0].Name != "statuses" {
				return true
			}
			for _, line := range spec.Values[0].(*ast.CompositeLit).Elts {
				names = append(names, line.(*ast.CompositeLit).Elts[0].(*ast.Ident).Name)
			}
			return false
		})
	}
	return names
}

func sources(t *testing.T) (files []*ast.File) {
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, entry := range entries {
		if name := entry.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			file, err := parser.ParseFile(gotoken.NewFileSet(), name, nil, 0)
			require.NoError(t, err)
			files = append(files, file)
		}
	}
	return files
}

func TestWithStatus(t *testing.T) {
	t.Parallel()
	for _, known := range statuses {
		wrapped := withStatus(fmt.Errorf("store: %w", known.err))
		assert.Equal(t, known.status, ctap.StatusOf(wrapped))
		assert.ErrorIs(t, wrapped, known.err, "the cause stays")
	}
	assert.Equal(t, ctap.OperationDenied, ctap.StatusOf(withStatus(fmt.Errorf("%w: %w", ctap.OperationDenied, ErrTimedOut))), "a step's own choice wins")
	assert.Equal(t, ctap.KeepaliveCancel, ctap.StatusOf(withStatus(context.Canceled)))
}
