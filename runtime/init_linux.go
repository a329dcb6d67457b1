package runtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// initCommand is what the parent calls init by. No user types it.
const initCommand = "init"

// The descriptors that init is born with, beside 0, 1 and 2.
const (
	channelFd = 3
	gateFd    = 4
	firstFd   = 5 // from here on all are closed at execve
)

// Init is process 1 of the container: in all of its namespaces, root in its
// user namespace, the host's tree still its root. It returns only if it
// failed, with the status to exit with; its parent has been told why.
func Init() int {
	// All that is done to this thread (capabilities, seccomp, keyring) is
	// the program's; no other goroutine may get it.
	runtime.LockOSThread()
	// Before anything else: what leaked into us must not reach the program
	// (CVE-2024-21626).
	if err := unix.CloseRange(channelFd, ^uint(0), unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return 125
	}
	in := initProcess{channel: channel{os.NewFile(channelFd, "parent")}, gate: os.NewFile(gateFd, "gate")}
	err := in.run()
	return in.report(err)
}

// initProcess is init's own state.
type initProcess struct {
	channel channel
	gate    *os.File
	conn    *os.File // once the gate is open: who reads our last words
	plan    *Plan
	watch   Watch
}

func (in *initProcess) run() error {
	if err := in.learn(); err != nil {
		return err
	}
	if err := in.plan.execute(Mount, in.watch, noJournal); err != nil {
		return err
	}
	if err := in.sync(); err != nil {
		return err
	}
	if err := in.plan.execute(Pivot, in.watch, noJournal); err != nil {
		return err
	}
	if err := in.channel.send(msgReady, nil); err != nil {
		return err
	}
	var err error
	if in.conn, err = acceptGate(in.gate); err != nil {
		return err
	}
	return in.plan.execute(Last, in.watch, noJournal)
}

// noJournal is init's: it makes nothing that outlives its namespaces.
func noJournal(string) error { return nil }

// learn receives the configuration and makes the parent's plan again.
func (in *initProcess) learn() error {
	var b boot
	var files []*os.File
	for b.Config.Spec == nil {
		m, err := in.channel.receive()
		if err != nil {
			return err
		}
		switch m.kind {
		case msgFiles:
			files = append(files, m.files...)
		case msgConfig:
			err = json.Unmarshal(m.body, &b)
		case msgSpec:
			b.Config.Spec = new(specs.Spec)
			err = json.Unmarshal(m.body, b.Config.Spec)
		}
		if err != nil {
			return fmt.Errorf("read message %q: %w", m.kind, err)
		}
	}
	return in.adopt(b, files)
}

func (in *initProcess) adopt(b boot, files []*os.File) (err error) {
	if b.Stepped {
		in.watch.Before = in.ask
	}
	if b.Watched {
		in.watch.After = in.tell
	}
	if in.plan, err = NewPlan(b.Config, b.Facts); err != nil {
		return err
	}
	return in.plan.sources.Fill(files)
}

// sync waits for the hooks in the parent.
func (in *initProcess) sync() error {
	if err := in.channel.send(msgMounted, nil); err != nil {
		return err
	}
	return in.wait()
}

func (in *initProcess) wait() error {
	m, err := in.channel.receive()
	if err == nil && m.kind != msgGo {
		err = fmt.Errorf("message %q where go was expected", m.kind)
	}
	return err
}

func (in *initProcess) ask(i int, _ Step) error {
	if err := in.channel.send(msgNext, packStep(i, 0)); err != nil {
		return err
	}
	return in.wait()
}

func (in *initProcess) tell(i int, _ Step, took time.Duration) {
	// A parent that no longer listens does not matter here: sync and the
	// gate find out.
	_ = in.channel.send(msgStep, packStep(i, took))
}

// report says the last words to whoever listens: the starter at the gate,
// or the creator on the channel.
func (in *initProcess) report(err error) int {
	f := pack(err)
	text, jsonErr := json.Marshal(f)
	if errors.Join(jsonErr) != nil {
		return f.Status
	}
	if in.conn != nil {
		_, _ = in.conn.Write(text)
	} else {
		_ = in.channel.send(msgError, text)
	}
	return f.Status
}
