package checks

import "strings"

// suggest is "; did you mean …?" for a word that is none of known, or what known
// is if nothing is near.
func suggest(given string, known []string) string {
	best, least := "", len(given)/3+1
	for _, k := range known {
		if n := distance(strings.ToLower(given), strings.ToLower(k)); n < least {
			best, least = k, n
		}
	}
	if best == "" {
		return "; there is " + strings.Join(known, ", ")
	}
	return "; did you mean " + best + "?"
}

// distance is the number of characters to insert, delete, replace or swap with
// the next to make b of a (optimal string alignment). Long words are no typing
// errors and not compared.
func distance(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range b {
		rows[0][j+1] = j + 1
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			rows[i][j] = min(change, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
