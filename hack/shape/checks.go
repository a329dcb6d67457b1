package main

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// A check returns one complaint for each violation, a place and what is wrong.
type check struct {
	name string
	find func(*tree) []string
}

var checks = []check{
	{"imports", imports},
	{"top level", topNames},
	{"file length", fileLengths},
	{"function length", functionLengths},
	{"names", names},
	{"left open", leftOpen},
	{"outside", outside},
	{"package docs", packageDocs},
	{"docs", docs},
}

// matches says whether a pattern (a path, or a folder and /... for all that is
// below it, itself included) is that of the package; std is every path whose first
// element has no dot and that is not ours.
func matches(pattern, pkg string) bool {
	if pattern == std {
		first, _, _ := strings.Cut(pkg, "/")
		return first != "mini" && !strings.Contains(first, ".")
	}
	folder, below := strings.CutSuffix(pattern, "/...")
	return pkg == folder || below && strings.HasPrefix(pkg, folder+"/")
}

func matchesAny(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, pkg) })
}

// allowed returns what the package in that folder may import.
func allowed(dir string) []string {
	for _, row := range mayImport {
		if matches(row.pkg, dir) {
			return row.imports
		}
	}
	return []string{std}
}

func imports(t *tree) (bad []string) {
	for _, f := range t.files {
		if !f.isGo() {
			continue
		}
		dir := path.Dir(f.path)
		may := allowed(dir)
		if f.isTest() {
			may = append(slices.Clone(may), testImports...)
		}
		for _, p := range f.imports() {
			if !matchesAny(may, p) || !f.isTest() && p == "mini/"+dir {
				bad = append(bad, fmt.Sprintf("%s: %s must not import %s", f.path, dir, p))
			}
		}
	}
	return bad
}

func topNames(t *tree) (bad []string) {
	for _, name := range t.names {
		if !slices.Contains(topLevel, name) {
			bad = append(bad, name+": the design has no such name at the top")
		}
	}
	return bad
}

func fileLengths(t *tree) (bad []string) {
	for _, tests := range []bool{false, true} {
		limit := maxFile
		if tests {
			limit = maxTestFile
		}
		for _, f := range t.goFiles(tests) {
			if f.lines() > limit {
				bad = append(bad, fmt.Sprintf("%s: %d lines, over %d: more than one idea", f.path, f.lines(), limit))
			}
		}
	}
	return bad
}

func functionLengths(t *tree) (bad []string) {
	all := t.functions()
	for _, limit := range []struct {
		q     float64
		lines int
	}{{0.5, maxMedian}, {0.9, maxNinth}} {
		if got := quantile(all, limit.q); got > limit.lines {
			bad = append(bad, fmt.Sprintf("functions: %.0f%% should fit in %d lines, it takes %d",
				limit.q*100, limit.lines, got))
		}
	}
	return bad
}

func names(t *tree) (bad []string) {
	for _, f := range t.files {
		if f.isGo() && (slices.Contains(badNames, f.syntax.Name.Name) || slices.Contains(badNames, path.Base(path.Dir(f.path)))) {
			bad = append(bad, f.path+": a package is named for what it knows")
		}
	}
	return bad
}

// The words are put together here, for this file is looked through as well.
var (
	openMarks    = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`)
	outsidePaths = regexp.MustCompile(`\.\./sha` + `red\b|\B/wo` + `rk/(main|shared|\.library)\b`)
)

func leftOpen(t *tree) []string { return contain(t, openMarks, "left open") }

func outside(t *tree) []string { return contain(t, outsidePaths, "not part of the project") }

// contain complains about each line that matches.
func contain(t *tree, words *regexp.Regexp, complaint string) (bad []string) {
	for _, f := range t.files {
		for i, line := range strings.Split(f.text, "\n") {
			if word := words.FindString(line); word != "" {
				bad = append(bad, fmt.Sprintf("%s:%d: %s: %s", f.path, i+1, word, complaint))
			}
		}
	}
	return bad
}
