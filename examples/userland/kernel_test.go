package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestForkRefused asks the kernel for more processes than RLIMIT_NPROC allows an
// ordinary user.
func TestForkRefused(t *testing.T) {
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NPROC, &old); err != nil {
		t.Fatal(err)
	}
	c := asUser(t, "fork", "bomb", "-n", "50")
	if err := unix.Setrlimit(unix.RLIMIT_NPROC, &unix.Rlimit{Cur: 30, Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Setrlimit(unix.RLIMIT_NPROC, &old); err != nil {
			t.Error(err)
		}
	}()
	got := finish(t, c)
	if !regexp.MustCompile(`^\d+ children, then fork: EAGAIN \(resource temporarily unavailable\)\n$`).MatchString(got.out) || got.status != 1 {
		t.Errorf("got %+v, want EAGAIN and status 1", got)
	}
}

func TestMknod(t *testing.T) {
	needRoot(t)
	if got := run(t, "mknod-try", "null", "1", "3"); got.out != "mknod null: made\n" {
		t.Errorf("root: got %+v", got)
	}
	got := finish(t, asUser(t, "mknod-try", "/tmp/userland-null", "1", "3"))
	if want := "mknod-try: mknod /tmp/userland-null: EPERM (operation not permitted)\n"; got.err != want || got.status != 1 {
		t.Errorf("user: got %+v, want %q", got, want)
	}
}

// TestHostnameAndMount changes namespaces of its own.
func TestHostnameAndMount(t *testing.T) {
	needRoot(t)
	c := prepare(t, "sh", "-c", `hostname other; hostname
		mkdir m; mount -t tmpfs -o nodev,size=64k t m; mount | grep -c " on $(pwd)/m type tmpfs .rw,nodev"
		umount m; mount | grep -c " on $(pwd)/m "
		mount -t tmpfs t m; cd m; umount . 2>/dev/null || umount -l .; cd ..; mount | grep -c " on $(pwd)/m "`)
	c.SysProcAttr = &syscall.SysProcAttr{Unshareflags: unix.CLONE_NEWUTS | unix.CLONE_NEWNS}
	if got := finish(t, c); got.out != "other\n1\n0\n0\n" {
		t.Errorf("got %+v", got)
	}
}

// TestSetpriv compares with what the kernel says of the program that was started.
func TestSetpriv(t *testing.T) {
	needRoot(t)
	all := "-all,+chown,+kill,+net_bind_service"
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--clear-groups", "--bounding-set", all, "--inh-caps", "-all", "--ambient-caps", "-all"},
			"Uid: 0 0 0 0 Gid: 0 0 0 0 Groups: CapInh: 0 CapPrm: 421 CapEff: 421 CapBnd: 421 CapAmb: 0 NoNewPrivs: 0"},
		{[]string{"--reuid=1000", "--regid", "1001", "--groups", "5,6", "--bounding-set", all, "--inh-caps", "+kill",
			"--ambient-caps", "+kill", "--no-new-privs"},
			"Uid: 1000 1000 1000 1000 Gid: 1001 1001 1001 1001 Groups: 5 6 CapInh: 20 CapPrm: 20 CapEff: 20 CapBnd: 421 CapAmb: 20 NoNewPrivs: 1"},
	} {
		c := prepare(t, append(append([]string{"setpriv"}, test.args...), "/bin/grep", "-E", "^(Uid|Gid|Groups|Cap|NoNew)", "/proc/self/status")...)
		got := finish(t, c)
		words := regexp.MustCompile(`\b0+([0-9a-f])`).ReplaceAllString(strings.Join(strings.Fields(got.out), " "), "$1")
		if words != test.want {
			t.Errorf("%q: got %q %s, want %q", test.args, words, got.err, test.want)
		}
	}
	for _, bad := range [][]string{{"--reuid", "x", "true"}, {"--inh-caps", "kill", "true"}, {"--bounding-set", "-nosuch", "true"}, {"--no-new-privs"}} {
		if got := run(t, append([]string{"setpriv"}, bad...)...); got.status != 2 {
			t.Errorf("%q: got %+v, want status 2", bad, got)
		}
	}
}

// TestZombie has sh as the pid 1 that waits for its own children only. It also sees that
// ps shows the namespace's processes and no others.
func TestZombie(t *testing.T) {
	needRoot(t)
	c := prepare(t, "sh", "-c", `mount -t proc proc /proc; ps >p; grep -c "^[0-9]" p; zombie 3 >f
		until [ $(ps | grep -c ' [Z] .zombie. ') = 3 ]; do sleep 0.02; done; wc -l <f`)
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWPID, Unshareflags: unix.CLONE_NEWNS}
	if got := finish(t, c); got.out != "2\n3\n" {
		t.Errorf("got %+v, want sh, ps and then 3 zombies", got)
	}
}

// TestSignals also holds the delay after TERM: USR2 comes in it.
func TestSignals(t *testing.T) {
	c := prepare(t, "signals", "60")
	out := start(t, c)
	for _, sig := range []syscall.Signal{0, unix.SIGUSR1, unix.SIGTERM, unix.SIGUSR2} {
		want := unix.SignalName(sig)
		if sig == 0 {
			want = "waiting as pid "
		} else if err := c.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		if line := out(); !strings.HasPrefix(line, want) {
			t.Errorf("got %q, want %q", line, want)
		}
	}
	if got := finish(t, prepare(t, "sh", "-c", `signals & until kill $!; do :; done; wait $!; echo $?`)); !strings.HasSuffix(got.out, "0\n") && !strings.HasSuffix(got.out, "143\n") {
		t.Errorf("got %+v", got)
	}
}

// asUser prepares an applet to be run by an ordinary user, who cannot reach the
// directory of the test binary: it is executed by its descriptor.
func asUser(t *testing.T, argv ...string) *exec.Cmd {
	t.Helper()
	needRoot(t)
	exe, err := os.Open(self())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { exe.Close() })
	c := prepare(t, argv...)
	c.Path, c.Dir, c.ExtraFiles = "/proc/self/fd/3", "/", []*os.File{exe}
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 54321, Gid: 54321}}
	return c
}

func needRoot(t *testing.T) {
	t.Helper()
	switch {
	case os.Geteuid() == 0:
	case os.Getenv("CI") != "":
		t.Fatal("needs root, and CI is set")
	default:
		t.Skip("needs root")
	}
}
