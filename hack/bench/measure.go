package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// result is what was found of one runtime or floor.
type result struct {
	Name    string
	Samples map[string][]sample `json:",omitempty"` // of run, create, start …
	Numbers map[string]float64  // what is counted once, and medians for JSON
}

// trial is something that is timed again and again, for each in turns.
type trial struct {
	what string
	do   func(turn int) (map[string]sample, error)
}

// single is a trial of one command.
func single(what string, command func(turn int) *exec.Cmd) trial {
	return trial{what, func(turn int) (map[string]sample, error) {
		s, err := once(command(turn))
		return map[string]sample{what: s}, err
	}}
}

// turns does each result's trial n times; each turn begins with another, so that
// whatever the machine does meanwhile hits all alike, and every other one goes
// backwards: what the kernel still does for one, after its end, is the next one's loss.
// The first turn is not counted: it fills caches.
func turns(results []result, trials []trial, n int) error {
	for turn := range n + 1 {
		for k := range trials {
			i := order(turn, k, len(trials))
			got, err := trials[i].do(turn)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", results[i].Name, trials[i].what, err)
			}
			for what, s := range got {
				if turn > 0 {
					results[i].Samples[what] = append(results[i].Samples[what], s)
				}
			}
		}
	}
	return nil
}

// order is which of n comes as the k-th in a turn.
func order(turn, k, n int) int {
	if turn%2 == 1 {
		k = n - 1 - k
	}
	return (turn/2 + k) % n
}

// countOnce finds what is counted of one run each: its system calls, all processes
// together, and its memory.
func countOnce(numbers map[string]float64, command func(turn string) *exec.Cmd, dir string) (err error) {
	if numbers[callsOfRun], err = calls(command("counted"), dir); err != nil {
		return err
	}
	numbers[peakOfRun], err = peak(command("weighed"), dir)
	return err
}

// calls counts system calls.
func calls(cmd *exec.Cmd, dir string) (float64, error) {
	text, err := through(cmd, dir, "strace", "-f", "-c", "-o")
	if err != nil {
		return 0, err
	}
	n, err := total(text)
	return float64(n), err
}

// peak is the peak memory of the largest process, in KiB. It is asked of time(1),
// which forks: what Go starts begins as one with the benchmark (vfork(2)), and the
// kernel keeps the larger of the two as the peak.
func peak(cmd *exec.Cmd, dir string) (float64, error) {
	text, err := through(cmd, dir, "time", "-f", "%M", "-o")
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(strings.TrimSpace(text), 64)
}

// through runs a command by another, whose last argument is a file for what it found.
func through(cmd *exec.Cmd, dir string, words ...string) (string, error) {
	file := filepath.Join(dir, words[0])
	args := append(append(words[1:len(words):len(words)], file), cmd.Args...)
	if _, err := once(exec.Command(words[0], args...)); err != nil {
		return "", err
	}
	text, err := os.ReadFile(file)
	return string(text), err
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

// median of one number over samples, 0 of none.
func median(samples []sample, of func(sample) float64) float64 {
	var values []float64
	for _, s := range samples {
		values = append(values, of(s))
	}
	return middle(values)
}

func middle(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	m := len(values) / 2
	if len(values)%2 == 0 {
		return (values[m-1] + values[m]) / 2
	}
	return values[m]
}
