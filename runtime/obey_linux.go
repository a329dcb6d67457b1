package runtime

import (
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"mini/health"
)

// obey listens, to the end of this process, to those who may end the container:
// the time-out, and whoever sends us a signal.
func (s *supervisor) obey() {
	if s.Timeout > 0 {
		time.AfterFunc(s.Timeout, s.timeout)
	}
	s.signals.first()
	for sig := range s.signals {
		s.hear(sig.(syscall.Signal))
	}
}

// signals are all that are sent to us, to the end of this process.
//
// To take over one costs two turns of a thread that Go keeps for that, all of them
// more than the mounts of a container. So only those are taken over at once that
// people and engines send to a program that they have just started; the others,
// which do nothing to us until then, when it has run for a moment.
type signals chan os.Signal

func (s signals) first() {
	signal.Notify(s, unix.SIGTERM, unix.SIGINT, unix.SIGHUP, unix.SIGQUIT, unix.SIGUSR1, unix.SIGUSR2)
}

// early is first, beside what comes next. The channel closes when they are ours.
func (s signals) early() <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.first()
	}()
	return done
}

// soon is to be called when the program runs. then is called when all signals are ours:
// those that have come before were lost.
func (s signals) soon(then func()) {
	time.AfterFunc(5*time.Millisecond, func() {
		signal.Notify(s)
		then()
	})
}

// hear handles a signal that was sent to us. Those that ask programs to end
// end the container, and it is not restarted; when one comes again, at once.
// All others go to the program.
func (s *supervisor) hear(sig unix.Signal) {
	switch sig {
	case unix.SIGCHLD:
		s.guarded.renew()
	case unix.SIGURG, unix.SIGPIPE, unix.SIGWINCH:
		return // ours: the Go scheduler, stderr, the relay
	case unix.SIGTERM, unix.SIGINT, unix.SIGHUP, unix.SIGQUIT:
		if !s.ask(sig, unix.SignalName(sig)) {
			s.kill()
		}
	default:
		s.forward(sig)
	}
}

func (s *supervisor) forward(sig unix.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.begun:
		s.held = append(s.held, sig)
	case s.now != nil:
		_ = s.now.Signal(sig) // gone meanwhile: bury knows
	}
}

func (s *supervisor) timeout() {
	s.mu.Lock()
	s.timedOut = true
	s.mu.Unlock()
	if !s.ask(unix.SIGTERM, "--timeout "+s.Timeout.String()) {
		s.kill()
	}
}

// ask makes the heartbeat end the container by sig; false says that it was
// asked before.
func (s *supervisor) ask(sig unix.Signal, by string) bool {
	s.mu.Lock()
	first := s.asked == 0
	if first {
		s.asked, s.by = sig, by
	}
	begun := s.begun
	s.mu.Unlock()
	if first && begun {
		s.events <- health.Event{Kind: health.StopRequested}
	}
	return first
}

// stop begins the container's end: its signal, the grace, the kill. A person
// who sends SIGINT is there to send it again, so that has no end of grace.
func (s *supervisor) stop() {
	c := s.running()
	if c == nil {
		return
	}
	sig, grace := s.part()
	if deaf(c.Record.Pid, sig) {
		s.Say(s.config.ID + ": has no handler for " + unix.SignalName(sig) +
			", which process 1 never gets then: killed at once (--init changes that)")
		_ = c.Kill()
		return
	}
	_ = c.Signal(sig) // gone meanwhile: bury knows
	if sig != unix.SIGINT {
		time.AfterFunc(grace, func() { _ = c.Kill() })
	}
}

func (s *supervisor) kill() {
	if c := s.running(); c != nil {
		_ = c.Kill()
	}
}

// running is the container of now, nil between two.
func (s *supervisor) running() *Container {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// deaf says whether the kernel would drop sig: process 1 of a pid namespace
// gets from outside, SIGKILL and SIGSTOP apart, only what it has a handler for
// (pid_namespaces(7)).
func deaf(pid int, sig unix.Signal) bool {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return false
	}
	first, caught := false, false
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		fields := strings.Fields(value)
		switch {
		case name == "NSpid":
			first = len(fields) > 1 && fields[len(fields)-1] == "1"
		case name == "SigCgt" && len(fields) == 1:
			mask, err := strconv.ParseUint(fields[0], 16, 64)
			caught = err != nil || mask&(1<<(sig-1)) != 0
		}
	}
	return first && !caught
}
