package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// mountFlags are the options of mount that are bits of mount(2); all others go to
// the file system.
var mountFlags = map[string]uintptr{
	"bind": unix.MS_BIND, "rbind": unix.MS_BIND | unix.MS_REC, "remount": unix.MS_REMOUNT,
	"ro": unix.MS_RDONLY, "rw": 0, "nosuid": unix.MS_NOSUID, "nodev": unix.MS_NODEV, "noexec": unix.MS_NOEXEC,
	"private": unix.MS_PRIVATE, "rprivate": unix.MS_PRIVATE | unix.MS_REC, "shared": unix.MS_SHARED, "slave": unix.MS_SLAVE,
}

// mount without arguments prints the table; with them it mounts.
func mount(c *call) error {
	o, args, err := parseOptions(c.args, "t:", "o:")
	switch {
	case err != nil:
		return err
	case len(args) == 0:
		return c.printMounts()
	case len(args) != 2:
		return usage("a source and a target are needed")
	}
	var flags uintptr
	var data []string
	for option := range strings.SplitSeq(o["o"], ",") {
		if flag, ok := mountFlags[option]; ok {
			flags |= flag
		} else if option != "" {
			data = append(data, option)
		}
	}
	if err := unix.Mount(args[0], args[1], o["t"], flags, strings.Join(data, ",")); err != nil {
		return &os.PathError{Op: "mount", Path: args[1], Err: err}
	}
	return nil
}

func (c *call) printMounts() error {
	mounts, err := mountTable()
	for _, m := range mounts {
		c.printf("%s on %s type %s (%s)\n", m.source, m.target, m.fstype, m.options)
	}
	return err
}

func umount(c *call) error {
	o, args, err := parseOptions(c.args, "l")
	if err != nil {
		return err
	}
	flags := unix.UMOUNT_NOFOLLOW
	if o.has("l") {
		flags |= unix.MNT_DETACH
	}
	return c.each(args, func(path string) error {
		if err := unix.Unmount(path, flags); err != nil {
			return &os.PathError{Op: "umount", Path: path, Err: err}
		}
		return nil
	})
}

// mountEntry is one line of /proc/self/mountinfo.
type mountEntry struct{ source, target, fstype, options string }

func mountTable() ([]mountEntry, error) {
	text, err := os.ReadFile("/proc/self/mountinfo")
	var list []mountEntry
	for line := range strings.Lines(string(text)) {
		m, err := parseMount(strings.TrimSpace(line))
		if err != nil {
			return list, err
		}
		list = append(list, m)
	}
	return list, err
}

// parseMount reads "36 35 98:0 ROOT TARGET OPTIONS [TAG…] - TYPE SOURCE SUPEROPTIONS"
// (proc_pid_mountinfo(5)).
func parseMount(line string) (mountEntry, error) {
	before, after, ok := strings.Cut(line, " - ")
	f, g := strings.Fields(before), strings.Split(after, " ")
	if !ok || len(f) < 6 || len(g) < 2 {
		return mountEntry{}, fmt.Errorf("mountinfo has %q", line)
	}
	unescape := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
	m := mountEntry{source: unescape.Replace(g[1]), target: unescape.Replace(f[4]), fstype: g[0], options: f[5]}
	if f[3] != "/" {
		m.source += "[" + unescape.Replace(f[3]) + "]"
	}
	return m, nil
}
