package bundle

import (
	"fmt"
	"strconv"
	"strings"
)

// A step of a JSON pointer: a key, or an index where the key is nil.
type step struct {
	key   []byte
	index int
}

func (d *decoder) leave() { d.path = d.path[:len(d.path)-1] }

// pointer is the JSON pointer (RFC 6901) of the value at hand.
func (d *decoder) pointer() string {
	var b strings.Builder
	for _, s := range d.path {
		b.WriteByte('/')
		if s.key == nil {
			b.WriteString(strconv.Itoa(s.index))
			continue
		}
		b.WriteString(escape(string(s.key)))
	}
	return b.String()
}

// escape writes a key as one part of a JSON pointer.
func escape(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(strings.ToValidUTF8(key, "\uFFFD"))
}

// maxWarnings keeps a file of a million unknown keys from costing minutes.
const maxWarnings = 100

func (d *decoder) warn(at int, text string) {
	if len(d.warnings) == maxWarnings {
		return
	}
	line, column := position(d.raw, at)
	if len(d.warnings) == maxWarnings-1 {
		text += fmt.Sprintf(" (warning %d; what follows is not looked at)", maxWarnings)
	}
	d.warnings = append(d.warnings, Warning{d.pointer(), text, line, column})
}

// unknown warns about a key that the object at hand does not have.
func (d *decoder) unknown(at int, known []member) {
	if len(d.warnings) < maxWarnings {
		d.warn(at, suggest(d.pointer(), known))
	}
}
