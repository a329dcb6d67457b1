package main

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"
)

// packageDocs wants a comment on each package, in one of its files.
func packageDocs(t *tree) (bad []string) {
	documented := map[string]bool{}
	for _, f := range t.goFiles(false) {
		dir := path.Dir(f.path)
		documented[dir] = documented[dir] || f.syntax.Doc.Text() != ""
	}
	for dir, has := range documented {
		if !has {
			bad = append(bad, dir+": no package comment")
		}
	}
	slices.Sort(bad)
	return bad
}

// docs wants a comment on each exported name of a package that others can import.
func docs(t *tree) (bad []string) {
	for _, f := range t.goFiles(false) {
		if f.syntax.Name.Name == "main" {
			continue
		}
		for _, decl := range f.syntax.Decls {
			for _, name := range undocumented(decl) {
				where := t.fset.Position(name.Pos())
				bad = append(bad, fmt.Sprintf("%s:%d: %s has no doc comment", where.Filename, where.Line, name.Name))
			}
		}
	}
	return bad
}

func undocumented(decl ast.Decl) (names []*ast.Ident) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc.Text() == "" && exportedReceiver(d) && !isOpMethod(d) {
			names = append(names, d.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			names = append(names, undocumentedSpec(spec, documentedBlock(d))...)
		}
	}
	return names
}

// documentedBlock says whether a const or var block has a comment, over it or at
// any of its lines: the others there need none if their names say it.
func documentedBlock(d *ast.GenDecl) bool {
	return d.Doc.Text() != "" || d.Lparen.IsValid() && slices.ContainsFunc(d.Specs, func(spec ast.Spec) bool {
		s, ok := spec.(*ast.ValueSpec)
		return ok && s.Doc.Text()+s.Comment.Text() != ""
	})
}

// undocumentedSpec looks at one type, or one line of a const or var block, for
// which a comment over the block or beside the line is enough.
func undocumentedSpec(spec ast.Spec, block bool) (names []*ast.Ident) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() && s.Doc.Text() == "" && !block {
			names = append(names, s.Name)
		}
	case *ast.ValueSpec:
		if block || s.Doc.Text() != "" || s.Comment.Text() != "" {
			return nil
		}
		for _, name := range s.Names {
			if name.IsExported() {
				names = append(names, name)
			}
		}
	}
	return names
}

// exportedReceiver says whether a method can be seen outside: on an unexported
// type it cannot.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	name := d.Recv.List[0].Type
	if star, ok := name.(*ast.StarExpr); ok {
		name = star.X
	}
	if index, ok := name.(*ast.IndexExpr); ok {
		name = index.X
	}
	ident, ok := name.(*ast.Ident)
	return ok && ident.IsExported()
}

// isOpMethod names the methods whose comment is the interface's: those of the
// plan's steps, of errors and of fmt.
func isOpMethod(d *ast.FuncDecl) bool {
	list := "Do String Why Field Shell Undo Journal Error Unwrap Is Pointer"
	return d.Recv != nil && slices.Contains(strings.Fields(list), d.Name.Name)
}
