package runtime

import "time"

// Watch is told of the steps of a plan as they are done. The zero Watch
// watches nothing, and costs nothing.
type Watch struct {
	// Before is called before step i; its error ends the set-up. It makes
	// init wait for an answer before each of its steps.
	Before func(i int, s Step) error
	// After is called when step i has succeeded.
	After func(i int, s Step, took time.Duration)
	// Say is told what went wrong without hindering anything.
	Say func(text string)
}

func (w Watch) say(text string) {
	if w.Say != nil {
		w.Say(text)
	}
}

// execute does the steps of one stage in order, and nothing else. journal is
// told what a step would leave behind before it is done.
func (p *Plan) execute(stage Stage, w Watch, journal func(string) error) error {
	for i, s := range p.Steps {
		if s.Stage != stage {
			continue
		}
		if err := w.step(i, s, func(op Op) error { return do(op, journal) }); err != nil {
			return stepError(s, err)
		}
	}
	return nil
}

// step has a step done, and tells of it before and after.
func (w Watch) step(i int, s Step, do func(Op) error) error {
	if w.Before != nil {
		if err := w.Before(i, s); err != nil {
			return err
		}
	}
	if w.After == nil {
		return do(s.Op)
	}
	begin := time.Now()
	if err := do(s.Op); err != nil {
		return err
	}
	w.After(i, s, time.Since(begin))
	return nil
}

// do does a step, with what it leaves behind noted before, as what may be there,
// and after, as what is.
func do(op Op, journal func(string) error) error {
	line := op.Journal()
	if line == "" {
		return op.Do()
	}
	if err := journal(line); err != nil {
		return err
	}
	if err := op.Do(); err != nil {
		return err
	}
	if c, ok := op.(confirmed); ok {
		return journal(c.Confirm())
	}
	return nil
}
