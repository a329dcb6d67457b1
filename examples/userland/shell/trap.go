package shell

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// traps are the scripts to run on signals and, as signal 0, at the exit.
type traps struct {
	actions map[syscall.Signal]string
	arrived chan os.Signal
}

// ignoreKeyboard keeps ^C and ^\ for the programs that the shell waits for: they
// get the default action again when they are executed. There is no job control,
// so ^Z is off for all.
func (t *traps) ignoreKeyboard() {
	signal.Notify(make(chan os.Signal, 1), unix.SIGINT, unix.SIGQUIT)
	signal.Ignore(unix.SIGTSTP)
}

// trap is trap [ACTION] SIGNAL…: no action or - restores, an empty one ignores.
func (s *Shell) trap(args []string) error {
	action := "-"
	if len(args) > 1 {
		action, args = args[0], args[1:]
	}
	for _, name := range args {
		sig, ok := signalNamed(name)
		if !ok {
			return s.failed(fmt.Errorf("trap: no signal is named %s", name))
		}
		s.traps.set(sig, action)
	}
	return nil
}

func (t *traps) set(sig syscall.Signal, action string) {
	if t.actions == nil {
		t.actions, t.arrived = map[syscall.Signal]string{}, make(chan os.Signal, 8)
	}
	delete(t.actions, sig)
	switch {
	case sig == 0 && action != "-":
		t.actions[0] = action
	case sig == 0:
	case action == "-":
		signal.Reset(sig)
	case action == "":
		signal.Ignore(sig)
	default:
		t.actions[sig] = action
		signal.Notify(t.arrived, sig)
	}
}

// signalNamed knows TERM, SIGTERM, 15, EXIT and 0.
func signalNamed(name string) (syscall.Signal, bool) {
	if n, err := strconv.Atoi(name); err == nil {
		return syscall.Signal(n), n >= 0 && n < 65
	}
	if name == "EXIT" {
		return 0, true
	}
	sig := unix.SignalNum("SIG" + strings.TrimPrefix(name, "SIG"))
	return sig, sig != 0
}

// runTraps runs the actions of signals that have come since the last command.
func (s *Shell) runTraps() error {
	for {
		select {
		case sig := <-s.traps.arrived:
			if err := s.onSignal(sig); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// onSignal runs one action; $? is afterwards what it was before.
func (s *Shell) onSignal(sig os.Signal) error {
	status := s.status
	if err := s.evalText(s.traps.actions[sig.(syscall.Signal)]); err != nil {
		return err
	}
	s.status = status
	return nil
}

// endTrap runs the action for EXIT, once.
func (s *Shell) endTrap() {
	action := s.traps.actions[0]
	if delete(s.traps.actions, 0); action != "" {
		s.finish(s.evalText(action))
	}
}

// wait waits for the children given, or for all; a trapped signal ends it with
// 128 + its number.
func (s *Shell) wait(args []string) error {
	jobs := s.jobs
	if len(args) > 0 {
		jobs = nil
		for _, arg := range args {
			if j := s.job(arg); j != nil {
				jobs = append(jobs, j)
			} else {
				s.status = 127
			}
		}
	}
	for _, j := range jobs {
		select {
		case <-j.done:
			if s.status = 0; len(args) > 0 {
				s.status = j.status
			}
		case sig := <-s.traps.arrived:
			err := s.onSignal(sig)
			if err == nil {
				s.status = 128 + int(sig.(syscall.Signal))
			}
			return err
		}
	}
	return nil
}

// job finds a child by what $! said.
func (s *Shell) job(pid string) *job {
	for _, j := range s.jobs {
		if strconv.Itoa(j.pid) == pid {
			return j
		}
	}
	return nil
}
