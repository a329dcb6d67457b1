package namespaces

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// startHandIn starts a hand in the namespaces of c, and returns what is to be done
// there.
func startHandIn(t *testing.T, c Config, edit ...func(*Child)) (calls.Hand, []Op) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := os.NewFile(uintptr(fds[0]), "ours"), os.NewFile(uintptr(fds[1]), "theirs")
	defer theirs.Close()
	hand := calls.Hand{Socket: ours, There: 3}
	child := &Child{Hand: hand, Files: []*os.File{os.Stdin, os.Stdout, os.Stderr, theirs}}
	for _, e := range edit {
		e(child)
	}
	steps, err := Plan(c, root, child)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ours.Close()
		if err := child.Abort(); err != nil {
			t.Errorf("abort: %v", err)
		}
	})
	if err := run(steps.Spawn); err != nil {
		t.Fatal(err)
	}
	return hand, steps.Inside
}

// TestInsideByHand does by a hand what TestInside does by a program. Without a pid
// namespace of its own the root of a user namespace gets no procfs of its own.
func TestInsideByHand(t *testing.T) {
	needRoot(t)
	for _, types := range []string{"pid network mount ipc uts", "pid network mount ipc uts user", "network mount ipc uts user"} {
		c := Config{
			Namespaces: list(types), Hostname: "inside", Domainname: "example.org",
			Sysctl: map[string]string{"net.ipv4.ip_forward": "1", "kernel/shmmax": "65536"},
		}
		if strings.Contains(types, "user") {
			c.UIDMappings, c.GIDMappings = someIDs, someIDs
		}
		h, ops := startHandIn(t, c)
		l := h.List()
		for _, op := range ops {
			op.Calls(l)
		}
		names := calls.Struct(l, &unix.Utsname{})
		l.Call("uname", unix.SYS_UNAME, names.Arg())
		forward, shmmax := readIn(l, "/proc/sys/net/ipv4/ip_forward"), readIn(l, "/proc/sys/kernel/shmmax")
		lo := calls.Struct(l, &ifreq{name: [unix.IFNAMSIZ]byte{'l', 'o'}})
		l.Ioctl("SIOCGIFFLAGS", l.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0).Arg(), unix.SIOCGIFFLAGS, lo.Arg())
		if err := l.Flush(); err != nil {
			t.Fatalf("%s: %v", types, err)
		}
		uts := calls.ReadStruct[unix.Utsname](names)
		host, domain := unix.ByteSliceToString(uts.Nodename[:]), unix.ByteSliceToString(uts.Domainname[:])
		if host != "inside" || domain != "example.org" || forward.String() != "1\n" || shmmax.String() != "65536\n" {
			t.Errorf("%s: %q, %q, ip_forward %q, shmmax %q", types, host, domain, forward, shmmax)
		}
		if flags := calls.ReadStruct[ifreq](lo).flags; flags != unix.IFF_UP|unix.IFF_LOOPBACK|unix.IFF_RUNNING {
			t.Errorf("%s: flags of lo are %#x", types, flags)
		}
	}
}

// readIn reads the beginning of a file.
func readIn(l *calls.List, path string) calls.Memory {
	fd, m := l.Open(path, unix.O_RDONLY), l.Space(64)
	l.Read(fd.Arg(), m)
	return m
}

// TestSysctlCovered has a mount lie over the file, where only /proc leads to it.
func TestSysctlCovered(t *testing.T) {
	needRoot(t)
	h, ops := startHandIn(t, Config{
		Namespaces: list("network mount user"), UIDMappings: someIDs, GIDMappings: someIDs,
		Sysctl: map[string]string{"net.ipv4.ip_forward": "1"},
	})
	const file = "/proc/sys/net/ipv4/ip_forward"
	l := h.List()
	l.Call("mount", unix.SYS_MOUNT, l.Text("/dev/null"), l.Text(file), calls.N(0), calls.N(unix.MS_BIND), calls.N(0))
	for _, op := range ops {
		op.Calls(l)
	}
	if err := l.Flush(); err == nil || err.Error() != "openat2: invalid cross-device link" {
		t.Errorf("got %v, want EXDEV of openat2", err)
	}
	k := h.List()
	k.Call("umount2", unix.SYS_UMOUNT2, k.Text(file), calls.N(unix.MNT_DETACH))
	if m := readIn(k, file); k.Flush() != nil || m.String() != "0\n" {
		t.Errorf("%s is %q", file, m)
	}
}
