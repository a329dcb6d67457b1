package notify

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestMain looks for descriptors that were left open. With an argument of its
// own the test binary is a service that says something and ends.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "say" {
		if err := Send(os.Args[2], Message{Ready: true, Status: os.Args[3]}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	before := openFiles()
	status := m.Run()
	if fuzzing := flag.Lookup("test.fuzz").Value.String(); fuzzing != "" {
		os.Exit(status) // its workers have descriptors of their own
	}
	for range 6000 { // closing goes on beside the tests
		if after := openFiles(); status == 0 && len(after) > len(before) {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		os.Exit(status)
	}
	fmt.Fprintf(os.Stderr, "descriptors left open: %q, before %q\n", openFiles(), before)
	os.Exit(1)
}

// openFiles lists what the descriptors are, but for Go's own.
func openFiles() (list []string) {
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		to, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err == nil && !strings.HasPrefix(to, "anon_inode") && !strings.HasPrefix(to, "/proc/") {
			list = append(list, to)
		}
	}
	return list
}

func listen(t *testing.T, path string) *Listener {
	t.Helper()
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	})
	return l
}

func next(t *testing.T, l *Listener) Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	m, err := l.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSendAndNext(t *testing.T) {
	// Far longer than the 108 bytes of an address, and so is its last part.
	path := filepath.Join(t.TempDir(), strings.Repeat("d", 200), strings.Repeat("e", 200), "notify.sock")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	l := listen(t, path)
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o666 {
		t.Errorf("got %v, %v", st.Mode(), err)
	}
	sent := Message{Ready: true, Status: "well", HasStatus: true, Extend: time.Second, MainPID: 9}
	if err := Send(path, sent); err != nil {
		t.Fatal(err)
	}
	want := sent
	want.PID, want.UID = os.Getpid(), uint32(os.Getuid())
	if got := next(t, l); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	link := filepath.Join(t.TempDir(), strings.Repeat("l", 200))
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := Send(link, sent); err != nil {
		t.Fatal(err)
	}
	next(t, l)
}

// The sender is another process, and the kernel says which.
func TestSenderIsKnown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l := listen(t, path)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := os.StartProcess(self, []string{self, "say", path, "hello\x1b"}, &os.ProcAttr{Files: []*os.File{nil, nil, os.Stderr}})
	if err != nil {
		t.Fatal(err)
	}
	if st, err := p.Wait(); err != nil || !st.Success() {
		t.Fatalf("%v, %v", st, err)
	}
	if m := next(t, l); m.PID != p.Pid || m.Status != `hello\x1b` || !m.Ready {
		t.Errorf("process %d said %+v", p.Pid, m)
	}
}

func TestSendToNobody(t *testing.T) {
	dir := t.TempDir()
	left := filepath.Join(dir, "left")
	l := listen(t, left)
	if err := unix.Link(left, filepath.Join(dir, "dead")); err != nil {
		t.Fatal(err)
	}
	l.Close()
	abstract := fmt.Sprintf("@mini-notify-test-%d", os.Getpid())
	tests := []struct {
		address string
		want    error
	}{
		{"", nil},
		{filepath.Join(dir, "none"), unix.ENOENT},
		{left, unix.ENOENT},
		{filepath.Join(dir, "dead"), unix.ECONNREFUSED},
		{abstract, unix.ECONNREFUSED},
		{"vsock:2:1", unix.EAFNOSUPPORT},
		{"relative", unix.EAFNOSUPPORT},
	}
	for _, test := range tests {
		if err := Send(test.address, Message{Ready: true}); !errors.Is(err, test.want) {
			t.Errorf("%q: got %v, want %v", test.address, err, test.want)
		}
	}
}

func TestSendToAbstract(t *testing.T) {
	fd, err := newSocket()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	name := fmt.Sprintf("@mini-notify-test-%d", os.Getpid())
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: name}); err != nil {
		t.Fatal(err)
	}
	if err := Send(name, Message{Stopping: true}); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	n, _, err := unix.Recvfrom(fd, buf, 0)
	if err != nil || string(buf[:n]) != "STOPPING=1" {
		t.Errorf("got %q, %v", buf[:n], err)
	}
}

// A manager that does not read must not stop us.
func TestSendNeverWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listen(t, path)
	for range 100_000 {
		if err := Send(path, Message{Watchdog: true}); err != nil {
			if !errors.Is(err, unix.EAGAIN) {
				t.Error(err)
			}
			return
		}
	}
	t.Error("the queue has no end")
}

func TestListenReplacesOnlySockets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listen(t, path)
	l := listen(t, path) // as after a supervisor that was killed
	if err := Send(path, Message{Ready: true}); err != nil {
		t.Fatal(err)
	}
	next(t, l)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(file); !errors.Is(err, unix.EADDRINUSE) {
		t.Errorf("got %v", err)
	}
	if raw, err := os.ReadFile(file); err != nil || string(raw) != "precious" {
		t.Errorf("got %q, %v", raw, err)
	}
	if _, err := Listen(filepath.Join(path, "s")); !errors.Is(err, unix.ENOTDIR) {
		t.Errorf("got %v", err)
	}
}

