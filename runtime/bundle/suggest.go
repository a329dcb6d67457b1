package bundle

import "strings"

// suggest is the text of the warning about the unknown key at the end of
// pointer, in an object that knows the keys siblings.
func suggest(pointer string, siblings []member) string {
	cut := strings.LastIndexByte(pointer, '/')
	key := pointer[cut+1:]
	if s := nearest(key, siblings); s != "" {
		return "unknown key, ignored; did you mean " + s + "?"
	}
	if s := elsewhere(key); s != "" {
		return "unknown key, ignored; did you mean " + s + "?"
	}
	return "unknown key, ignored"
}

// nearest is the key that the misspelt one was probably meant to be, or "".
func nearest(key string, siblings []member) string {
	best, least := "", len(key)/3+1
	for _, s := range siblings {
		n := distance(strings.ToLower(key), strings.ToLower(s.name))
		if n < least {
			best, least = s.name, n
		}
	}
	return best
}

// elsewhere is the place of a field of that name, or nearly, in another object,
// or "". Of several it is the best spelt, then the one nearest to the root, then
// the first of the table.
func elsewhere(key string) string {
	best, least := "", len(key)/6*100+100
	for _, f := range Fields() {
		name := f.Pointer[strings.LastIndexByte(f.Pointer, '/')+1:]
		cost := 100*distance(strings.ToLower(key), strings.ToLower(name)) + strings.Count(f.Pointer, "/")
		if cost < least {
			best, least = f.Pointer, cost
		}
	}
	return best
}

// distance is the number of characters to insert, delete, replace or swap with
// the next to make b of a (optimal string alignment). Long keys are no typing
// errors and not compared.
func distance(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	var before []int // the row of a[:i-2]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			change := row[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			next[j] = min(change, row[j]+1, next[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
