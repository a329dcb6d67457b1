package runtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"

	"mini/health"
	"mini/runtime/control"
	"mini/runtime/logs"
	"mini/runtime/state"
)

// detached is what a supervisor has that stays without its caller.
type detached struct {
	Detachment
	supervisor *supervisor
	starter    channel // who waits for the first start
	adopts     bool    // the container is there already
	revives    bool    // it was, and has ended
	past       state.Record
	grace      time.Duration // as it was started with; stop may have said otherwise
	errand     *errand       // for the next supervisor, if there is to be one; nil once it is kept
	dir        *state.Dir
	log        *logs.Writer
	hub        *hub
	server     *server
	board      board
}

// furnish makes what is there for all runs.
func (d *detached) furnish() (err error) {
	open := logs.Create
	if d.adopts || d.revives {
		open = logs.Resume
	}
	if d.log, err = open(d.dir.Path, d.Logs); err != nil {
		return err
	}
	d.hub = &hub{log: d.log}
	if d.Adopt {
		d.hub.named = d.dir
	}
	proc := d.supervisor.config.Spec.Process
	d.board.set(func(r *control.Reply) {
		r.State, r.Terminal = health.StateCreated.String(), proc != nil && proc.Terminal
	})
	d.server, err = serve(d.dir.Control(), d.answer)
	return err
}

// launch makes the container with its output joined to the hub.
func (d *detached) launch(p *Plan, w Watch) (*Container, func() error, error) {
	out, err := d.hub.open(p)
	if err != nil {
		return nil, nil, err
	}
	c, err := Create(p, w)
	out.given()
	if err == nil {
		d.supervisor.guarded.follow(c)
		err = c.Start()
	}
	if err != nil {
		return nil, nil, errors.Join(err, out.drain())
	}
	if err := out.terminal(c.Pty); err != nil {
		return nil, nil, errors.Join(err, c.Remove(), out.drain())
	}
	return c, out.drain, nil
}

// begun tells the starter that the program runs. If it is gone, whoever called
// it did not want to wait for that: then nobody knows of the container. One that is
// adopted ran before, and goes on.
func (d *detached) begun() {
	s := d.supervisor
	d.bequeath()
	c := s.running()
	d.board.set(func(r *control.Reply) { // the heartbeat says the same, a moment later
		r.State, r.Starts = health.StateStarting.String(), s.started()
		if c != nil {
			r.Pid = c.Record.Pid
		}
	})
	if err := d.starter.send(msgReady, nil); err != nil && !d.adopts {
		s.ask(unix.SIGTERM, "who started it has gone")
	}
	d.starter.f.Close()
	s.Watch = Watch{Say: d.say} // there is nobody left to show steps to
	debug.FreeOSMemory()        // what the start took
}

// bequeath writes down what a supervisor has to know that comes after this one.
func (d *detached) bequeath() {
	if d.errand == nil {
		return
	}
	text, err := json.Marshal(d.errand)
	if err == nil {
		err = d.dir.KeepErrand(text)
	}
	if err != nil {
		d.say(d.dir.ID + ": nobody will be able to adopt it: " + Explain(err))
	}
	d.errand = nil
}

// note writes up what the heartbeat says.
func (d *detached) note(m health.Snapshot, c *Container) {
	last, _ := m.Last()
	d.board.set(func(r *control.Reply) {
		r.State, r.Ready, r.Paused, r.Failures = m.State.String(), m.Ready(), m.Paused, failures(m.Monitor)
		r.Restarts, r.Starts, r.Output = m.Restarts, d.supervisor.started(), last.Output
		r.Pid = 0
		if c != nil {
			r.Pid = c.Record.Pid
		}
	})
}

// say writes one of mini's words into the log.
func (d *detached) say(text string) {
	if d.log != nil {
		d.log.Write(logs.Mini, []byte(text+"\n"))
	}
}

// conclude writes down how it ended, then tells all who wait.
func (d *detached) conclude(death Death, err error) error {
	exit := d.exit(death, err)
	err = errors.Join(d.log.Close(), d.record(exit))
	d.board.set(func(r *control.Reply) {
		r.Ended, r.Status, r.Death, r.Pid = true, exit.Status, exit.Death, 0
	})
	r, _ := d.board.read()
	d.hub.end(r)
	d.server.close()
	return err
}

// exit is the end as it is written down.
func (d *detached) exit(death Death, err error) state.Exit {
	last := d.supervisor.known()
	e := state.Exit{
		State: last.State.String(), Restarts: last.Restarts,
		Status: death.ExitStatus(), Death: death.String(), At: time.Now().UTC(),
	}
	e.Account, _ = json.Marshal(death) // nothing in it can fail
	var late TimedOut
	switch {
	case errors.As(err, &late):
		e.Status, e.Death = statusTimedOut, late.Error()+"; "+death.String()
	case err != nil:
		e.Status, e.Death = Status(err), fmt.Sprintf("%s: %s", d.dir.ID, Explain(err))
	case last.State == health.StateFailed:
		e.Death += "; failed: " + reason(last)
	}
	return e
}

// lastLines is how many lines of its output go with the account of a death.
const lastLines = 20

// lastWords is what a run that has died wrote last.
func (d *detached) lastWords(of Death) []LogLine {
	lines, err := logs.Last(d.dir.Path, lastLines, of.Started)
	if err != nil {
		return nil // the account must not hinder the end
	}
	return inShort(lines)
}

// inShort is lines of the log as an account has them.
func inShort(lines []logs.Line) (words []LogLine) {
	for _, l := range lines {
		words = append(words, LogLine{l.Time, l.Stream.String(), l.Text})
	}
	return words
}

// record keeps the end in the directory, or removes it.
func (d *detached) record(e state.Exit) error {
	if d.Remove {
		return d.dir.Remove()
	}
	r, err := d.dir.Load()
	if err != nil {
		return err
	}
	r.Exit = &e
	if err := d.dir.Save(r); err != nil {
		return err
	}
	return d.leaveErrand()
}

// clear is for a start that failed: nothing is left.
func (d *detached) clear() error {
	if d.server != nil {
		d.server.close()
	}
	if d.log != nil {
		_ = d.log.Close()
	}
	return d.dir.Remove()
}
