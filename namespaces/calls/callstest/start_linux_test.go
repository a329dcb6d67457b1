package callstest

import (
	"io"
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"

	"mini/namespaces/calls"
)

// TestStart: it obeys, has the files where they are said to be, and ends with its
// socket.
func TestStart(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := &exec.Cmd{Stderr: os.Stderr, ExtraFiles: []*os.File{w}}
	h, err := Start(cmd)
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	l := h.List()
	pid := l.Call("getpid", unix.SYS_GETPID)
	l.Call("write", unix.SYS_WRITE, calls.N(4), l.Text("four"), calls.N(4))
	if err := l.Flush(); err != nil {
		t.Error(err)
	}
	if got, err := pid.Value(); err != nil || got != cmd.Process.Pid {
		t.Errorf("its pid is %d, %v, want %d", got, err, cmd.Process.Pid)
	}
	h.Socket.Close()
	if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != calls.StatusLost {
		t.Errorf("got %v, want exit status %d", cmd.ProcessState, calls.StatusLost)
	}
	if text, err := io.ReadAll(r); string(text) != "four" || err != nil {
		t.Errorf("wrote %q, %v", text, err)
	}
}

func TestStartFails(t *testing.T) {
	if h, err := Start(&exec.Cmd{Dir: "/no/such"}); err == nil || h.Socket != nil {
		t.Errorf("got %+v, %v", h, err)
	}
}
