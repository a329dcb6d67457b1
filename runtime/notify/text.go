package notify

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// printable makes a text harmless to a terminal and to a log: what is no
// printable character (control and format characters, those that turn the
// direction of writing, what is not UTF-8) is shown as Go would write it. The
// result has at most limit bytes, the last of them … if there was more.
func printable(s string, limit int) string {
	const more = "…"
	var b strings.Builder
	whole := 0 // the longest result so far that leaves room for more
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		i += size
		if b.Len() <= limit-len(more) {
			whole = b.Len()
		}
		if b.Len() > limit {
			return b.String()[:whole] + more
		}
	}
	return b.String()
}
