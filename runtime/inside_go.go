package runtime

import (
	"errors"
	"fmt"
	"io"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"mini/runtime/wire"
)

// goInit is mini itself inside: see [Init] for its side. It makes the same plan
// again.
type goInit struct {
	c    *Container
	self *ownBinary
	gone bool // it was told to go on past the hooks: there are none
}

// boot is what init is told.
type boot struct {
	Config  Config
	Facts   Facts
	Process *specs.Process // not the first: it has joined
	Agent   []byte         // what to tell the seccomp agent
	Watched bool           // report each step
	Stepped bool           // wait before each step
}

func (g *goInit) program() (err error) {
	p := g.c.Plan
	if g.self, err = openSelf(p.config.Root); err != nil {
		return fmt.Errorf("open the own binary: %w", err)
	}
	p.child.Exe, p.child.Args = g.self.File, initArgs(p.config.Fds)
	p.child.Env, p.child.Slack = initEnv(), initSlack
	return nil
}

func (g *goInit) close() { g.self.Close() }

func (g *goInit) build(upTo Stage) error {
	c, p := g.c, g.c.Plan
	if p.sources != nil {
		if err := c.channel.sendFiles(p.sources.Files()); err != nil {
			return c.blame(err)
		}
		p.sources.Close()
	}
	if err := c.lendRoot(); err != nil {
		return c.blame(err)
	}
	b := boot{Config: p.config, Facts: p.facts, Watched: c.watch.After != nil, Stepped: c.watch.Before != nil}
	if p.joined {
		b.Process = p.config.Spec.Process
	}
	if err := g.brief(b); err != nil {
		return c.blame(err)
	}
	// Nothing is to be done between init's two halves, so it need not ask.
	if g.gone = upTo != Mount && !p.joined; g.gone {
		return c.blame(c.channel.send(msgGo, nil))
	}
	g.self.settle()
	return nil
}

// brief tells init what to do.
func (g *goInit) brief(b boot) error {
	if err := g.c.introduce(&b); err != nil {
		return err
	}
	// What is for other systems than Linux no step looks at.
	spec := *b.Config.Spec
	spec.Solaris, spec.Windows, spec.VM, spec.ZOS, spec.FreeBSD = nil, nil, nil, nil, nil
	spec.Linux = withoutRules(spec.Linux)
	b.Config.Spec = &spec
	text, err := wire.Append(make([]byte, 0, 16<<10), b)
	if err != nil {
		return fmt.Errorf("encode the configuration: %w", err)
	}
	return g.c.channel.send(msgConfig, text)
}

// ahead: it does that by itself.
func (g *goInit) ahead() {}

func (g *goInit) built() error {
	g.self.settle()
	if g.c.Plan.joined {
		return nil
	}
	_, err := g.await(msgMounted)
	return err
}

func (g *goInit) change() error {
	if !g.gone && !g.c.Plan.joined {
		if err := g.c.blame(g.c.channel.send(msgGo, nil)); err != nil {
			return err
		}
	}
	ready, err := g.await(msgReady)
	if err != nil {
		return err
	}
	if len(ready.files) > 0 && g.c.Plan.terminal != nil {
		g.c.takeTerminal(ready.files[0])
	}
	return nil
}

// wait needs nothing: it waits by itself.
func (g *goInit) wait() error { return nil }

// last is for the process that has created the container; [Container.pass] for others.
func (g *goInit) last() error {
	if g.c.Plan.joined {
		return g.let()
	}
	conn, err := openGate(g.c.dir.Gate())
	if err != nil {
		// It may have failed before we came to knock: then it has said why.
		return g.c.blame(fmt.Errorf("open the gate: %w", err))
	}
	defer conn.Close()
	if err := g.c.shutGate(); err != nil {
		return err
	}
	if err := g.follow(); err != nil {
		return err
	}
	return passed(conn)
}

// follow reads what init says of its steps until execve closes its end.
func (g *goInit) follow() error {
	for {
		m, err := g.c.channel.receive()
		if errors.Is(err, io.EOF) || errors.Is(err, unix.ECONNRESET) {
			return nil
		}
		if err == nil {
			err = g.handle(m)
		}
		if err != nil {
			return err
		}
	}
}

// let sends a further process into its program. execve closes the channel.
func (g *goInit) let() error {
	if err := g.c.channel.send(msgGo, nil); err != nil {
		return g.c.blame(err)
	}
	m, err := g.c.channel.receive()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	case m.kind == msgError:
		return unpack(m.body)
	}
	return fmt.Errorf("init sent a message of kind %q out of turn", m.kind)
}
