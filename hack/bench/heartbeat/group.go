package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const cgroupRoot = "/sys/fs/cgroup"

// usage is the CPU time that a cgroup has used, those below it and all that have
// ended included (cpu.stat). One that is not there has used none.
func usage(group string) (time.Duration, error) {
	text, err := os.ReadFile(filepath.Join(group, "cpu.stat"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "usage_usec "); ok {
			µs, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			return time.Duration(µs) * time.Microsecond, err
		}
	}
	return 0, fmt.Errorf("%s: no usage_usec", group)
}

// usages is the sum over some cgroups.
func usages(groups ...string) (sum time.Duration, err error) {
	for _, g := range groups {
		used, failed := usage(g)
		sum, err = sum+used, errors.Join(err, failed)
	}
	return sum, err
}

// members are the processes of a cgroup itself.
func members(group string) (pids []int, err error) {
	text, err := os.ReadFile(filepath.Join(group, "cgroup.procs"))
	if err != nil {
		return nil, err
	}
	for _, word := range strings.Fields(string(text)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			return nil, err
		}
		pids = append(pids, pid)
	}
	return pids, nil
}

// bornIn lets a process begin in a cgroup, which is made if need be.
func bornIn(group string) (*syscall.SysProcAttr, *os.File, error) {
	if err := os.MkdirAll(group, 0o755); err != nil {
		return nil, nil, err
	}
	dir, err := os.Open(group)
	if err != nil {
		return nil, nil, err
	}
	return &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(dir.Fd())}, dir, nil
}

// groupOf is where a process is.
func groupOf(pid int) (string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		if path, ok := strings.CutPrefix(line, "0::"); ok {
			return filepath.Join(cgroupRoot, strings.TrimSpace(path)), nil
		}
	}
	return "", fmt.Errorf("process %d is in no cgroup of v2", pid)
}
