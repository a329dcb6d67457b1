package bundle

import "strings"

// Verdict is what mini does with a field of the specification.
type Verdict string

// Nothing is dropped in silence: there is no fourth verdict.
const (
	Applied Verdict = "applied"
	Refused Verdict = "refused" // an error: ignoring it would change what the container may do
	Warned  Verdict = "warned"  // said, and ignored: it has no meaning here, or changes nothing
)

// Field is one row of the table of fields.
type Field struct {
	Pointer string // JSON pointer, * for any index or key: /mounts/*/options
	Subtree bool   // the row holds for everything below the field too
	Verdict Verdict
	By      string // the package that applies it, or what to do instead; "" if its own fields tell
}

// Fields is the table of every field of the specification (runtime-spec 1.3),
// object by object.
func Fields() []Field { return fields(func(Verdict) bool { return true }) }

// fields is the part of the table that has such a verdict: to look at a
// configuration takes only the rows that find something.
func fields(wanted func(Verdict) bool) []Field {
	var fields []Field
	var objects []string // the lines in column 0 that the next fields are of
	var rows []Field
	flush := func() {
		for _, o := range objects {
			for _, r := range rows {
				r.Pointer = o + "/" + r.Pointer
				fields = append(fields, r)
			}
		}
		objects, rows = objects[:0], rows[:0]
	}
	for line := range strings.Lines(table) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "":
			flush()
		case line[0] == '/':
			objects = append(objects, strings.TrimSuffix(line, "/"))
		default:
			if r := row(line); wanted(r.Verdict) {
				rows = append(rows, r)
			}
		}
	}
	flush()
	return fields
}

// row parses "name verdict by".
func row(line string) Field {
	name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	verdict, by, _ := strings.Cut(strings.TrimSpace(rest), " ")
	name, subtree := strings.CutSuffix(name, "/**")
	return Field{name, subtree, Verdict(verdict), strings.TrimSpace(by)}
}
