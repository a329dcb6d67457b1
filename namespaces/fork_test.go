package namespaces

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// TestRawCloneCallsNothing holds the promise of rawClone over its syntax tree:
// in the child nothing is called but raw system calls, and nothing written that
// could reach the runtime in secret.
func TestRawCloneCallsNothing(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "fork_linux.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if f.Name.Name != "rawClone" {
			t.Errorf("func %s is in the file too: helpers of the child do not link in debug builds", f.Name.Name)
			continue
		}
		found = true
		for _, word := range []string{"//go:noinline", "//go:norace"} {
			if !slices.ContainsFunc(f.Doc.List, func(c *ast.Comment) bool { return c.Text == word }) {
				t.Errorf("rawClone lacks %s", word)
			}
		}
		for _, bad := range forbidden(f.Body) {
			t.Errorf("rawClone has %s", bad)
		}
	}
	if !found {
		t.Error("no func rawClone in fork_linux.go")
	}
}

// TestForbidden tries the check itself.
func TestForbidden(t *testing.T) {
	for body, want := range map[string]string{
		`syscall.RawSyscall6(1, 2, 3, 4, 5, 6, 7); x := uintptr(i); _ = x`: "",
		`unix.Close(3)`:    "a call of unix.Close",
		`f()`:              "a call of f",
		`s = append(s, 1)`: "a call of append",
		`x := a[1]`:        "an index that may be out of bounds",
		`go f()`:           "*ast.GoStmt",
		`defer f()`:        "*ast.DeferStmt",
		`x := func() {}`:   "*ast.FuncLit",
		`x := []int{1}`:    "*ast.CompositeLit",
		`x := a + "b"`:     "a string",
		`c <- 1`:           "*ast.SendStmt",
		`for i := range steps { s := &steps[i]; s.n = 1 }`: "",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nfunc f() {\n"+body+"\n}", 0)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(forbidden(file.Decls[0].(*ast.FuncDecl).Body), "; ")
		if got != want && !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

// forbidden lists what the child of a raw fork must not do.
func forbidden(body *ast.BlockStmt) []string {
	var bad []string
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			name := exprName(n.Fun)
			if !slices.Contains([]string{"syscall.RawSyscall6", "uintptr", "syscall.Errno"}, name) {
				bad = append(bad, "a call of "+name)
			}
		case *ast.IndexExpr:
			if exprName(n.X) != "steps" && exprName(n.X) != "s.args" {
				bad = append(bad, "an index that may be out of bounds")
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				bad = append(bad, "a string")
			}
		case *ast.GoStmt:
			bad = append(bad, "*ast.GoStmt")
		case *ast.DeferStmt:
			bad = append(bad, "*ast.DeferStmt")
		case *ast.FuncLit:
			bad = append(bad, "*ast.FuncLit")
		case *ast.CompositeLit:
			bad = append(bad, "*ast.CompositeLit")
		case *ast.SendStmt:
			bad = append(bad, "*ast.SendStmt")
		case *ast.SelectStmt, *ast.TypeAssertExpr, *ast.SliceExpr:
			bad = append(bad, "something else of the runtime's")
		}
		return true
	})
	return bad
}

func exprName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return exprName(e.X) + "." + e.Sel.Name
	}
	return "an expression"
}
