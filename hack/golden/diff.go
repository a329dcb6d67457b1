package golden

import (
	"fmt"
	"slices"
	"strings"
)

// around is how many lines are shown on each side of one that differs.
const around = 2

// An edit is one line of either text.
type edit struct {
	mark   byte // '-' is only in the first, '+' only in the second, ' ' in both
	number int  // in the first, from 1
	line   string
}

// diff shows where two texts differ, line by line, each place with its number in the
// first and a few of the lines around it.
func diff(first, second string) string {
	var b strings.Builder
	all := edits(slices.Collect(strings.Lines(first)), slices.Collect(strings.Lines(second)))
	last := -1
	for i, e := range all {
		near := all[max(i-around, 0):min(i+around+1, len(all))]
		if !slices.ContainsFunc(near, func(e edit) bool { return e.mark != ' ' }) {
			continue
		}
		if i > last+1 || i == 0 {
			fmt.Fprintf(&b, "line %d:\n", e.number)
		}
		last = i
		fmt.Fprintf(&b, "%c %s\n", e.mark, strings.TrimSuffix(e.line, "\n"))
		if !strings.HasSuffix(e.line, "\n") {
			b.WriteString("  (no newline here)\n")
		}
	}
	return b.String()
}

// edits is how the first becomes the second, with as many lines in both as can be.
func edits(first, second []string) (all []edit) {
	same := inBoth(first, second)
	i, j := 0, 0
	for i < len(first) || j < len(second) {
		switch {
		case i < len(first) && j < len(second) && first[i] == second[j]:
			all = append(all, edit{' ', i + 1, first[i]})
			i, j = i+1, j+1
		case j == len(second) || i < len(first) && same[i+1][j] >= same[i][j+1]:
			all = append(all, edit{'-', i + 1, first[i]})
			i++
		default:
			all = append(all, edit{'+', i + 1, second[j]})
			j++
		}
	}
	return all
}

// inBoth[i][j] is how many lines, in order, first has from i on and second from j on.
func inBoth(first, second []string) [][]int {
	same := make([][]int, len(first)+1)
	for i := range same {
		same[i] = make([]int, len(second)+1)
	}
	for i := len(first) - 1; i >= 0; i-- {
		for j := len(second) - 1; j >= 0; j-- {
			same[i][j] = max(same[i+1][j], same[i][j+1])
			if first[i] == second[j] {
				same[i][j] = same[i+1][j+1] + 1
			}
		}
	}
	return same
}
