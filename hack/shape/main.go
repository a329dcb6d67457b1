// Command shape measures the source, and its tests hold the tree to the shape
// that the design gives it: which way imports point, what the top folder has,
// how long files and functions are, what is documented.
//
// It knows syntax only. What the code does is for the other tests.
package main

import (
	"fmt"
	"io"
	"os"
	"slices"
)

func main() {
	t, err := load(os.DirFS("."))
	if err != nil {
		fmt.Fprintln(os.Stderr, "shape:", err)
		os.Exit(1)
	}
	report(os.Stdout, t)
}

// report tells the sizes that the limits are about, and what is closest to them.
func report(w io.Writer, t *tree) {
	functions, code, tests := t.functions(), t.goFiles(false), t.goFiles(true)
	fmt.Fprintf(w, "%d functions: half fit in %d lines, nine of ten in %d\n",
		len(functions), quantile(functions, 0.5), quantile(functions, 0.9))
	fmt.Fprintf(w, "%d files of %d lines, %d test files of %d lines\n",
		len(code), lines(code), len(tests), lines(tests))
	slices.SortFunc(code, func(a, b file) int { return b.lines() - a.lines() })
	for _, f := range code[:min(5, len(code))] {
		fmt.Fprintf(w, "  long file: %s %d\n", f.path, f.lines())
	}
	for _, f := range functions[max(len(functions)-5, 0):] {
		fmt.Fprintf(w, "  long function: %s %s %d\n", f.where, f.name, f.lines)
	}
}

func lines(files []file) (sum int) {
	for _, f := range files {
		sum += f.lines()
	}
	return sum
}
