package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"golang.org/x/sys/unix"

	"mini/examples/userland/first"
)

// rlimits by number, from asm-generic/resource.h.
const rlimits = "cpu fsize data stack core rss nproc nofile memlock as locks sigpending msgqueue nice rtprio rttime"

// cgroupFiles are those that limits shows, where the controller is on.
const cgroupFiles = "memory.max memory.swap.max memory.current memory.peak memory.events pids.max pids.current pids.events cpu.max cpu.weight cpu.stat cpuset.cpus.effective"

// limits prints the resource limits of this process, then those of its cgroup.
func limits(c *call) error {
	w := tabwriter.NewWriter(c.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "RLIMIT\tSOFT\tHARD")
	for i, name := range strings.Fields(rlimits) {
		var lim unix.Rlimit
		if err := unix.Prlimit(0, i, nil, &lim); err != nil {
			return os.NewSyscallError("prlimit", err)
		}
		if name == "nofile" {
			lim.Cur, lim.Max = first.Files()
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", name, rlimitText(lim.Cur), rlimitText(lim.Max))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return c.cgroupLimits()
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
