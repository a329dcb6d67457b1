package runtime

import (
	"errors"
	"strconv"
	"strings"

	"mini/namespaces/calls"
	"mini/runtime/process"
)

// A list that is left with a hand ends in another process's sight: `mini start`, which
// has no plan. So that it can say which step failed, a note goes with the list: for
// each call, in a line, the step and its name.

const noteSeparator = "\x1f"

// note is that of what is left of the list.
func (h *byHand) note() []byte {
	var b strings.Builder
	steps, names := h.list.Left()
	text := map[int]string{}
	for i, n := range steps {
		if _, have := text[n]; !have {
			s := h.c.Plan.Steps[n]
			text[n] = strings.Join([]string{s.Stage.String(), s.String(), s.Field()}, noteSeparator)
		}
		b.WriteString(text[n] + noteSeparator + strconv.Quote(names[i]) + "\n")
	}
	return []byte(b.String())
}

var errBadNote = errors.New("the container's last words make no sense")

// failed is the error that an answer tells of. root is what the hand saw, or nil.
func (c *Container) failed(a calls.Answer, root *process.Root) error {
	lines := strings.Split(string(a.Note), "\n")
	if a.Call < 0 || a.Call >= len(lines) {
		return errBadNote
	}
	words := strings.Split(lines[a.Call], noteSeparator)
	if len(words) != 4 {
		return errBadNote
	}
	call, err := strconv.Unquote(words[3])
	if err != nil {
		return errBadNote
	}
	e := &StepError{Stage: words[0], Step: words[1], Field: words[2], Status: statusMini}
	e.Err = c.Plan.lastMile().Words().Explain(&calls.Failure{Call: call, Err: a.Errno}, root)
	e.Status = Status(e.Err)
	return e
}
