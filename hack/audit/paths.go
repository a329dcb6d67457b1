package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// covers are the mounts on /proc and /sys that hide something or forbid to write
// (proc_pid_mountinfo(5)).
func covers() (masked, readonly []string) {
	text, _ := os.ReadFile("/proc/self/mountinfo")
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		dash := slices.Index(f, "-")
		if dash < 6 || len(f) < dash+2 || !strings.HasPrefix(f[4], "/proc/") && !strings.HasPrefix(f[4], "/sys/") {
			continue
		}
		kernels := f[dash+1] == "proc" || f[dash+1] == "sysfs"
		switch {
		case !kernels && (f[dash+1] == "tmpfs" || f[dash+1] == "devtmpfs"):
			masked = append(masked, f[4])
		case kernels && slices.Contains(strings.Split(f[5], ","), "ro"):
			readonly = append(readonly, f[4])
		}
	}
	slices.Sort(masked)
	slices.Sort(readonly)
	return masked, readonly
}

func paths() {
	masked, readonly := covers()
	answer("masked paths", "%d", len(masked))
	answer("read-only paths below /proc", "%d", len(readonly))
	for _, tree := range []string{"/proc/sys", "/proc", "/sys"} {
		n, first := writable(tree)
		answer("writable files in "+tree, "%s", several(n, first))
	}
	answer("what shows the host's kernel", "%s", secrets())
	answer("devices in /dev", "%s", devices())
	made := os.Mkdir("/sys/fs/cgroup/audit", 0o755)
	answer("makes a cgroup", "%s", outcome(made))
	_ = os.Remove("/sys/fs/cgroup/audit")
}

func several(n int, first []string) string {
	if n == 0 {
		return "none"
	}
	more := ""
	if n > len(first) {
		more = " …"
	}
	return fmt.Sprintf("%d: %s%s", n, strings.Join(first, " "), more)
}

// writable counts the files that we may open for writing: access(2) asks the
// mount, the mode and what the file system has to say. Of /proc it leaves out
// the processes, which are our own, and sys.
func writable(tree string) (n int, first []string) {
	_ = filepath.WalkDir(tree, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fs.SkipDir
		}
		if tree == "/proc" && entry.IsDir() && path != tree && ownOrSys(filepath.Base(path)) {
			return fs.SkipDir
		}
		st, err := os.Lstat(path) // of the file, or of what masks it
		if err == nil && st.Mode().IsRegular() && unix.Faccessat(unix.AT_FDCWD, path, unix.W_OK, unix.AT_EACCESS) == nil {
			if n++; len(first) < 4 {
				first = append(first, strings.TrimPrefix(path, tree+"/"))
			}
		}
		return nil
	})
	return n, first
}

func ownOrSys(name string) bool {
	_, err := strconv.Atoi(name)
	return err == nil || name == "sys"
}

// secrets lists what can be read of what should tell a container nothing.
func secrets() string {
	var seen []string
	for _, path := range []string{
		"/proc/kcore", "/proc/kmsg", "/proc/keys", "/proc/key-users", "/proc/timer_list", "/proc/sched_debug", "/proc/latency_stats", "/proc/interrupts",
		"/proc/cmdline", "/proc/modules", "/proc/slabinfo", "/proc/vmallocinfo", "/proc/pagetypeinfo", "/proc/iomem", "/proc/config.gz",
		"/proc/acpi", "/proc/scsi", "/proc/asound", "/proc/fs/ext4",
		"/sys/firmware", "/sys/devices/virtual/powercap", "/sys/kernel/debug", "/sys/kernel/tracing", "/sys/kernel/security",
		"/sys/devices/system/cpu/cpu0/thermal_throttle", "/sys/kernel/btf/vmlinux", "/dev/mem", "/dev/kmsg",
	} {
		if shows(path) {
			seen = append(seen, path)
		}
	}
	if len(seen) == 0 {
		return "nothing"
	}
	return strings.Join(seen, " ")
}

// shows tells whether a file has a byte, or a directory an entry, for us.
func shows(path string) bool {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	f := os.NewFile(uintptr(fd), path)
	defer f.Close()
	if names, err := f.Readdirnames(1); err == nil {
		return len(names) > 0
	}
	n, _ := f.Read(make([]byte, 1))
	return n > 0
}

func devices() string {
	var nodes []string
	_ = filepath.WalkDir("/dev", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fs.SkipDir
		}
		// Of a node that is bound from the host the directory says: a file.
		if st, err := os.Lstat(path); err == nil && st.Mode()&fs.ModeDevice != 0 && !strings.HasPrefix(path, "/dev/pts/") {
			nodes = append(nodes, strings.TrimPrefix(path, "/dev/"))
		}
		return nil
	})
	return fmt.Sprintf("%d: %s", len(nodes), strings.Join(nodes, " "))
}
