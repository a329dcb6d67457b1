package shell

import (
	"path/filepath"
	"strings"
)

// fields collects the expansion of a word and cuts it into arguments.
type fields struct {
	done    []string
	text    strings.Builder // of the field that is being made
	pattern strings.Builder // the same with quoted * ? [ \ escaped
	active  bool            // an unquoted * ? [ was seen
	begun   bool            // even an empty text is a field
}

// quoted adds text that stays as it is.
func (f *fields) quoted(s string) {
	f.begun = true
	f.text.WriteString(s)
	f.pattern.WriteString(escape(s))
}

// bare adds text whose * ? [ may match file names.
func (f *fields) bare(s string) {
	f.begun = true
	f.text.WriteString(s)
	f.pattern.WriteString(s)
	f.active = f.active || strings.ContainsAny(s, "*?[")
}

// split adds text that ends a field at each run of white space.
func (f *fields) split(s string) {
	for s != "" {
		n := strings.IndexAny(s, " \t\n")
		if n < 0 {
			n = len(s)
		}
		if n > 0 {
			f.bare(s[:n])
		}
		if s = s[n:]; s != "" {
			f.end()
			s = strings.TrimLeft(s, " \t\n")
		}
	}
}

// end closes the field: the file names it matches, or else its text.
func (f *fields) end() {
	if !f.begun {
		return
	}
	names := []string{f.text.String()}
	if f.active {
		if found, err := filepath.Glob(f.pattern.String()); err == nil && found != nil {
			names = found
		}
	}
	*f = fields{done: append(f.done, names...)}
}

// escape makes a pattern that matches s only.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(s)
}
