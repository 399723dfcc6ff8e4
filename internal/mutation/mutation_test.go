package mutation_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/internal/mutation"
)

// sample has a place for every kind of mistake, and some that none may be made in. Its
// main prints one line for each function.
const sample = `package main

import (
	"errors"
	"fmt"
)

type status byte

const (
	good status = 4
	bad  status = 9
)

const size = 2 + 3

var table = [...]int{1: 7, 2: 8}

func negate(a int) string {
	if a == 1 {
		return "one"
	}
	return "other"
}

func flip(a, b string) bool { return a == b }

func boundary(a int) bool { return a < 3 }

func either(a, b bool) bool { return a || b }

func both(a, b bool) bool { return a && b }

func sum(a, b int) int { return a + b }

func text(a, b string) string { return a + b }

func off(a []int) []int { return a[1:] }

func count() int {
	n := 0
	n++
	return n
}

func fails() (int, error) { return size, errors.New("no") }

func yes() bool { return true }

func code() status { return good }

func name(s status) string {
	switch s {
	case good:
		return "good"
	case bad:
		return "bad"
	}
	return "odd"
}

func inner() error {
	f := func() (int, error) { return table[1], errors.New("inner") }
	n, err := f()
	return fmt.Errorf("%d %w", n, err)
}

func loop() (n int) {
	for i := range 3 {
		n += i
	}
	return n
}

func main() {
	fmt.Println("negate", negate(1), negate(2))
	fmt.Println("flip", flip("a", "a"))
	fmt.Println("boundary", boundary(3))
	fmt.Println("either", either(true, false), either(false, true))
	fmt.Println("both", both(true, false), both(false, true))
	fmt.Println("sum", sum(5, 2))
	fmt.Println("text", text("a", "b"))
	fmt.Println("off", off([]int{1, 2, 3}))
	fmt.Println("count", count())
	fmt.Println(fails())
	fmt.Println("yes", yes())
	fmt.Println("code", code())
	fmt.Println("name", name(good))
	fmt.Println("inner", inner())
	fmt.Println("loop", loop())
}
`

// activate is the file by which the sample is told which mutant acts.
const activate = `package main

import (
	"os"
	"strconv"

	"sample/gauge"
)

func init() {
	mutant, _ := strconv.Atoi(os.Getenv("MUTANT"))
	gauge.Activate(mutant)
}
`

// build writes the sample as a module of its own, with a copy of the gauge, and compiles
// it with all of its mutants.
func build(t *testing.T) (string, []mutation.Mutant) {
	t.Helper()
	root, out := t.TempDir(), t.TempDir()
	gauge, err := os.ReadFile(filepath.Join("gauge", "gauge.go"))
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(root, "gauge"), 0o700))
	for name, text := range map[string]string{
		"go.mod": "module sample\n\ngo 1.26\n", "sample.go": sample, "activate.go": activate, filepath.Join("gauge", "gauge.go"): string(gauge),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o600))
	}
	overlay, err := mutation.Write(mutation.Task{
		Root: root, Patterns: []string{"."}, Gauge: "sample/gauge", To: out,
		Skip: func(file string) bool { return file == "activate.go" },
	})
	require.NoError(t, err)
	program := filepath.Join(out, "sample")
	cmd := exec.Command("go", "build", "-overlay", overlay.File, "-o", program, ".")
	cmd.Dir = root
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", said)
	return program, overlay.Mutants
}

func output(t *testing.T, program string, mutant int) []string {
	t.Helper()
	cmd := exec.Command(program)
	cmd.Env = []string{fmt.Sprintf("MUTANT=%d", mutant)}
	said, err := cmd.Output()
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(string(said)), "\n")
}

// Each mutant changes what the function prints that it is in, and nothing else; without
// any the program is what it was.
func TestEachMutantChangesItsFunction(t *testing.T) {
	t.Parallel()
	program, mutants := build(t)
	plain := output(t, program, 0)
	require.Equal(t, "negate one other", plain[0])

	lines := map[string]int{"fails": 9}
	for i, line := range plain {
		word, _, _ := strings.Cut(line, " ")
		lines[word] = i
	}
	kinds := map[mutation.Operator]int{}
	for _, m := range mutants {
		if m.Function == "main" {
			continue // it prints, and what it leaves out is not printed
		}
		kinds[m.Operator]++
		mutated := output(t, program, m.ID)
		require.Len(t, mutated, len(plain), m.String())
		at := lines[m.Function]
		for i := range plain {
			if i == at {
				assert.NotEqual(t, plain[i], mutated[i], m.String())
			} else if m.Function != "code" || plain[i] != "name good" {
				assert.Equal(t, plain[i], mutated[i], m.String())
			}
		}
	}
	for _, kind := range []mutation.Operator{
		mutation.Negate, mutation.Flip, mutation.Boundary, mutation.DropLeft, mutation.DropRight, mutation.Arithmetic,
		mutation.Off, mutation.Remove, mutation.Swallow, mutation.OtherConstant,
	} {
		assert.NotZero(t, kinds[kind], "the sample has no mutant of the kind %q", kind)
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	for name, pattern := range map[string]string{
		"a folder that is not there": "./nowhere",
		"a package without code":     ".",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := mutation.Write(mutation.Task{
				Root: ".", Patterns: []string{pattern}, Gauge: mutation.GaugePath, To: t.TempDir(),
				Skip: func(string) bool { return true },
			})
			assert.Error(t, err)
		})
	}
}
