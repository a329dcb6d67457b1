package stdio

import (
	"errors"
	"math"
	"os"

	"github.com/opencontainers/runtime-spec/specs-go"

	"mini/namespaces/calls"
)

// ErrNotTTY is a terminal asked for by a caller who has none to connect it to.
var ErrNotTTY = errors.New("standard input is not a terminal: run mini in a terminal, or set terminal to false")

// Config is what the container's program gets for descriptors 0, 1 and 2.
type Config struct {
	Terminal bool       // /process/terminal; false: they stay as init has them
	Size     *specs.Box // /process/consoleSize, in characters; nil: as the kernel makes it
	Attached bool       // mini itself will relay to the terminal on its standard input
	Joined   bool       // of a further process: /dev/console stays the first one's
}

// Facts is what the plan must know of mini's own descriptors.
type Facts struct {
	TTY bool // standard input is a terminal
}

// Terminal is the cell for the pseudoterminal. The steps fill it: Master in the
// process that has them done, which need not be that whose terminal it is.
type Terminal struct {
	Master *os.File  // close-on-exec
	slave  calls.Arg // in the process that is to have it
}

// Steps are the part of the plan that makes descriptors 0, 1 and 2.
type Steps struct {
	Pivot    []Op      // by init, after pivot_root, while /dev can be written
	Terminal *Terminal // nil if there is none
}

// Plan checks the configuration and lays out the steps. It reads nothing but
// its arguments.
func Plan(c Config, f Facts) (Steps, error) {
	session := newSession{note{"", "signals of the caller's terminal and its job control end here (setsid(2))"}}
	if !c.Terminal {
		return Steps{Pivot: []Op{session}}, nil
	}
	if c.Attached && !f.TTY {
		return Steps{}, &FieldError{field, ErrNotTTY}
	}
	t := new(Terminal)
	ops := []Op{openPty{note{field, "a new pair in the container's own devpts, so that its name there is true (pts(4))"}, t}}
	if c.Size != nil {
		if err := checkSize(*c.Size); err != nil {
			return Steps{}, err
		}
		ops = append(ops, setSize{note{sizeField, "tells programs how many rows and columns there are (TIOCSWINSZ(2const))"}, t, *c.Size})
	}
	ops = append(ops, clearONLCR{note{field, "the terminal at the other end adds the carriage returns (termios(3))"}, t})
	if !c.Joined {
		ops = append(ops, bindConsole{note{field, "/dev/console is the terminal of the container, not of the host (move_mount(2))"}, t})
	}
	ops = append(ops,
		session,
		setStdio{note{field, "the program's controlling terminal, on 0, 1 and 2 (TIOCSCTTY(2const), dup(2))"}, t},
	)
	return Steps{Pivot: ops, Terminal: t}, nil
}

const (
	field     = "/process/terminal"
	sizeField = "/process/consoleSize"
)

// checkSize: struct winsize has 16 bits for each.
func checkSize(b specs.Box) error {
	if b.Height > math.MaxUint16 {
		return refuse(sizeField+"/height", "%d rows are more than %d", b.Height, math.MaxUint16)
	}
	if b.Width > math.MaxUint16 {
		return refuse(sizeField+"/width", "%d columns are more than %d", b.Width, math.MaxUint16)
	}
	return nil
}
