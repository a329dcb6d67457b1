package integration

import (
	"bytes"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// machine is what mini could leave behind: lines that say what and where.
type machine []string

// since returns what was not there before.
func (m machine) since(before machine) (left []string) {
	for _, line := range m {
		if !slices.Contains(before, line) {
			left = append(left, line)
		}
	}
	return left
}

// look lists our descendants (orphans come to us, we are their subreaper), the
// mounts of this namespace, mini's cgroups, its files, and network interfaces.
// Other programs of the machine may come and go meanwhile.
func look(root string) machine {
	m := machine(descendants())
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	for line := range strings.Lines(string(mounts)) {
		m = append(m, "mount "+strings.TrimSpace(line))
	}
	m = append(m, below("/sys/fs/cgroup/mini", fs.FileMode.IsDir)...)
	for _, dir := range []string{"/run/mini", root} {
		m = append(m, below(dir, func(mode fs.FileMode) bool { return true })...)
	}
	links, _ := net.Interfaces()
	for _, link := range links {
		m = append(m, "interface "+link.Name)
	}
	return m
}

// leftSince is what was not there before. A supervisor tells of the end before it
// ends itself, so processes get a moment, and nothing else does.
func leftSince(before machine, root string) (left []string) {
	for end := time.Now().Add(patience()); ; time.Sleep(5 * time.Millisecond) {
		left = look(root).since(before)
		lasts := func(line string) bool { return !strings.HasPrefix(line, "process ") }
		if len(left) == 0 || slices.ContainsFunc(left, lasts) || time.Now().After(end) {
			return left
		}
	}
}

// below lists what is in a directory, at any depth, but not itself.
func below(dir string, wanted func(fs.FileMode) bool) (found []string) {
	if dir == "" {
		return nil
	}
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && path != dir && wanted(entry.Type()) {
			found = append(found, "file "+path)
		}
		return nil // gone meanwhile
	})
	return found
}

// descendants lists our living children and theirs.
func descendants() (found []string) {
	for _, pid := range children(os.Getpid()) {
		found = append(found, describe(pid))
	}
	return found
}

func describe(pid int) string {
	cmdline, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return fmt.Sprintf("process %d %s", pid, bytes.ReplaceAll(cmdline, []byte{0}, []byte{' '}))
}

// children returns all living descendants of a process (proc_pid_stat(5)).
func children(of int) (pids []int) {
	parents := map[int]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, _ := os.ReadFile(path)
		_, rest, ok := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		if !ok || len(fields) < 2 || fields[0] == "Z" || fields[0] == "X" {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		parents[pid], _ = strconv.Atoi(fields[1])
	}
	for pid := range parents {
		for p := parents[pid]; p > 1; p = parents[p] {
			if p == of {
				pids = append(pids, pid)
				break
			}
		}
	}
	slices.Sort(pids)
	return pids
}

// killDescendants ends what a failed test left, so that the next is not blamed.
// A child of a killed child comes to us, its subreaper, to be waited for; in any
// order, since process 1 of a container does not go before the others.
func killDescendants() {
	for _, pid := range children(os.Getpid()) {
		_ = unix.Kill(pid, unix.SIGKILL)
	}
	for end := time.Now().Add(patience()); time.Now().Before(end); time.Sleep(time.Millisecond) {
		pid, err := 1, error(nil)
		for pid > 0 && err == nil {
			pid, err = unix.Wait4(-1, nil, unix.WNOHANG, nil)
		}
		if err == unix.ECHILD {
			return
		}
	}
}

// TestLookSees makes each kind of thing that look must find, but interfaces.
func TestLookSees(t *testing.T) {
	dir := t.TempDir()
	before := look(dir)
	if left := look(dir).since(before); len(left) > 0 {
		t.Fatalf("nothing was done, yet there is %q", left)
	}
	if err := os.WriteFile(filepath.Join(dir, "lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	group := "/sys/fs/cgroup/mini/looked-for"
	if err := os.MkdirAll(group, 0o755); err != nil {
		t.Fatal(err)
	}
	defer os.Remove("/sys/fs/cgroup/mini") // fails while others use it
	defer os.Remove(group)
	if err := run("mount", "-t", "tmpfs", "looked-for", dir); err != nil {
		t.Fatal(err)
	}
	defer run("umount", dir)
	orphan(t)
	left := strings.Join(look(dir).since(before), "\n")
	for _, want := range []string{"process ", "mount ", "file " + group} {
		if !strings.Contains(left, want) {
			t.Errorf("no %q in:\n%s", want, left)
		}
	}
	killDescendants()
}

// orphan leaves a process behind whose parent is gone.
func orphan(t *testing.T) {
	t.Helper()
	if err := run("sh", "-c", "sleep 1000 >/dev/null 2>&1 &"); err != nil {
		t.Fatal(err)
	}
}
