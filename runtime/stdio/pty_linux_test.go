package stdio

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// The test binary is its own helper: an init that makes its terminal.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && (os.Args[1] == "init" || os.Args[1] == "hand") {
		runtime.LockOSThread()
		r := initMain(os.Args[2], os.Args[3], os.Args[1] == "hand")
		_ = json.NewEncoder(os.NewFile(3, "report")).Encode(r)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// report is what the helper saw.
type report struct {
	Step, Error string
	Link        string // of descriptor 0 in /proc
	Path        string // that leads to the same device
	Console     bool   // /dev/console is that device
	Rows        uint16
	ONLCR       bool
	Leader      bool // of its session
	Foreground  bool // has it as controlling terminal
	Heard, Said string
	CloseOnExec bool // the master
}

// initMain goes into a new root with a devpts, and does the stage there, or a hand
// does. damage names what is wrong with the root.
func initMain(root, damage string, hand bool) (r report) {
	for _, err := range []error{
		unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
		unix.Mount("tmpfs", root, "tmpfs", 0, ""),
		os.MkdirAll(root+"/dev/pts", 0o755),
		os.MkdirAll(root+"/proc", 0o755),
		unix.Mount("proc", root+"/proc", "proc", 0, ""),
		unix.Mount("devpts", root+"/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666"),
		unix.Chroot(root),
		unix.Chdir("/"),
		spoil(damage),
	} {
		if err != nil {
			return report{Step: "enter root", Error: err.Error()}
		}
	}
	steps, err := Plan(Config{Terminal: true, Size: &specs.Box{Height: 33, Width: 99}}, Facts{})
	if err != nil {
		return report{Step: "plan", Error: err.Error()}
	}
	if hand {
		return byHand(steps)
	}
	for _, op := range steps.Pivot {
		if err := op.Do(); err != nil {
			return report{Step: op.String(), Error: err.Error()}
		}
	}
	return look(os.Getpid(), steps.Terminal.Master)
}

func spoil(damage string) error {
	switch damage {
	case "no devpts":
		return unix.Unmount("/dev/pts", 0)
	case "no /dev/pts":
		return os.Rename("/dev", "/nodev")
	case "link":
		return os.Symlink("/proc/sys/kernel/core_pattern", "/dev/console")
	case "directory":
		return os.Mkdir("/dev/console", 0o755)
	case "magic link":
		if err := unix.Unmount("/dev/pts", 0); err != nil {
			return err
		}
		if err := os.Remove("/dev/pts"); err != nil {
			return err
		}
		return os.Symlink("/proc/self/fd/0", "/dev/pts")
	case "console is there":
		return os.WriteFile("/dev/console", nil, 0o600)
	}
	return nil
}

// look sees what a process has for descriptors 0 and 1, through /proc.
func look(pid int, master *os.File) (r report) {
	files := "/proc/" + strconv.Itoa(pid) + "/fd/"
	r.Link, _ = os.Readlink(files + "0")
	var zero, path, console unix.Stat_t
	if unix.Stat(files+"0", &zero) == nil && unix.Stat(r.Link, &path) == nil && zero.Ino == path.Ino && zero.Rdev == path.Rdev {
		r.Path = r.Link
	}
	r.Console = unix.Stat("/dev/console", &console) == nil && console.Rdev == zero.Rdev && console.Dev == zero.Dev
	in, _ := os.OpenFile(files+"0", os.O_RDWR|unix.O_NOCTTY, 0)
	out, _ := os.OpenFile(files+"1", os.O_RDWR|unix.O_NOCTTY, 0)
	if size, err := unix.IoctlGetWinsize(int(in.Fd()), unix.TIOCGWINSZ); err == nil {
		r.Rows = size.Row
	}
	if termios, err := unix.IoctlGetTermios(int(in.Fd()), unix.TCGETS); err == nil {
		r.ONLCR = termios.Oflag&unix.ONLCR != 0
	}
	sid, _ := unix.Getsid(pid)
	r.Leader = sid == pid
	group, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPGRP)
	r.Foreground = err == nil && group == sid
	flags, _ := unix.FcntlInt(master.Fd(), unix.F_GETFD, 0)
	r.CloseOnExec = flags&unix.FD_CLOEXEC != 0
	buf := make([]byte, 64)
	_, _ = out.WriteString("hello\n")
	n, _ := master.Read(buf)
	r.Said = string(buf[:n])
	_, _ = master.WriteString("typed\r")
	n, _ = in.Read(buf)
	r.Heard = string(buf[:n])
	return r
}

func runInit(t *testing.T, who, damage string) report {
	t.Helper()
	if os.Geteuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("needs root, and CI is set")
		}
		t.Skip("needs root")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command(exe, who, t.TempDir(), damage)
	cmd.ExtraFiles = []*os.File{w}
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	text, _ := io.ReadAll(r)
	if err := cmd.Wait(); err != nil {
		t.Logf("%v\n%s", err, stderr.Bytes())
	}
	var got report
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return got
}

func TestTerminal(t *testing.T) {
	want := report{Link: "/dev/pts/0", Path: "/dev/pts/0", Console: true, Rows: 33, Leader: true, Foreground: true,
		Said: "hello\n", Heard: "typed\n", CloseOnExec: true}
	for _, damage := range []string{"", "console is there"} {
		for _, who := range []string{"init", "hand"} {
			if got := runInit(t, who, damage); got != want {
				t.Errorf("%s, %s:\ngot  %+v\nwant %+v", who, damage, got, want)
			}
		}
	}
}

func TestTerminalRefused(t *testing.T) {
	for damage, want := range map[string]string{
		"no devpts":   "/dev/pts is not a devpts",
		"no /dev/pts": "open /dev/pts: no such file or directory",
		"magic link":  "open /dev/pts: too many levels of symbolic links",
		"link":        "/dev/console is a symbolic link",
		"directory":   "/dev/console is neither a file nor a device",
	} {
		for _, who := range []string{"init", "hand"} {
			if got := runInit(t, who, damage); !strings.Contains(got.Error, want) {
				t.Errorf("%s, %s: got %q at %s, want %q", who, damage, got.Error, got.Step, want)
			}
		}
	}
}
