package main

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// ls lists directories one name a line; -n keeps owners as numbers.
func ls(c *call) error {
	o, paths, err := parseOptions(c.args, "l", "a", "n", "d")
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	out := bufio.NewWriter(c.out)
	l := lister{out: out, options: o, users: names("/etc/passwd"), groups: names("/etc/group")}
	failed := false
	for _, path := range paths {
		if len(paths) > 1 {
			fmt.Fprintf(out, "%s:\n", path)
		}
		if err := l.path(path); err != nil {
			out.Flush()
			c.complain(err)
			failed = true
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return failedIf(failed)
}

type lister struct {
	out           *bufio.Writer
	options       options
	users, groups map[uint32]string
}

func (l *lister) path(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if follow, err := os.Stat(path); err == nil && follow.IsDir() && !l.options.has("l") {
		info = follow
	}
	if !info.IsDir() || l.options.has("d") {
		l.line(path, path, info)
		return nil
	}
	entries, err := os.ReadDir(path)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") && !l.options.has("a") {
			continue
		}
		if info, err := e.Info(); err == nil { // else it is gone again
			l.line(filepath.Join(path, e.Name()), e.Name(), info)
		}
	}
	return err
}

func (l *lister) line(path, name string, info fs.FileInfo) {
	if l.options.has("l") || l.options.has("n") {
		st := info.Sys().(*syscall.Stat_t)
		fmt.Fprintf(l.out, "%s %2d %-8s %-8s %10s %s ", modeText(info.Mode()), st.Nlink,
			l.name(l.users, st.Uid), l.name(l.groups, st.Gid), sizeText(info, st), info.ModTime().Format("2006-01-02 15:04"))
	}
	fmt.Fprint(l.out, name)
	if target, err := os.Readlink(path); err == nil && l.options.has("l") {
		fmt.Fprint(l.out, " -> ", target)
	}
	fmt.Fprintln(l.out)
}

func (l *lister) name(names map[uint32]string, id uint32) string {
	if name, ok := names[id]; ok && !l.options.has("n") {
		return name
	}
	return fmt.Sprint(id)
}

// sizeText is a device's numbers instead of a size.
func sizeText(info fs.FileInfo, st *syscall.Stat_t) string {
	if info.Mode()&fs.ModeDevice == 0 {
		return fmt.Sprint(info.Size())
	}
	return fmt.Sprintf("%d, %d", unix.Major(uint64(st.Rdev)), unix.Minor(uint64(st.Rdev)))
}

// modeText is a mode as ls -l shows it everywhere but in Go: drwxrwxrwt.
func modeText(m fs.FileMode) string {
	kind := "-"
	for _, k := range []struct {
		mode fs.FileMode
		sign string
	}{{fs.ModeDir, "d"}, {fs.ModeSymlink, "l"}, {fs.ModeCharDevice, "c"}, {fs.ModeDevice, "b"}, {fs.ModeNamedPipe, "p"}, {fs.ModeSocket, "s"}} {
		if m&k.mode != 0 {
			kind = k.sign
			break
		}
	}
	b := []byte(kind + m.Perm().String()[1:])
	for _, k := range []struct {
		mode fs.FileMode
		at   int
		sign byte
	}{{fs.ModeSetuid, 3, 's'}, {fs.ModeSetgid, 6, 's'}, {fs.ModeSticky, 9, 't'}} {
		if m&k.mode == 0 {
			continue
		}
		if b[k.at] == '-' {
			k.sign -= 'a' - 'A'
		}
		b[k.at] = k.sign
	}
	return string(b)
}
