package runtime

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/runtime/process"
)

// This file is about a seccomp agent: a program on the host that decides on
// system calls of the container (SCMP_ACT_NOTIFY). The parent connects to it,
// init hands it the descriptor that the kernel asks through.

// listener is the cell for the connection, nil if the filter asks nobody.
func (p *Plan) listener(f *process.Filter) *process.Listener {
	if f == nil || f.Flags&unix.SECCOMP_FILTER_FLAG_NEW_LISTENER == 0 {
		return nil
	}
	p.agent = &process.Listener{Path: p.linux().Seccomp.ListenerPath}
	return p.agent
}

// introduce hands the connection over to init, with what init is to say in it.
func (c *Container) introduce(b *boot) error {
	agent := c.Plan.agent
	if agent == nil {
		return nil
	}
	text, err := json.Marshal(c.processState())
	if err != nil {
		return err
	}
	b.Agent = text
	defer agent.Conn.Close() // or the agent would never see the end of it
	return c.channel.sendFiles([]*os.File{agent.Conn})
}

// processState is what config-linux.md calls the container process state.
func (c *Container) processState() specs.ContainerProcessState {
	config := c.Plan.config
	s := specs.ContainerProcessState{
		Version:  config.Spec.Version,
		Fds:      []string{specs.SeccompFdName},
		Pid:      c.Record.Pid,
		Metadata: c.Plan.linux().Seccomp.ListenerMetadata,
		State: specs.State{
			Version: config.Spec.Version, ID: config.ID, Bundle: config.Bundle,
			Status: specs.StateCreating, Pid: c.Record.Pid, Annotations: config.Spec.Annotations,
		},
	}
	if c.first != 0 {
		s.State.Status, s.State.Pid = specs.StateRunning, c.first
	}
	return s
}

// meet is init's side of introduce: the connection is the last of the files.
func (p *Plan) meet(b boot, files []*os.File) (rest []*os.File, err error) {
	if p.agent == nil {
		return files, nil
	}
	last := len(files) - 1
	if last < 0 {
		return nil, fmt.Errorf("no connection to %s was handed over", p.agent.Path)
	}
	p.agent.Conn, p.agent.Message = files[last], b.Agent
	return files[:last], nil
}
