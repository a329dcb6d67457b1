package runtime

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"
)

// errInitDied is init's end without a word: killed, or out of memory.
var errInitDied = errors.New("init ended without a word")

// await reads init's messages until want comes. Steps on the way are passed
// to the watch.
func (g *goInit) await(want kind) (message, error) {
	for {
		m, err := g.c.channel.receive()
		if errors.Is(err, io.EOF) || errors.Is(err, unix.ECONNRESET) {
			return m, g.c.died()
		}
		if err != nil {
			return m, err
		}
		if m.kind == want {
			return m, nil
		}
		if err := g.handle(m); err != nil {
			return m, err
		}
	}
}

// handle is for messages that may come at any time.
func (g *goInit) handle(m message) error {
	switch m.kind {
	case msgStep:
		i, took := unpackStep(m.body)
		g.c.told = time.Now()
		g.c.watch.After(i, g.c.Plan.Steps[i], took)
		return nil
	case msgNext:
		i, _ := unpackStep(m.body)
		if err := g.c.watch.Before(i, g.c.Plan.Steps[i]); err != nil {
			return err
		}
		return g.c.channel.send(msgGo, nil)
	case msgError:
		return unpack(m.body)
	}
	return fmt.Errorf("init sent a message of kind %q out of turn", m.kind)
}

// died says how init ended.
func (c *Container) died() error {
	var status unix.WaitStatus
	pid, err := unix.Wait4(c.Record.Pid, &status, 0, nil)
	if err != nil || pid == 0 {
		return errInitDied
	}
	if status.Signaled() {
		return fmt.Errorf("%w: killed by %s", errInitDied, unix.SignalName(status.Signal()))
	}
	return fmt.Errorf("%w: exit status %d", errInitDied, status.ExitStatus())
}

// A step's index and time cross as two numbers of eight bytes.
func packStep(i int, took time.Duration) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(i))
	return binary.LittleEndian.AppendUint64(b, uint64(took))
}

func unpackStep(b []byte) (i int, took time.Duration) {
	return int(binary.LittleEndian.Uint64(b)), time.Duration(binary.LittleEndian.Uint64(b[8:]))
}
