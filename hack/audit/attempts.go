package main

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// outcome is "yes" for what worked, else the kernel's answer by name.
func outcome(err error) string {
	var errno syscall.Errno
	switch {
	case err == nil:
		return "yes"
	case errors.As(err, &errno):
		return "no, " + unix.ErrnoName(errno)
	}
	return "no"
}

// attempts tries what ways out of containers have begun with. Each is harmless if
// it works: what is asked for is nothing, or ours.
func attempts() {
	for _, try := range []struct {
		what string
		do   func() error
	}{
		{"mounts a tmpfs", func() error { return unix.Mount("audit", "/tmp", "tmpfs", 0, "") }},
		{"makes a user namespace", func() error { return inChild("user") }},
		{"makes a mount namespace", func() error { return inChild("mount") }},
		{"makes a block device", makesDevice},
		{"opens a file by its handle", opensHandle},
		{"loads a BPF program", call(unix.SYS_BPF, 0xffff, 0, 0)},
		{"opens a performance counter", countsCycles},
		{"has io_uring", call(unix.SYS_IO_URING_SETUP, 1, 0, 0)},
		{"has userfaultfd", call(unix.SYS_USERFAULTFD, 1, 0, 0)},
		{"has keyrings", func() error { _, err := unix.KeyctlGetKeyringID(unix.KEY_SPEC_SESSION_KEYRING, false); return err }},
		{"reads the kernel's log", func() error { _, err := unix.Klogctl(10, nil); return err }},
		{"opens a packet socket", opens(unix.AF_PACKET, unix.SOCK_RAW, 0)},
		{"opens a raw socket", opens(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP)},
		{"opens a vsock", opens(unix.AF_VSOCK, unix.SOCK_STREAM, 0)},
		{"opens a socket of the kernel's cryptography", opens(unix.AF_ALG, unix.SOCK_SEQPACKET, 0)},
		{"changes roots", func() error { return inChild("chroot") }},
		{"sets the host name", func() error { return unix.Sethostname([]byte("audit")) }},
		{"sets the clock", func() error { return unix.Settimeofday(&unix.Timeval{Sec: -1}) }},
	} {
		answer(try.what, "%s", outcome(try.do()))
	}
}

// call makes one system call whose arguments are wrong: EINVAL, EFAULT and the like
// come from behind the filter and the check of privileges.
func call(number, a, b, c uintptr) func() error {
	return func() error {
		fd, _, errno := unix.Syscall(number, a, b, c)
		switch errno {
		case 0:
			unix.Close(int(fd))
			return nil
		case unix.EINVAL, unix.EFAULT, unix.E2BIG:
			return nil
		}
		return errno
	}
}

func opens(family, kind, protocol int) func() error {
	return func() error {
		fd, err := unix.Socket(family, kind, protocol)
		if err == nil {
			unix.Close(fd)
		}
		return err
	}
}

// inChild does what cannot be taken back in a shell's stead: unshare and chroot of
// a process that ends at once.
func inChild(what string) error {
	attr := &syscall.SysProcAttr{}
	switch what {
	case "user":
		attr.Cloneflags = syscall.CLONE_NEWUSER
	case "mount":
		attr.Cloneflags = syscall.CLONE_NEWNS
	case "chroot":
		attr.Chroot = "/"
	}
	cmd := exec.Command("/proc/self/exe") // which only says how it is used
	cmd.SysProcAttr = attr
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}

// makesDevice makes a node of the first virtio disk, and opens it.
func makesDevice() error {
	const node = "/audit-device"
	if err := unix.Mknod(node, unix.S_IFBLK|0o600, int(unix.Mkdev(254, 0))); err != nil {
		return err
	}
	defer os.Remove(node)
	fd, err := unix.Open(node, unix.O_RDONLY, 0)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

// opensHandle is the way out by open_by_handle_at(2), with a handle of our own.
func opensHandle() error {
	handle, _, err := unix.NameToHandleAt(unix.AT_FDCWD, "/tmp", 0)
	if errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EOVERFLOW) {
		handle, err = unix.NewFileHandle(1, []byte(strings.Repeat("\x00", 8))), nil
	}
	if err != nil {
		return err
	}
	dir, err := unix.Open("/", unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer unix.Close(dir)
	fd, err := unix.OpenByHandleAt(dir, handle, unix.O_RDONLY)
	if err == nil {
		unix.Close(fd)
	}
	if errors.Is(err, unix.ESTALE) {
		return nil
	}
	return err
}

func countsCycles() error {
	fd, err := unix.PerfEventOpen(&unix.PerfEventAttr{Type: unix.PERF_TYPE_SOFTWARE, Size: unix.PERF_ATTR_SIZE_VER0}, 0, -1, -1, 0)
	if err == nil {
		unix.Close(fd)
	}
	return err
}
