package runtime

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"mini/runtime/wire"
)

// InitCommand is what the parent calls init by. No user types it.
const InitCommand = "init"

// initArgs are the words that init is called by. Its own descriptors, the
// channel and the gate, come after those that it keeps open for the program:
// 3 to 2+kept. It must know how many before it can be told anything.
func initArgs(kept int) []string {
	return []string{"mini", InitCommand, strconv.Itoa(kept)}
}

// initEnv is all of init's environment; the program never sees it. It is for Go's
// runtime: one thread that runs Go code is enough (each more costs a stack and a
// signal stack), and no garbage is collected in a life of milliseconds.
func initEnv() []string { return []string{"GOMAXPROCS=1", "GOGC=off"} }

// initSlack is the timer slack, in nanoseconds, that init is started with for the
// sake of Go's monitor thread: that one looks every 20 µs whether there is something
// to do while init works, which alone takes a twentieth of its time, and now waits
// until another timer is due anyway. Init sets its own slack back, which is the
// program's, before anything else.
const initSlack = 10_000_000

// Init is process 1 of the container: in all of its namespaces, root in its
// user namespace, the host's tree still its root. It returns only if it
// failed, with the status to exit with; its parent has been told why. args are
// what initArgs put behind the command.
//
// It is to be called while packages are initialised, for all that is done to the
// thread (capabilities, seccomp, keyring) is the program's: it has to be the main
// thread from the beginning to the end.
func Init(args []string) int {
	kept, err := strconv.ParseUint(strings.Join(args, " "), 10, 16)
	if err != nil || unix.Prctl(unix.PR_SET_TIMERSLACK, 0, 0, 0, 0) != nil {
		return 125
	}
	first := 3 + uint(kept)
	in := initProcess{channel: channel{os.NewFile(uintptr(first), "parent")}, gate: os.NewFile(uintptr(first)+1, "gate")}
	return in.report(in.run())
}

// initProcess is init's own state.
type initProcess struct {
	channel channel
	gate    *os.File
	conn    *os.File // once the gate is open: who reads our last words
	plan    *Plan
	watch   Watch
}

func (in *initProcess) run() error {
	b, files, err := in.learn()
	if err != nil {
		return err
	}
	if b.Process != nil {
		return in.join(b, files)
	}
	if err := in.adopt(b, files); err != nil {
		return err
	}
	if err := in.build(); err != nil {
		return err
	}
	if in.conn, err = acceptGate(in.gate); err != nil {
		return err
	}
	return in.plan.execute(Last, in.watch, noJournal)
}

// build does all of the plan up to the gate.
func (in *initProcess) build() error {
	if err := in.plan.execute(Mount, in.watch, noJournal); err != nil {
		return err
	}
	if err := in.sync(msgMounted); err != nil {
		return err
	}
	if err := in.plan.execute(Pivot, in.watch, noJournal); err != nil {
		return err
	}
	return in.ready()
}

// ready also hands over the other end of the terminal, if there is one.
func (in *initProcess) ready() error {
	if master := in.plan.master(); master != nil {
		return in.channel.send(msgReady, nil, master)
	}
	return in.channel.send(msgReady, nil)
}

// join is init as a further process of a container that runs.
func (in *initProcess) join(b boot, files []*os.File) (err error) {
	b.Config.Spec.Process, b.Config.Spec.Hooks = b.Process, nil
	if in.plan, err = planExec(b.Config, b.Facts); err != nil {
		return err
	}
	if files, err = in.plan.takeRoot(files); err != nil {
		return err
	}
	if _, err = in.plan.meet(b, files); err != nil {
		return err
	}
	for _, stage := range []Stage{Mount, Pivot} {
		if err := in.plan.execute(stage, in.watch, noJournal); err != nil {
			return err
		}
	}
	if err := in.ready(); err != nil {
		return err
	}
	if err := in.wait(); err != nil {
		return err
	}
	return in.plan.execute(Last, in.watch, noJournal)
}

// noJournal is init's: it makes nothing that outlives its namespaces.
func noJournal(string) error { return nil }

// learn receives the configuration, and the descriptors that only the parent
// could open.
func (in *initProcess) learn() (b boot, files []*os.File, err error) {
	for b.Config.Spec == nil {
		m, err := in.channel.receive()
		if err != nil {
			return b, files, err
		}
		switch m.kind {
		case msgFiles:
			files = append(files, m.files...)
		case msgConfig:
			err = wire.Read(m.body, &b)
		}
		if err != nil {
			return b, files, fmt.Errorf("read message %q: %w", m.kind, err)
		}
	}
	return b, files, nil
}

// adopt makes the parent's plan again.
func (in *initProcess) adopt(b boot, files []*os.File) (err error) {
	if b.Stepped {
		in.watch.Before = in.ask
	}
	if b.Watched {
		in.watch.After = in.tell
	}
	if in.plan, err = NewPlan(b.Config, b.Facts); err != nil {
		return err
	}
	if in.plan.reaper != nil {
		// While /proc is still the host's.
		if in.plan.reaper.Exe, err = os.Open("/proc/self/exe"); err != nil {
			return err
		}
	}
	if files, err = in.plan.meet(b, files); err != nil {
		return err
	}
	return in.plan.sources.Fill(files)
}

// sync says how far we are and waits for the parent.
func (in *initProcess) sync(k kind) error {
	if err := in.channel.send(k, nil); err != nil {
		return err
	}
	return in.wait()
}

func (in *initProcess) wait() error {
	m, err := in.channel.receive()
	if err == nil && m.kind != msgGo {
		err = fmt.Errorf("message %q where go was expected", m.kind)
	}
	return err
}

func (in *initProcess) ask(i int, _ Step) error {
	if err := in.channel.send(msgNext, packStep(i, 0)); err != nil {
		return err
	}
	return in.wait()
}

func (in *initProcess) tell(i int, _ Step, took time.Duration) {
	// A parent that no longer listens does not matter here: sync and the
	// gate find out.
	_ = in.channel.send(msgStep, packStep(i, took))
}

// report says the last words to whoever listens: the starter at the gate,
// or the creator on the channel.
func (in *initProcess) report(err error) int {
	f := pack(err)
	text, err := json.Marshal(f)
	if err != nil {
		return f.Status
	}
	if in.conn != nil {
		_, _ = in.conn.Write(text)
	} else {
		_ = in.channel.send(msgError, text)
	}
	return f.Status
}
