package mutation

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
)

// gaugeName is how mutated source calls package gauge.
const gaugeName = "mutationgauge"

// finder goes through one file and notes the mutants with the edits that write them in.
type finder struct {
	files   *token.FileSet
	file    *ast.File
	source  []byte
	info    *types.Info
	pkg     *types.Package
	name    string // base name of the file
	next    func() int
	mutants []Mutant
	edits   []edit
	within  string // the function
	results *types.Tuple
	bare    map[ast.Expr]bool // conditions that were negated as a whole
}

// find notes every mutant of the file.
func (f *finder) find() {
	f.bare = map[ast.Expr]bool{}
	for _, d := range f.file.Decls {
		declared, ok := d.(*ast.FuncDecl)
		if !ok || declared.Body == nil {
			continue
		}
		f.within = nameOf(declared)
		f.results = f.info.Defs[declared.Name].Type().(*types.Signature).Results()
		f.walk(declared.Body)
	}
}

func nameOf(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	of := d.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if generic, ok := of.(*ast.IndexExpr); ok {
		of = generic.X
	}
	if id, ok := of.(*ast.Ident); ok {
		return id.Name + "." + d.Name.Name
	}
	return d.Name.Name
}

// walk visits what is below n, the outer before the inner.
func (f *finder) walk(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			f.literal(n)
			return false
		case *ast.GenDecl:
			return n.Tok == token.VAR
		case *ast.ArrayType, *ast.StructType, *ast.InterfaceType, *ast.LabeledStmt:
			return false
		case *ast.BlockStmt:
			f.statements(n.List)
		case *ast.CaseClause:
			f.statements(n.Body)
		case *ast.CommClause:
			f.statements(n.Body)
		case *ast.IfStmt:
			f.condition(n.Cond)
		case *ast.ForStmt:
			if n.Cond != nil {
				f.condition(n.Cond)
			}
		case *ast.BinaryExpr:
			if f.constant(n) {
				return false
			}
			f.binary(n)
		case *ast.ReturnStmt:
			f.outcome(n)
		case *ast.CallExpr:
			if f.constant(n) {
				return false
			}
			f.arguments(n)
		case *ast.KeyValueExpr:
			f.walk(n.Value) // a key may have to be a constant
			return false
		case *ast.BasicLit:
			f.number(n)
		case ast.Expr:
			return !f.constant(n) || f.looksLikeList(n)
		}
		return true
	})
}

// literal visits a function within a function, whose results are others.
func (f *finder) literal(n *ast.FuncLit) {
	outer := f.results
	f.results = f.info.TypeOf(n).(*types.Signature).Results()
	f.walk(n.Body)
	f.results = outer
}

// constant reports an expression whose value the compiler knows.
func (f *finder) constant(e ast.Expr) bool { return f.info.Types[e].Value != nil }

func (f *finder) looksLikeList(e ast.Expr) bool {
	_, is := e.(*ast.CompositeLit)
	return is
}

func (f *finder) offset(p token.Pos) int { return f.files.Position(p).Offset }

func (f *finder) text(n ast.Node) string {
	return string(f.source[f.offset(n.Pos()):f.offset(n.End())])
}

// mutant notes one and returns its number.
func (f *finder) mutant(n ast.Node, kind Operator) int {
	id := f.next()
	f.mutants = append(f.mutants, Mutant{
		ID: id, Package: f.pkg.Path(), File: f.name, Line: f.files.Position(n.Pos()).Line,
		Function: f.within, Operator: kind, Text: quote(f.text(n)),
	})
	return id
}

func (f *finder) insert(at token.Pos, closing bool, text string) {
	f.edits = append(f.edits, edit{at: f.offset(at), end: f.offset(at), text: text, closing: closing, order: len(f.edits)})
}

// wrap puts text before and after n.
func (f *finder) wrap(n ast.Node, before, after string) {
	f.insert(n.Pos(), false, before)
	f.insert(n.End(), true, after)
}

// call is the beginning of a call of the gauge.
func call(function string, id int) string {
	return fmt.Sprintf("%s.%s(%d", gaugeName, function, id)
}

// condition negates what an if or a for asks.
func (f *finder) condition(cond ast.Expr) {
	if f.constant(cond) || !isBool(f.info.TypeOf(cond)) {
		return
	}
	f.bare[cond] = true
	f.wrap(cond, call("On", f.mutant(cond, Negate))+") != (", ")")
}

// isBool is for the predeclared type alone: a named one cannot be compared with what
// the gauge says.
func isBool(t types.Type) bool {
	return t == types.Typ[types.Bool] || t == types.Typ[types.UntypedBool]
}

var comparisons = map[token.Token]string{
	token.LSS: "Less", token.LEQ: "LessOrEqual", token.GTR: "Greater", token.GEQ: "GreaterOrEqual",
}

var sums = map[token.Token]string{token.ADD: "Sum", token.SUB: "Difference"}

