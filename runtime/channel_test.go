package runtime

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func newPair(t *testing.T) (a, b channel) {
	t.Helper()
	a, b, err := pair()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.f.Close(); b.f.Close() })
	return a, b
}

func TestChannelBody(t *testing.T) {
	a, b := newPair(t)
	want := bytes.Repeat([]byte("config"), 1<<18) // more than a socket buffer holds
	sent := make(chan error, 1)
	go func() { sent <- a.send(msgConfig, want) }()
	m, err := b.receive()
	if err != nil {
		t.Fatal(err)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	if m.kind != msgConfig || !bytes.Equal(m.body, want) {
		t.Errorf("got %q with %d bytes, want %q with %d", m.kind, len(m.body), msgConfig, len(want))
	}
}

// TestChannelFiles sends more descriptors than one message may carry and
// requires each to arrive in order.
func TestChannelFiles(t *testing.T) {
	a, b := newPair(t)
	var files []*os.File
	for range maxFiles + 5 {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		w.Close()
		defer r.Close()
		files = append(files, r)
	}
	if err := a.sendFiles(files); err != nil {
		t.Fatal(err)
	}
	var got []*os.File
	for len(got) < len(files) {
		m, err := b.receive()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, m.files...)
	}
	for i := range files {
		if inode(t, got[i]) != inode(t, files[i]) {
			t.Fatalf("descriptor %d is not the one that was sent", i)
		}
		got[i].Close()
	}
}

func inode(t *testing.T, f *os.File) uint64 {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		t.Fatal(err)
	}
	return st.Ino
}

func TestChannelReceivedAreCloseOnExec(t *testing.T) {
	a, b := newPair(t)
	if err := a.sendFiles([]*os.File{os.Stdin}); err != nil {
		t.Fatal(err)
	}
	m, err := b.receive()
	if err != nil {
		t.Fatal(err)
	}
	defer m.files[0].Close()
	flags, err := unix.FcntlInt(m.files[0].Fd(), unix.F_GETFD, 0)
	if err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("flags = %#x, %v, want FD_CLOEXEC", flags, err)
	}
}

func TestChannelEnd(t *testing.T) {
	a, b := newPair(t)
	a.f.Close()
	if _, err := b.receive(); !errors.Is(err, io.EOF) {
		t.Errorf("receive = %v, want EOF", err)
	}
	if err := b.send(msgGo, nil); !errors.Is(err, unix.EPIPE) {
		t.Errorf("send = %v, want EPIPE", err)
	}
}

func TestStepCrosses(t *testing.T) {
	i, took := unpackStep(packStep(41, time.Millisecond))
	if i != 41 || took != time.Millisecond {
		t.Errorf("got step %d after %v", i, took)
	}
}

func TestGate(t *testing.T) {
	path := t.TempDir() + "/start.sock"
	gate, err := listenGate(path)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		conn, err := acceptGate(gate)
		gate.Close() // before the end of conn tells that it is closed
		if err == nil {
			_, _ = conn.WriteString(`{"Step":"execve /x","Text":"no","Errno":2,"Status":127}`)
			conn.Close()
		}
	}()
	conn, err := openGate(path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var step *StepError
	if err := passed(conn); !errors.As(err, &step) || step.Status != 127 || !errors.Is(err, unix.ENOENT) {
		t.Errorf("passed = %v, want a StepError of ENOENT with status 127", err)
	}
	// The listener is gone now: a second start is refused at once.
	if _, err := openGate(path); !errors.Is(err, unix.ECONNREFUSED) {
		t.Errorf("second open: %v, want ECONNREFUSED", err)
	}
}

func TestGateLongPath(t *testing.T) {
	dir := t.TempDir() + "/" + string(bytes.Repeat([]byte("d"), 150))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	gate, err := listenGate(dir + "/start.sock")
	if err != nil {
		t.Fatal(err)
	}
	gate.Close()
}
