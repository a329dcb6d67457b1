package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// private is the memory that only this process has: what its end would free, in
// KiB (smaps_rollup: Private_Clean and Private_Dirty). dirty is the second alone:
// clean pages of a program are private just because nobody else executes it now.
func private(pid int) (all, dirty float64, err error) {
	clean, err := field(fmt.Sprintf("/proc/%d/smaps_rollup", pid), "Private_Clean:")
	if err != nil {
		return 0, 0, err
	}
	dirty, err = field(fmt.Sprintf("/proc/%d/smaps_rollup", pid), "Private_Dirty:")
	return clean + dirty, dirty, err
}

// own is the anonymous memory of who watches a service, in KiB. A guard is a fork:
// what both have not written to since is of no one alone, and here is counted once
// (Pss_Anon).
func own(s *service) (sum float64, err error) {
	for _, pid := range []int{s.watcher, s.guard} {
		if pid == 0 {
			continue
		}
		n, err := field(fmt.Sprintf("/proc/%d/smaps_rollup", pid), "Pss_Anon:")
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

// switches counts how often the threads of a process have been given the CPU.
func switches(pid int) (n float64, err error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		for _, key := range []string{"voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:"} {
			if v, err := field(f, key); err == nil { // else the thread has ended
				n += v
			}
		}
	}
	return n, nil
}

// field reads the number behind a word at the beginning of a line.
func field(file, key string) (float64, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == key {
			return strconv.ParseFloat(words[1], 64)
		}
	}
	return 0, fmt.Errorf("%s: no %s", file, key)
}

// A stat is what /proc/PID/stat counts (proc_pid_stat(5)).
type stat struct {
	parent   int
	ticks    int64 // of CPU, 10 ms each as a rule: utime and stime
	children int64 // page faults of children that it has waited for: 0 if there were none
}

func readStat(pid int) (s stat, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return s, err
	}
	// The second field, the name in parentheses, may have spaces in it.
	words := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(words) < 13 {
		return s, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(words))
	}
	var n [13]int64
	for i := range n[1:] {
		if n[i+1], err = strconv.ParseInt(words[i+1], 10, 64); err != nil {
			return s, err
		}
	}
	return stat{parent: int(n[1]), ticks: n[11] + n[12], children: n[8]}, nil
}
