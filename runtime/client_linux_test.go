package runtime

import (
	"errors"
	"testing"

	"mini/runtime/control"
)

// TestLost: a supervisor that hangs up at any moment of a request has died, whatever
// the kernel says to that.
func TestLost(t *testing.T) {
	request := control.Frame{Kind: control.KindRequest, Body: []byte("{}")}
	for _, read := range []bool{false, true} {
		ours, theirs := client(t)
		if err := lost(request.Write(ours)); err != nil {
			t.Errorf("write: %v", err)
		}
		if read {
			frame(t, theirs)
		}
		theirs.Close()
		if _, err := reply(ours); !errors.Is(err, errDied) { // ECONNRESET, or EOF
			t.Errorf("read %v: got %v, want %v", read, err, errDied)
		}
		if err := lost(request.Write(ours)); !errors.Is(err, errDied) { // EPIPE
			t.Errorf("write to nobody: got %v, want %v", err, errDied)
		}
	}
}