func TestNextEnds(t *testing.T) {
	l := listen(t, filepath.Join(t.TempDir(), "s"))
	for range 3 { // the deadline of one must not be that of the next
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if m, err := l.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %+v, %v", m, err)
		}
		cancel()
		if m, err := l.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a context that is done: got %+v, %v", m, err)
		}
		if err := Send(l.path, Message{Ready: true}); err != nil {
			t.Fatal(err)
		}
		next(t, l)
	}
	ended := make(chan error)
	go func() {
		_, err := l.Next(context.Background())
		ended <- err
	}()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if _, err := l.Next(t.Context()); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after Close: got %v", err)
	}
	if _, err := os.Lstat(l.path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}

// raw sends a datagram and descriptors, as a program without our manners.
func raw(t *testing.T, path string, datagram []byte, files ...int) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	var oob []byte
	if len(files) > 0 {
		oob = unix.UnixRights(files...)
	}
	at, err := os.OpenFile(path, unix.O_PATH, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer at.Close()
	to := &unix.SockaddrUnix{Name: fmt.Sprintf("/proc/self/fd/%d", at.Fd())}
	if err := unix.Sendmsg(fd, datagram, oob, to, 0); err != nil {
		t.Fatal(err)
	}
}

func TestDescriptorsAreClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l := listen(t, path)
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pipe[0])
	// As many as one message can have, beside its sender.
	raw(t, path, []byte("FDSTORE=1\nFDNAME=x"), slices.Repeat([]int{pipe[1]}, 253)...)
	raw(t, path, []byte("BARRIER=1"), pipe[1])
	unix.Close(pipe[1])
	if m := next(t, l); m.Files != 253 || m.PID != os.Getpid() {
		t.Errorf("got %+v", m)
	}
	if m := next(t, l); m.Files != 1 || !m.Barrier {
		t.Errorf("got %+v", m)
	}
	hungUp(t, pipe[0])
}

// A connection whose last close waits for a peer that does not read (SO_LINGER)
// must not stop us: neither the next messages nor the end.
func TestDescriptorThatDoesNotClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l := listen(t, path)
	for range maxClosing + 1 {
		conn := lingering(t)
		raw(t, path, []byte("READY=1"), conn)
		unix.Close(conn)
	}
	for range maxClosing {
		if m := next(t, l); m.Files != 1 {
			t.Errorf("got %+v", m)
		}
	}
	// So many such messages and no more: what follows waits, and can be left.
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if m, err := l.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %+v, %v", m, err)
	}
	begin := time.Now()
	if err := l.Close(); err != nil || time.Since(begin) > time.Minute {
		t.Errorf("close: %v after %v", err, time.Since(begin))
	}
}

// lingering makes a connection with more to send than its peer takes. Both ends
// are gone with the test: the peer's close breaks the connection off.
func lingering(t *testing.T) int {
	t.Helper()
	server, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(server)
	client, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(unix.Bind(server, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), unix.Listen(server, 1))
	if err != nil {
		t.Fatal(err)
	}
	address, err := unix.Getsockname(server)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Connect(client, address); err != nil && !errors.Is(err, unix.EINPROGRESS) {
		t.Fatal(err)
	}
	peer, _, err := unix.Accept4(server, unix.SOCK_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(peer) })
	for err = nil; err == nil; {
		_, err = unix.Write(client, make([]byte, 1<<16))
	}
	err = unix.SetsockoptLinger(client, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1, Linger: 3600})
	if err = errors.Join(err, unix.SetNonblock(client, false)); err != nil {
		t.Fatal(err)
	}
	return client
}

// hungUp fails unless all writers of a pipe go, as sd_notify_barrier(3) waits for.
func hungUp(t *testing.T, reader int) {
	t.Helper()
	n, err := 0, error(syscall.EINTR)
	for errors.Is(err, syscall.EINTR) {
		n, err = unix.Poll([]unix.PollFd{{Fd: int32(reader)}}, 60_000)
	}
	if n != 1 || err != nil {
		t.Errorf("its writers are still open: %d, %v", n, err)
	}
}

// What is too long is not read, not even its beginning; what came with it is
// closed all the same.
func TestTooLong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l := listen(t, path)
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pipe[0])
	raw(t, path, []byte("READY=1\nSTATUS="+strings.Repeat("x", MaxMessage)), pipe[1])
	unix.Close(pipe[1])
	longest := "STOPPING=1\nX=" + strings.Repeat("x", MaxMessage-13)
	raw(t, path, []byte(longest))
	raw(t, path, nil)
	if m := next(t, l); m.Ready || !m.Stopping {
		t.Errorf("got %+v", m)
	}
	if m := next(t, l); m.PID != os.Getpid() {
		t.Errorf("an empty message: got %+v", m)
	}
	hungUp(t, pipe[0])
}
