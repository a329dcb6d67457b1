package runtime

import (
	"encoding/json"
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"mini/runtime/state"
)

// TestEarlyGateOfTheDead: init may have failed, and gone, before its parent
// comes to open the gate. What it said is the error, not that nobody is there.
func TestEarlyGateOfTheDead(t *testing.T) {
	dir, err := state.At(t.TempDir(), "dead")
	if err == nil {
		err = dir.Create("1 1")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Unlock()
	gate, err := listenGate(dir.Gate())
	if err != nil {
		t.Fatal(err)
	}
	gate.Close()
	parent, init := newPair(t)
	cause := stepError(Step{Pivot, fake{text: "look for cart"}}, execError{unix.ENOENT})
	text, err := json.Marshal(pack(cause))
	if err == nil {
		err = init.send(msgError, text)
	}
	if err != nil {
		t.Fatal(err)
	}
	c := &Container{Plan: &Plan{config: Config{Supervised: true}}, dir: dir, channel: parent}
	c.inside = &goInit{c: c}
	err = c.inside.last()
	var step *StepError
	if !errors.As(err, &step) || step.Status != 127 {
		t.Errorf("got %v, want init's own: %v", err, cause)
	}
}
