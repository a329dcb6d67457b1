package stdio

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/containerd/console"
	"golang.org/x/sys/unix"
)

// pair is a pseudoterminal of the host's.
type pair struct{ master, slave *os.File }

func newPair(t *testing.T) pair {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	slave, err := openPeer(int(master.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slave.Close() })
	return pair{master, slave}
}

// openPeer opens the other end of a master; its flags are those of open(2).
func openPeer(master int) (*os.File, error) {
	const flags = unix.O_RDWR | unix.O_NOCTTY | unix.O_CLOEXEC
	fd, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(master), unix.TIOCGPTPEER, flags)
	if errno != 0 {
		return nil, errno
	}
	return os.NewFile(fd, "pts"), nil
}

func (p pair) termios(t *testing.T) unix.Termios {
	t.Helper()
	termios, err := unix.IoctlGetTermios(int(p.slave.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *termios
}

func (p pair) resize(t *testing.T, rows, cols uint16) {
	t.Helper()
	if err := unix.IoctlSetWinsize(int(p.master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: cols}); err != nil {
		t.Fatal(err)
	}
}

func (p pair) size(t *testing.T) (rows, cols uint16) {
	t.Helper()
	ws, err := unix.IoctlGetWinsize(int(p.slave.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		t.Fatal(err)
	}
	return ws.Row, ws.Col
}

// waitSize is over when the size is this; the test's own time-out is the limit.
func (p pair) waitSize(t *testing.T, rows, cols uint16) {
	t.Helper()
	for r, c := p.size(t); r != rows || c != cols; r, c = p.size(t) {
		runtime.Gosched()
	}
}

// read takes exactly n bytes.
func read(t *testing.T, f *os.File, n int) string {
	t.Helper()
	b := make([]byte, n)
	if _, err := io.ReadFull(f, b); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestRelay(t *testing.T) {
	ours, theirs := newPair(t), newPair(t)
	ours.resize(t, 24, 81)
	if err := console.ClearONLCR(theirs.slave.Fd()); err != nil {
		t.Fatal(err)
	}
	before := ours.termios(t)
	r, err := Start(theirs.master, ours.slave, ours.slave)
	if err != nil {
		t.Fatal(err)
	}
	theirs.waitSize(t, 24, 81)
	raw := ours.termios(t)
	if raw.Lflag&(unix.ICANON|unix.ECHO|unix.ISIG) != 0 {
		t.Error("our terminal is not raw")
	}
	write(t, ours.master, "ls\x04\r")
	if got := read(t, theirs.slave, 2); got != "ls" {
		t.Errorf("typed: got %q", got)
	}
	// The container's terminal echoes what was typed, as terminals do.
	if got := read(t, ours.master, len("ls\r\n")); got != "ls\r\n" {
		t.Errorf("echo: got %q", got)
	}
	write(t, theirs.slave, "out")
	if got := read(t, ours.master, len("out")); got != "out" {
		t.Errorf("output: got %q", got)
	}
	ours.resize(t, 50, 132)
	if err := unix.Kill(os.Getpid(), unix.SIGWINCH); err != nil {
		t.Fatal(err)
	}
	theirs.waitSize(t, 50, 132)
	theirs.slave.Close()
	if err := r.Wait(); err != nil {
		t.Error(err)
	}
	if after := ours.termios(t); after != before {
		t.Errorf("our terminal is not as before:\ngot  %+v\nwant %+v", after, before)
	}
	if err := r.Finish(); err != nil {
		t.Errorf("a second end: %v", err)
	}
}

func write(t *testing.T, f *os.File, s string) {
	t.Helper()
	if _, err := f.WriteString(s); err != nil {
		t.Fatal(err)
	}
}

// Not a byte may be lost, however late the reader is.
func TestRelayDrains(t *testing.T) {
	ours, theirs := newPair(t), newPair(t)
	r, err := Start(theirs.master, ours.slave, ours.slave)
	if err != nil {
		t.Fatal(err)
	}
	const size = 1 << 20
	go func() {
		_, _ = theirs.slave.Write(bytes.Repeat([]byte("x"), size))
		theirs.slave.Close()
	}()
	got := make(chan int)
	go func() {
		n, _ := io.Copy(io.Discard, io.LimitReader(ours.master, size))
		got <- int(n)
	}()
	if err := r.Wait(); err != nil {
		t.Error(err)
	}
	if n := <-got; n != size {
		t.Errorf("got %d bytes of %d", n, size)
	}
}

// The program has ended, but something it left behind holds the terminal.
func TestRelayFinish(t *testing.T) {
	ours, theirs := newPair(t), newPair(t)
	before := ours.termios(t)
	r, err := Start(theirs.master, ours.slave, ours.slave)
	if err != nil {
		t.Fatal(err)
	}
	write(t, theirs.slave, "the tail")
	if err := r.Finish(); err != nil {
		t.Error(err)
	}
	if got := read(t, ours.master, 8); got != "the tail" {
		t.Errorf("got %q", got)
	}
	if ours.termios(t) != before {
		t.Error("our terminal is not as before")
	}
}

// A program must not hang because nobody reads what it writes.
func TestRelayOutputGone(t *testing.T) {
	ours, theirs := newPair(t), newPair(t)
	before := ours.termios(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r.Close()
	relay, err := Start(theirs.master, ours.slave, w)
	if err != nil {
		t.Fatal(err)
	}
	write(t, theirs.slave, string(bytes.Repeat([]byte("x"), 1<<17)))
	theirs.slave.Close()
	if err := relay.Wait(); err == nil {
		t.Error("no error of the broken pipe")
	}
	if ours.termios(t) != before {
		t.Error("our terminal is not as before")
	}
}

// A program that reads nothing must not keep the relay from ending.
func TestRelayInputStuck(t *testing.T) {
	ours, theirs := newPair(t), newPair(t)
	r, err := Start(theirs.master, ours.slave, ours.slave)
	if err != nil {
		t.Fatal(err)
	}
	fd := int(ours.master.Fd())
	if err := unix.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { // types without end, and looks at the echo
		defer close(stopped)
		typed, seen := append(bytes.Repeat([]byte("y"), 1023), '\r'), make([]byte, 4096)
		for {
			select {
			case <-stop:
				return
			default:
				_, _ = unix.Write(fd, typed)
				_, _ = unix.Read(fd, seen)
				runtime.Gosched()
			}
		}
	}()
	fds := []unix.PollFd{{Fd: int32(theirs.slave.Fd()), Events: unix.POLLIN}}
	if _, err := unix.Poll(fds, -1); err != nil && !retry(err) {
		t.Error(err)
	}
	if err := r.Finish(); err != nil {
		t.Error(err)
	}
	close(stop)
	<-stopped
}

func TestStartNeedsTerminal(t *testing.T) {
	theirs := newPair(t)
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if _, err := Start(theirs.master, null, null); err != ErrNotTTY {
		t.Errorf("got %v, want ErrNotTTY", err)
	}
}

func TestSendMaster(t *testing.T) {
	pty := newPair(t)
	path := filepath.Join(t.TempDir(), "console.sock")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if err := SendMaster(path, pty.master); err != nil {
		t.Fatal(err)
	}
	conn, err := listener.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	text, oob := make([]byte, 64), make([]byte, unix.CmsgSpace(4))
	n, oobn, _, _, err := conn.ReadMsgUnix(text, oob)
	if err != nil || string(text[:n]) != "/dev/ptmx" {
		t.Fatalf("got %q, %v", text[:n], err)
	}
	messages, err := unix.ParseSocketControlMessage(oob[:oobn])
	if err != nil || len(messages) != 1 {
		t.Fatalf("got %v, %v", messages, err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		t.Fatalf("got %v, %v", fds, err)
	}
	defer unix.Close(fds[0])
	number, err := unix.IoctlGetUint32(fds[0], unix.TIOCGPTN)
	want, _ := unix.IoctlGetUint32(int(pty.master.Fd()), unix.TIOCGPTN)
	if err != nil || number != want {
		t.Errorf("got terminal %s, %v", strconv.Itoa(int(number)), err)
	}
	if err := SendMaster(path+".none", pty.master); err == nil {
		t.Error("no error without a listener")
	}
}