func (f *finder) binary(n *ast.BinaryExpr) {
	switch n.Op {
	case token.EQL, token.NEQ:
		if !f.bare[n] && isBool(f.info.TypeOf(n)) {
			f.wrap(n, "("+call("On", f.mutant(n, Flip))+") != (", "))")
		}
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		if f.typedAlike(n) {
			f.asCall(n, comparisons[n.Op], Boundary)
		}
	case token.ADD, token.SUB:
		if f.typedAlike(n) && isNumber(f.info.TypeOf(n)) {
			f.asCall(n, sums[n.Op], Arithmetic)
		}
	case token.LAND:
		f.wrap(n.X, "("+call("On", f.mutant(n, DropLeft))+") || ", ")")
		f.wrap(n.Y, "("+call("On", f.mutant(n, DropRight))+") || ", ")")
	case token.LOR:
		f.wrap(n.X, "(!"+call("On", f.mutant(n, DropLeft))+") && ", ")")
		f.wrap(n.Y, "(!"+call("On", f.mutant(n, DropRight))+") && ", ")")
	}
}

// asCall writes "a op b" as a call of the gauge.
func (f *finder) asCall(n *ast.BinaryExpr, function string, kind Operator) {
	f.wrap(n, call(function, f.mutant(n, kind))+", ", ")")
	at := f.offset(n.OpPos)
	f.edits = append(f.edits, edit{at: at, end: at + len(n.Op.String()), text: ",", order: len(f.edits)})
}

// typedAlike reports operands of one type that a generic function can be told by.
func (f *finder) typedAlike(n *ast.BinaryExpr) bool {
	x, y := f.info.Types[n.X], f.info.Types[n.Y]
	if x.Value != nil && y.Value != nil {
		return false
	}
	ordered := func(t types.Type) bool {
		b, ok := t.Underlying().(*types.Basic)
		return ok && b.Info()&types.IsOrdered != 0
	}
	return types.Identical(x.Type, y.Type) && ordered(x.Type)
}

func isNumber(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsInteger|types.IsFloat) != 0
}

// number makes a literal one more, where its type is plain.
func (f *finder) number(n *ast.BasicLit) {
	if n.Kind != token.INT {
		return
	}
	t, ok := f.info.TypeOf(n).(*types.Basic)
	if !ok || t.Info()&types.IsUntyped != 0 || t.Info()&types.IsInteger == 0 {
		return
	}
	value, exact := constant.Int64Val(f.info.Types[n].Value)
	if !exact || value == 255 && t.Kind() == types.Uint8 || value < 0 {
		return
	}
	f.wrap(n, fmt.Sprintf("%s.Pick[%s](%d, ", gaugeName, t.Name(), f.mutant(n, Off)), ", "+strconv.FormatInt(value+1, 10)+")")
}

// statements leaves out each that can be missed.
func (f *finder) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt:
			if isPanic(s.X) {
				continue
			}
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE || blank(s) {
				continue
			}
		case *ast.IncDecStmt:
		default:
			continue
		}
		f.wrap(s, "if !"+call("On", f.mutant(s, Remove))+") { ", " }")
	}
}

func isPanic(e ast.Expr) bool {
	c, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	id, ok := c.Fun.(*ast.Ident)
	return ok && id.Name == "panic"
}

// blank reports an assignment to nothing.
func blank(s *ast.AssignStmt) bool {
	for _, to := range s.Lhs {
		if id, ok := to.(*ast.Ident); !ok || id.Name != "_" {
			return false
		}
	}
	return true
}

// outcome swallows the error that is returned, and exchanges constants.
func (f *finder) outcome(n *ast.ReturnStmt) {
	if len(n.Results) == 0 || f.results == nil || len(n.Results) != f.results.Len() {
		return
	}
	last := n.Results[len(n.Results)-1]
	if isError(f.results.At(f.results.Len()-1).Type()) && !f.info.Types[last].IsNil() {
		others := ""
		if len(n.Results) > 1 {
			others = string(f.source[f.offset(n.Results[0].Pos()):f.offset(last.Pos())])
		}
		f.insert(n.Pos(), false, fmt.Sprintf("if %s) { return %s nil }; ", call("On", f.mutant(n, Swallow)), others))
		f.insert(n.End(), true, "")
	}
	for i, r := range n.Results {
		f.result(r, f.results.At(i).Type())
	}
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// result exchanges a constant that is returned.
func (f *finder) result(r ast.Expr, as types.Type) {
	id, ok := r.(*ast.Ident)
	if ok && as == types.Typ[types.Bool] && (id.Name == "true" || id.Name == "false") {
		f.wrap(id, call("On", f.mutant(r, OtherConstant))+") != ", "")
		return
	}
	f.named(r)
}

// arguments exchanges constants that are handed over.
func (f *finder) arguments(n *ast.CallExpr) {
	if f.info.Types[n.Fun].IsType() || f.info.Types[n.Fun].IsBuiltin() {
		return
	}
	for _, a := range n.Args {
		f.named(a)
	}
}

// named exchanges a constant of a whole-numbered type with a name, such as a status.
func (f *finder) named(e ast.Expr) {
	switch e.(type) {
	case *ast.Ident, *ast.SelectorExpr:
	default:
		return
	}
	t := f.info.TypeOf(e)
	if _, ok := t.(*types.Named); !ok || !f.constant(e) || !isNumber(t) {
		return
	}
	f.wrap(e, call("Pick", f.mutant(e, OtherConstant))+", ", ", "+f.text(e)+"^1)")
}
