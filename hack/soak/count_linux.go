package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A number is one thing that is counted. slack is by how much it may grow
// without a leak of ours: where the machine itself goes on living.
type number struct {
	name  string
	value int64
	slack int64
}

// count takes stock: of the directory of states, of the root of the containers, and
// of the machine, all of whose processes are in procs, a procfs.
func count(state, rootfs, procs string) (list []number, err error) {
	var errs []error
	for _, c := range []struct {
		name  string
		slack int64
		count func() (int64, error)
	}{
		{"processes", 0, func() (int64, error) { return entries("/proc", isPid) }},
		{"mounts", 0, func() (int64, error) { return lines("/proc/self/mountinfo") }},
		{"cgroups", 0, func() (int64, error) { return directories("/sys/fs/cgroup/mini") }},
		{"interfaces", 0, func() (int64, error) { return entries("/sys/class/net", always) }},
		{"containers known", 0, func() (int64, error) { return entries(state, always) }},
		{"files in /run", 0, func() (int64, error) { return files("/run") }},
		{"files in the root", 0, func() (int64, error) { return files(rootfs) }},
		{"files in /tmp of mini", 0, func() (int64, error) {
			return entries(os.TempDir(), func(name string) bool { return strings.HasPrefix(name, "mini-") })
		}},
		{"own descriptors", 0, func() (int64, error) { return entries("/proc/self/fd", always) }},
		{"BPF programs", 0, bpfPrograms},
		{"keys", 8, func() (int64, error) { return lines("/proc/keys") }},
		{"open files of the machine", 512, func() (int64, error) { return field("/proc/sys/fs/file-nr", 0) }},
		{"MiB of slab", 24, func() (int64, error) { return meminfo("SUnreclaim") }},
		{"MiB of shared memory that nobody maps", 2, func() (int64, error) { return unmapped(procs) }},
		{"MiB of percpu memory", 8, func() (int64, error) { return meminfo("Percpu") }},
	} {
		n, err := c.count()
		if err != nil {
			errs = append(errs, fmt.Errorf("count %s: %w", c.name, err))
		}
		list = append(list, number{c.name, n, c.slack})
	}
	return list, errors.Join(errs...)
}

// compare prints before and after, and returns an error if more is left than may
// be.
func compare(w io.Writer, before, after []number) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tbefore\tafter\tallowed\t")
	var errs []error
	for i, b := range before {
		a := after[i]
		note := ""
		if a.value > b.value+b.slack {
			note = "!!"
			errs = append(errs, fmt.Errorf("%d more %s", a.value-b.value, b.name))
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t+%d\t%s\n", b.name, b.value, a.value, b.slack, note)
	}
	return errors.Join(append(errs, t.Flush())...)
}

func always(string) bool { return true }

func isPid(name string) bool {
	_, err := strconv.Atoi(name)
	return err == nil
}

// entries counts the names in a directory; none, if it is not there.
func entries(dir string, counts func(name string) bool) (n int64, err error) {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	for _, e := range list {
		if counts(e.Name()) {
			n++
		}
	}
	return n, err
}

// files counts all below a directory, directories counts only those.
func files(dir string) (int64, error)       { return below(dir, func(fs.DirEntry) bool { return true }) }
func directories(dir string) (int64, error) { return below(dir, fs.DirEntry.IsDir) }

func below(dir string, counts func(fs.DirEntry) bool) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && counts(e) {
			n++
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	return n, err
}

func lines(path string) (int64, error) {
	text, err := os.ReadFile(path)
	return int64(strings.Count(string(text), "\n")), err
}

// field is a number in a file of one line.
func field(path string, i int) (int64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.Fields(string(text))[i], 10, 64)
}

// meminfo is a line of /proc/meminfo, in MiB (proc_meminfo(5)).
func meminfo(name string) (int64, error) {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, err
	}
	kib, err := sized(string(text), name)
	return kib >> 10, err
}

// sized is the line NAME: N kB of a text that has such lines, in KiB.
func sized(text, name string) (int64, error) {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strconv.ParseInt(strings.Fields(value)[0], 10, 64)
		}
	}
	return 0, fmt.Errorf("no line %s", name)
}

// bpfPrograms counts those of the whole machine (bpf(2), BPF_PROG_GET_NEXT_ID).
func bpfPrograms() (n int64, err error) {
	attr := struct{ start, next, flags uint32 }{}
	for {
		_, _, errno := unix.Syscall(unix.SYS_BPF, unix.BPF_PROG_GET_NEXT_ID, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr))
		switch errno {
		case 0:
			n++
			attr.start = attr.next
		case unix.ENOENT:
			return n, nil
		default:
			return n, errno
		}
	}
}
