package main

import (
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

const (
	restartSection = "death to restart"
	// backoff is the wait that mini is told to have before each restart. podman has none.
	backoff = 100 * time.Millisecond
)

var restartFlags = map[string][]string{
	"mini": {"--restart", "always", "--restart-delay", backoff.String(), "--restart-delay-factor", "1",
		"--restart-delay-jitter", "0", "--start-limit", "none"},
	"podman": {"--restart", "always"},
}

// mortal is an engine whose services can be killed from outside.
type mortal interface {
	engine
	first(s *service) (int, error)
}

// restarts starts services, and kills each a few times. A start is from the
// command's execve, a restart from the kill, to the first lines of the service.
func (b *bench) restarts() error {
	for range b.rounds {
		for _, e := range []mortal{b.mini, b.podman} {
			if err := b.restartsOf(e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bench) restartsOf(e mortal) error {
	name := b.unused()
	begin := now()
	s, err := e.start(name, restartFlags[e.name()], servicePath, "service")
	if err != nil {
		return err
	}
	defer e.remove(s)
	born, err := s.page.wait(1)
	if err != nil {
		return err
	}
	b.add(restartSection, "a start", "ms", e.name(), milliseconds(born-begin))
	for n := range int64(3) {
		time.Sleep(300 * time.Millisecond) // whatever follows a start is over
		took, err := b.kill(e, s, n+2)
		if err != nil {
			return err
		}
		if e.name() == "mini" {
			took -= backoff
		}
		b.add(restartSection, "from SIGKILL to the next start, less the back-off", "ms", e.name(), milliseconds(took))
	}
	return b.foreground(e)
}

// kill ends a service and waits for its start with that number.
func (b *bench) kill(e mortal, s *service, number int64) (time.Duration, error) {
	pid, err := e.first(s)
	if err != nil {
		return 0, err
	}
	begin := now()
	if err := unix.Kill(pid, unix.SIGKILL); err != nil {
		return 0, os.NewSyscallError("kill", err)
	}
	born, err := s.page.wait(number)
	return born - begin, err
}

// foreground is a start without -d: no supervisor has to be started for it. The
// service gets no address to listen on, and ends.
func (b *bench) foreground(e mortal) error {
	if e.name() != "mini" {
		return nil
	}
	name := b.unused()
	dir, p, err := b.volume(name)
	if err != nil {
		return err
	}
	begin := now()
	err = b.command(filepath.Join(b.group, "foreground"), nil, b.mini.args("run", "--name", name, "--rootfs", b.root(),
		"--volume", dir+":/bench", "--", servicePath, "once")...)
	if err != nil {
		return err
	}
	born, err := p.wait(1)
	b.add(restartSection, "a start in the foreground", "ms", "mini", milliseconds(born-begin))
	return err
}
