package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// suite is how the programs are run.
type suite struct {
	dir      string // of the programs; they look for their files there
	out      string // for what they print
	runtimes []string
	jobs     int
	limit    time.Duration
}

// verdicts has one verdict for each program and runtime.
type verdicts map[string]map[string]verdict

// alone names the programs that all use the cgroup /cgrouptest.
var alone = regexp.MustCompile(`^(linux_cgroups_|delete_)`)

// run runs each program with each runtime. They mostly sleep, so several run at
// once, but of those that share a cgroup one.
func (s suite) run(programs []string) (verdicts, error) {
	all := verdicts{}
	var mu sync.Mutex
	var errs []error
	var wait sync.WaitGroup
	slots, cgroup := make(chan struct{}, s.jobs), sync.Mutex{}
	for _, runtime := range s.runtimes {
		for _, program := range programs {
			wait.Go(func() {
				if alone.MatchString(program) {
					cgroup.Lock()
					defer cgroup.Unlock()
				}
				slots <- struct{}{}
				defer func() { <-slots }()
				v, err := s.one(program, runtime)
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
				all.add(program, runtime, v)
			})
		}
	}
	wait.Wait()
	return all, errors.Join(errs...)
}

// again runs those that surprise with our runtime once more, one by one: they
// give a container ten seconds to stop, which beside others, or on a busy machine,
// may be too little in an emulated one.
func (s suite) again(all verdicts, list map[string]known) error {
	ours := s.runtimes[len(s.runtimes)-1]
	for program, each := range all {
		if compare(each[ours], list[program]) == "" {
			continue
		}
		v, err := s.one(program, ours)
		if err != nil {
			return err
		}
		each[ours] = v
	}
	return nil
}

func (v verdicts) add(program, runtime string, one verdict) {
	if v[program] == nil {
		v[program] = map[string]verdict{}
	}
	v[program][runtime] = one
}

// one runs one program and keeps what it prints. When its time is over, all that
// it started in its process group goes with it; containers do not, and are no
// harm in a machine that is thrown away.
func (s suite) one(program, runtime string) (verdict, error) {
	ctx, cancel := context.WithTimeout(context.Background(), s.limit)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "./"+program)
	cmd.Dir, cmd.Env = s.dir, append(os.Environ(), "RUNTIME="+runtime)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	begin := time.Now()
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) && ctx.Err() == nil && !errors.Is(err, exec.ErrWaitDelay) {
		return verdict{}, err
	}
	if took := time.Since(begin); took > time.Minute {
		fmt.Fprintf(os.Stderr, "%s %s: %.0f s\n", filepath.Base(runtime), program, took.Seconds())
	}
	v := parse(stdout.String())
	v.silent = v.silent && !strings.HasSuffix(program, "_fail") // those are to be refused, and then say nothing
	v.timedOut, v.status = ctx.Err() != nil, exitStatus(cmd.ProcessState)
	return v, s.keep(program, runtime, stdout.Bytes(), stderr.Bytes())
}

// exitStatus is what a shell has in $?.
func exitStatus(p *os.ProcessState) int {
	if w, ok := p.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return p.ExitCode()
}

// keep writes what the program printed to the folder of the runtime.
func (s suite) keep(program, runtime string, stdout, stderr []byte) error {
	dir := filepath.Join(s.out, filepath.Base(runtime))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	text := append(bytes.TrimRight(stdout, "\n"), "\n--- stderr\n"...)
	return os.WriteFile(filepath.Join(dir, program), append(text, stderr...), 0o644)
}

// find returns the names of the programs whose name matches: what can be
// executed in their directory, but for the one that they run in containers.
func find(dir string, only *regexp.Regexp) (programs []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			return nil, err
		}
		name := entry.Name()
		program := info.Mode().IsRegular() && info.Mode()&0o111 != 0 && name != "runtimetest"
		if program && !strings.Contains(name, ".") && only.MatchString(name) {
			programs = append(programs, name)
		}
	}
	if len(programs) == 0 {
		return nil, fmt.Errorf("no program in %s matches %s", dir, only)
	}
	return programs, nil
}
