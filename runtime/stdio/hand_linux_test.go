package stdio

import (
	"os"
	"os/exec"

	"mini/namespaces/calls/callstest"
)

// byHand has a hand do the stage.
func byHand(steps Steps) report {
	cmd := &exec.Cmd{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr} // it ends with us
	h, err := callstest.Start(cmd)
	if err != nil {
		return report{Step: "start a hand", Error: err.Error()}
	}
	l := h.List()
	for _, op := range steps.Pivot {
		op.Calls(l)
	}
	if err := l.Flush(); err != nil {
		return report{Step: "flush", Error: err.Error()}
	}
	return look(cmd.Process.Pid, steps.Terminal.Master)
}
