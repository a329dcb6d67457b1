package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// file is one file of the tree.
type file struct {
	path string
	text string
	// The rest is of Go files only.
	syntax    *ast.File
	generated bool
}

func (f file) isGo() bool   { return f.syntax != nil }
func (f file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }
func (f file) lines() int   { return strings.Count(f.text, "\n") }

// imports returns the import paths of a Go file.
func (f file) imports() (paths []string) {
	for _, spec := range f.syntax.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

// tree is the source of the project, without what git ignores, other modules,
// testdata and dotfiles (but .ci is in it).
type tree struct {
	names []string // of the top folder
	files []file
	fset  *token.FileSet
}

// load reads the tree: every file is kept as text, Go files as syntax too.
func load(root fs.FS) (*tree, error) {
	t := &tree{fset: token.NewFileSet()}
	top, err := fs.ReadDir(root, ".")
	if err != nil {
		return nil, err
	}
	for _, entry := range top {
		t.names = append(t.names, entry.Name())
	}
	return t, fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (skipped(name) || otherModule(root, name)):
			return fs.SkipDir
		case entry.IsDir() || !entry.Type().IsRegular() || name == ".git": // a worktree's is a file
			return nil
		}
		return t.add(root, name)
	})
}

// skipped says which folders are not source.
func skipped(dir string) bool {
	base := path.Base(dir)
	return base == "testdata" || dir == "bin" || len(base) > 1 && base[0] == '.' && base != ".ci"
}

// otherModule says that a folder has its own list of what it imports: tools
// that drive other people's programs, and link into none of ours.
func otherModule(root fs.FS, dir string) bool {
	_, err := fs.Stat(root, path.Join(dir, "go.mod"))
	return dir != "." && err == nil
}

var generatedMark = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

func (t *tree) add(root fs.FS, name string) error {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return err
	}
	f := file{path: name, text: string(text)}
	if strings.HasSuffix(name, ".go") {
		f.generated = generatedMark.MatchString(f.text)
		f.syntax, err = parser.ParseFile(t.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("parse %s: %w", name, err)
		}
	}
	t.files = append(t.files, f)
	return nil
}

// goFiles returns the Go files that a person wrote, tests or not.
func (t *tree) goFiles(tests bool) (files []file) {
	for _, f := range t.files {
		if f.isGo() && !f.generated && f.isTest() == tests {
			files = append(files, f)
		}
	}
	return files
}

// function is one function's name, place and length.
type function struct {
	name, where string
	lines       int // between the braces
}

// functions returns those of all files that are neither tests nor generated,
// shortest first.
func (t *tree) functions() (all []function) {
	for _, f := range t.goFiles(false) {
		for _, decl := range f.syntax.Decls {
			if d, ok := decl.(*ast.FuncDecl); ok && d.Body != nil {
				all = append(all, t.measure(d))
			}
		}
	}
	slices.SortStableFunc(all, func(a, b function) int { return a.lines - b.lines })
	return all
}

func (t *tree) measure(d *ast.FuncDecl) function {
	first, last := t.fset.Position(d.Body.Lbrace), t.fset.Position(d.Body.Rbrace)
	return function{
		name:  d.Name.Name,
		where: fmt.Sprintf("%s:%d", first.Filename, first.Line),
		lines: max(last.Line-first.Line-1, 1),
	}
}

// quantile returns the length that a share q of the functions do not exceed.
func quantile(sorted []function, q float64) int {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)].lines
}
