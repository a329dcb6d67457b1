package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"
)

const (
	failureSection = "a service that fails, asked each second, unhealthy after 3 failures"
	askCommand     = "CMD " + servicePath + " ask http://" + webAddress + "/"
	interval       = time.Second
)

// failures makes services ill and takes the time until that is known, and until
// a new one runs.
func (b *bench) failures() error {
	for range b.rounds {
		for _, ask := range []struct{ kind, settings string }{
			{"http", `"http": {"url": "http://` + webAddress + `/"}`},
			{"exec", `"exec": {"args": ["` + servicePath + `", "ask", "http://` + webAddress + `/"]}`},
		} {
			if err := b.failureOfMini(ask.kind, ask.settings); err != nil {
				return err
			}
		}
		if err := b.failureOfPodman(); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) failureOfMini(kind, settings string) error {
	file, err := b.file("health.json", `{"onFailure": "restart", "checks": [{"name": "bench", `+settings+`, "delay": "300ms", "interval": "1s", "failures": 3}]}`)
	if err != nil {
		return err
	}
	flags := append([]string{"--health-file", file}, restartFlags["mini"]...)
	s, err := b.mini.start(b.unused(), flags, servicePath, "service")
	if err != nil {
		return err
	}
	defer b.mini.remove(s)
	args := b.mini.args("events", "-f", s.name)
	events := exec.Command(args[0], args[1:]...)
	out, err := events.StdoutPipe()
	if err != nil {
		return err
	}
	if err := events.Start(); err != nil {
		return err
	}
	defer events.Wait()
	defer events.Process.Kill()
	pid, err := b.mini.first(s)
	if err != nil {
		return err
	}
	begin, wall := fail(pid)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var e struct {
			Time  time.Time `json:"time"`
			Event string    `json:"event"`
			State string    `json:"state"`
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return err
		}
		if e.Event == "state" && e.State == "unhealthy" {
			b.add(failureSection, "by "+kind+": unhealthy after", "s", "mini", e.Time.Sub(wall).Seconds())
			break
		}
	}
	born, err := s.page.wait(2)
	b.add(failureSection, "by "+kind+": the next start after", "s", "mini", (born - begin - backoff).Seconds())
	return err
}

// fail makes a service ill, at any moment between two probes.
func fail(pid int) (time.Duration, time.Time) {
	time.Sleep(2*time.Second + rand.N(interval))
	_ = unix.Kill(pid, unix.SIGUSR1) // if it has gone, what is waited for does not come
	return now(), time.Now()
}

// failureOfPodman asks each second in place of systemd's timer.
func (b *bench) failureOfPodman() error {
	flags := append([]string{"--health-cmd", askCommand, "--health-interval", "disable", "--health-retries", "3",
		"--health-on-failure", "restart"}, restartFlags["podman"]...)
	s, err := b.podman.start(b.unused(), flags, servicePath, "service")
	if err != nil {
		return err
	}
	defer b.podman.remove(s)
	pid, err := b.podman.first(s)
	if err != nil {
		return err
	}
	begin, _ := fail(pid)
	time.Sleep(rand.N(interval))
	for range 3 {
		if err := b.podman.run("healthcheck", "run", s.name); err == nil {
			return fmt.Errorf("podman finds %s healthy", s.name)
		}
		time.Sleep(interval)
	}
	b.add(failureSection, "by exec: unhealthy after", "s", "podman", (now() - interval - begin).Seconds())
	born, err := s.page.wait(2)
	b.add(failureSection, "by exec: the next start after", "s", "podman", (born - begin).Seconds())
	return err
}
