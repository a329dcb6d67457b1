package hooks

import "strings"

// tailSize is how much of a hook's output an error can carry, in bytes.
const tailSize = 2048

// tail keeps the end of what is written to it.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if extra := len(t.b) - tailSize; extra > 0 {
		t.b = t.b[extra:]
	}
	return len(p), nil
}

// quoted is the output as the end of an error's text.
func (t *tail) quoted() string {
	s := strings.TrimSpace(string(t.b))
	if s == "" {
		return ""
	}
	return ": " + s
}
