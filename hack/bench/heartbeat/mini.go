package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mini is this project's engine. Each of its supervisors is in a cgroup of its own.
type mini struct{ *lab }

func (m mini) name() string { return "mini" }

func (m mini) args(args ...string) []string {
	return append([]string{m.mini, "--root", filepath.Join(m.dir, "mini")}, args...)
}

func (m mini) start(name string, flags []string, args ...string) (*service, error) {
	dir, p, err := m.volume(name)
	if err != nil {
		return nil, err
	}
	s := &service{name: name, page: p, group: filepath.Join(m.group, name)}
	all := append(m.args("run", "-d", "--name", name, "--rootfs", m.root(), "--volume", dir+":/bench"), flags...)
	begin := now()
	if err := m.command(s.group, nil, append(append(all, "--"), args...)...); err != nil {
		return nil, err
	}
	s.took = now() - begin
	return s, m.recognize(s)
}

// recognize finds the supervisor, and its guard: a child that ends the container
// if the supervisor is killed.
func (m mini) recognize(s *service) error {
	pids, err := members(s.group)
	if err != nil {
		return err
	}
	for _, pid := range pids {
		st, err := readStat(pid)
		switch {
		case err != nil:
			return err
		case slices.Contains(pids, st.parent):
			s.guard = pid
		default:
			s.watcher = pid
		}
	}
	if s.watcher == 0 || len(pids) > 2 {
		return fmt.Errorf("%s has the supervisors %v\n%s", s.name, pids, m.words(s.name))
	}
	return nil
}

func (m mini) remove(s *service) error {
	err := m.command(m.group, nil, m.args("delete", "--force", s.name)...)
	_ = os.Remove(s.group)
	return err
}

// first is the service's first process, as the host knows it.
func (m mini) first(s *service) (int, error) {
	pids, err := members(filepath.Join(cgroupRoot, "mini", s.name))
	if err != nil || len(pids) == 0 {
		return 0, errors.Join(err, fmt.Errorf("%s has no process", s.name))
	}
	return pids[0], nil
}

// metrics is the flag by which a supervisor tells how many probes it has made,
// to those who ask.
func (m mini) metrics(name string) string {
	return "--metrics-listen=unix:" + filepath.Join(m.dir, name+".sock")
}

// probes counts the results so far.
func (m mini) probes(name string) (n float64, err error) {
	text, err := m.scrape(filepath.Join(m.dir, name+".sock"))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "mini_probe_results_total{") {
			continue
		}
		value, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:len(line)-1], 64)
		if err != nil {
			return 0, err
		}
		if !strings.Contains(line, `"success"`) && value > 0 {
			return 0, fmt.Errorf("%s: a probe was no success: %s", name, line)
		}
		n += value
	}
	return n, nil
}

func (m mini) scrape(socket string) (string, error) {
	c := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", socket) }}}
	r, err := c.Get("http://supervisor/metrics")
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	return string(text), err
}

// output runs a short mini command that prints.
func (m mini) output(args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	all := m.args(args...)
	return exec.CommandContext(ctx, all[0], all[1:]...).Output()
}

// words is what a service and its supervisor have said, for an error.
func (m mini) words(name string) string {
	all := m.args("logs", name)
	out, _ := exec.Command(all[0], all[1:]...).CombinedOutput() // without them, there are none
	return string(out)
}
