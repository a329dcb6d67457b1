package runtime

import (
	"errors"
	"strconv"
	"strings"

	"mini/namespaces/calls"
	"mini/runtime/process"
)

// A list that is left with a hand ends in another process's sight: `mini start`, which
// has no plan. So that it can say which step failed, a note goes with the list: in a
// line each the steps, then a line that is empty, then the calls, with the number of
// the step's line. All words are quoted, for a program's arguments can be anything.

const noteSeparator = "\x1f"

// note is that of what is left of the list. A step has many calls, and its text can be
// long, so that is in it once.
func (h *byHand) note() []byte {
	steps, names := h.list.Left()
	return noteOf(h.c.Plan.Steps, steps, names)
}

func noteOf(plan []Step, steps []int, names []string) []byte {
	var texts, list strings.Builder
	lines := map[int]int{}
	for i, n := range steps {
		line, have := lines[n]
		if !have {
			line = len(lines)
			lines[n] = line
			texts.WriteString(noteLine(plan[n].Stage.String(), plan[n].String(), plan[n].Field()))
		}
		list.WriteString(noteLine(strconv.Itoa(line), names[i]))
	}
	return []byte(texts.String() + "\n" + list.String())
}

func noteLine(words ...string) string {
	for i, w := range words {
		words[i] = strconv.Quote(w)
	}
	return strings.Join(words, noteSeparator) + "\n"
}

var errBadNote = errors.New("the container's last words make no sense")

// readNote finds call i in a note, and the stage, text and field of its step.
func readNote(note []byte, i int) (step []string, call string, err error) {
	texts, list, _ := strings.Cut(string(note), "\n\n")
	words, err := noteWords(list, i, 2)
	if err != nil {
		return nil, "", err
	}
	line, err := strconv.Atoi(words[0])
	if err != nil {
		return nil, "", errBadNote
	}
	step, err = noteWords(texts, line, 3)
	return step, words[1], err
}

// noteWords are the n words of line i.
func noteWords(text string, i, n int) ([]string, error) {
	lines := strings.Split(text, "\n")
	if i < 0 || i >= len(lines) {
		return nil, errBadNote
	}
	words := strings.Split(lines[i], noteSeparator)
	if len(words) != n {
		return nil, errBadNote
	}
	for k, w := range words {
		plain, err := strconv.Unquote(w)
		if err != nil {
			return nil, errBadNote
		}
		words[k] = plain
	}
	return words, nil
}

// failed is the error that an answer tells of. root is what the hand saw, or nil.
func (c *Container) failed(a calls.Answer, root *process.Root) error {
	step, call, err := readNote(a.Note, a.Call)
	if err != nil {
		return err
	}
	e := &StepError{Stage: step[0], Step: step[1], Field: step[2], Status: statusMini}
	e.Err = c.Plan.lastMile().Words().Explain(&calls.Failure{Call: call, Err: a.Errno}, root)
	e.Status = Status(e.Err)
	return e
}
