package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// sample is one run, its children included as far as they were waited for.
type sample struct {
	Wall, CPU time.Duration
	Faults    int64 // page faults, minor ones
	Memory    int64 // peak of the largest process, KiB
}

// result is one runtime's numbers.
type result struct {
	Name    string
	Samples []sample
	Calls   int   // system calls of one run
	Size    int64 // of the binary, bytes
}

// measure runs each runtime n times, in turns that begin with another each time.
// One run before that is not counted: it fills caches.
func measure(runtimes []runtime, bundle string, n int) ([]result, error) {
	results := make([]result, len(runtimes))
	for i, r := range runtimes {
		info, err := os.Stat(r.path)
		if err != nil {
			return nil, err
		}
		results[i] = result{Name: r.name, Size: info.Size()}
		if _, err := once(r.command(bundle, 0)); err != nil {
			return nil, err
		}
		if results[i].Calls, err = calls(r, bundle); err != nil {
			return nil, err
		}
	}
	for turn := range n {
		for k := range runtimes {
			i := (turn + k) % len(runtimes)
			s, err := once(runtimes[i].command(bundle, turn))
			if err != nil {
				return nil, err
			}
			results[i].Samples = append(results[i].Samples, s)
		}
	}
	return results, nil
}

// command is the form that all runtimes share.
func (r runtime) command(bundle string, turn int) *exec.Cmd {
	return exec.Command(r.path, "--root", filepath.Join(bundle, "state-"+r.name),
		"run", "-b", bundle, fmt.Sprintf("bench-%s-%d", r.name, turn))
}

// once times a command that has to succeed.
func once(cmd *exec.Cmd) (sample, error) {
	begin := time.Now()
	out, err := cmd.CombinedOutput()
	wall := time.Since(begin)
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return sample{
		Wall:   wall,
		CPU:    cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		Faults: usage.Minflt,
		Memory: usage.Maxrss,
	}, nil
}

// calls counts the system calls of one run, all processes together.
func calls(r runtime, bundle string) (int, error) {
	file := filepath.Join(bundle, "calls-"+r.name)
	cmd := r.command(bundle, 0)
	strace := exec.Command("strace", append([]string{"-f", "-c", "-o", file}, cmd.Args...)...)
	if _, err := once(strace); err != nil {
		return 0, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	return total(string(text))
}

// total reads the last line of strace -c: 100.00 seconds usecs/call calls [errors] total.
func total(table string) (int, error) {
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) >= 5 && fields[len(fields)-1] == "total" {
			return strconv.Atoi(fields[3])
		}
	}
	return 0, fmt.Errorf("strace -c printed no total:\n%s", table)
}

// median of one number over all samples.
func (r result) median(of func(sample) float64) float64 {
	if len(r.Samples) == 0 {
		return 0
	}
	var values []float64
	for _, s := range r.Samples {
		values = append(values, of(s))
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 0 {
		return (values[middle-1] + values[middle]) / 2
	}
	return values[middle]
}
