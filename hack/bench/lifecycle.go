package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// lifecycle is a container as engines make one: create, start, delete, each timed.
func lifecycle(r runtime, bundle string) trial {
	return trial{"create, start, delete", func(turn int) (map[string]sample, error) {
		id, got := fmt.Sprintf("life-%d", turn), map[string]sample{}
		for _, step := range []struct {
			what string
			args []string
		}{
			{"create", []string{"create", "-b", bundle, id}},
			{"start", []string{"start", id}},
			{"delete", []string{"delete", "--force", id}},
		} {
			s, err := once(r.command(step.args...))
			if err != nil {
				return nil, err
			}
			got[step.what] = s
			all := got["create to delete"]
			got["create to delete"] = sample{Wall: all.Wall + s.Wall, CPU: all.CPU + s.CPU}
		}
		return got, nil
	}}
}

// sleeper is a container that runs until it is ended.
type sleeper struct {
	runtime
	id  string
	pid int
}

// sleep creates one and looks at init while it waits to be started.
func sleep(r runtime, bundle string) (s sleeper, waiting float64, err error) {
	s = sleeper{r, "sleeper", 0}
	file := filepath.Join(bundle, "pid-"+r.name)
	if _, err = once(r.command("create", "-b", bundle, "--pid-file", file, s.id)); err != nil {
		return s, 0, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return s, 0, err
	}
	if s.pid, err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil {
		return s, 0, err
	}
	if waiting, err = private(s.pid); err != nil {
		return s, 0, err
	}
	_, err = once(r.command("start", s.id))
	return s, waiting, err
}

func (s sleeper) end() error {
	_, err := once(s.command("delete", "--force", s.id))
	return err
}

// private is the memory that is there for one process alone, in KiB: what it has
// written (proc_pid_smaps(5), Anonymous). The pages of its program are the
// page cache's, and shared as soon as there are two of it.
func private(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, err
	}
	return privateOf(string(text)), nil
}

func privateOf(rollup string) (sum float64) {
	for line := range strings.Lines(rollup) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "Anonymous:" {
			n, _ := strconv.ParseFloat(fields[1], 64) // the kernel writes numbers
			sum += n
		}
	}
	return sum
}

// supervisor is what stays of a runtime beside a program that it runs: the
// private memory of its own processes, in KiB.
func supervisor(r runtime, bundle string) (float64, error) {
	file := filepath.Join(bundle, "supervised-"+r.name)
	cmd := r.command("run", "-b", bundle, "--pid-file", file, "supervised")
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer cmd.Wait()
	defer once(r.command("delete", "--force", "supervised"))
	if err := appears(file); err != nil {
		return 0, err
	}
	return private(cmd.Process.Pid)
}
