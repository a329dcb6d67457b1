package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"text/tabwriter"

	"golang.org/x/sys/unix"
)

// rlimits by number, from asm-generic/resource.h.
const rlimits = "cpu fsize data stack core rss nproc nofile memlock as locks sigpending msgqueue nice rtprio rttime"

// cgroupFiles are those that limits shows, where the controller is on.
const cgroupFiles = "memory.max memory.swap.max memory.current memory.peak memory.events pids.max pids.current pids.events cpu.max cpu.weight cpu.stat cpuset.cpus.effective"

// limits prints the resource limits that programs get here, then those of the cgroup.
func limits(c *call) error {
	w := tabwriter.NewWriter(c.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "RLIMIT\tSOFT\tHARD")
	err := ofFreshProgram(func(pid int) error {
		for i, name := range strings.Fields(rlimits) {
			var lim unix.Rlimit
			if err := unix.Prlimit(pid, i, nil, &lim); err != nil {
				return os.NewSyscallError("prlimit", err)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\n", name, rlimitText(lim.Cur), rlimitText(lim.Max))
		}
		return w.Flush()
	})
	if err != nil {
		return err
	}
	return c.cgroupLimits()
}

// ofFreshProgram calls ask with the pid of a program that has not yet run its
// first instruction, stopped there by ptrace(2). This process will not do: Go raises
// its own soft RLIMIT_NOFILE when it starts, and gives children the one it found
// (go.dev/issue/46279). Where tracing is forbidden it has to do, with pid 0.
func ofFreshProgram(ask func(pid int) error) error {
	runtime.LockOSThread() // the tracer is a thread
	defer runtime.UnlockOSThread()
	p, err := os.StartProcess(self(), []string{"true"}, &os.ProcAttr{Sys: &syscall.SysProcAttr{Ptrace: true}})
	if err != nil {
		return ask(0)
	}
	defer func() {
		_ = p.Kill() // stopped or dead: it cannot have been reaped
		_, _ = p.Wait()
	}()
	var w unix.WaitStatus
	if _, err := unix.Wait4(p.Pid, &w, 0, nil); err != nil || !w.Stopped() {
		return fmt.Errorf("trace %s: %v, status %#x", self(), err, int(w))
	}
	return ask(p.Pid)
}

func rlimitText(n uint64) string {
	if n == unix.RLIM_INFINITY {
		return "unlimited"
	}
	return fmt.Sprint(n)
}

func (c *call) cgroupLimits() error {
	dir, err := ownCgroup()
	if err != nil {
		return err
	}
	if dir == "" {
		c.printf("no cgroup v2 is mounted here\n")
		return nil
	}
	c.printf("cgroup %s\n", dir)
	for name := range strings.FieldsSeq(cgroupFiles) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil { // else the controller is off: then there is no limit
			c.printf("%s %s\n", name, strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", ", "))
		}
	}
	return nil
}

// ownCgroup is the directory of this process's cgroup v2, or "".
func ownCgroup() (string, error) {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", err
	}
	mounts, err := mountTable()
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::")
		for _, m := range mounts {
			if ok && m.fstype == "cgroup2" {
				return filepath.Join(m.target, path), nil
			}
		}
	}
	return "", nil
}
