package runtime

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"mini/runtime/notify"
)

// This file is for a container that nobody supervises, started by a service
// manager that wants to be told when it is ready (Type=notify in
// systemd.service(5)). The program's socket is in a directory of the container;
// start listens there, passes READY=1 on with the number that the manager knows
// the program by, and returns. As with runc and crun, nobody hears the program
// after that.

// barrierPatience is how long the manager may take to look at a message.
const barrierPatience = 5 * time.Second

// ready is what start listens at for the manager; nil if there is none, or the
// container was created without one.
func (c *Container) ready(manager string) (*notify.Listener, error) {
	if manager == "" {
		return nil, nil
	}
	path := filepath.Join(c.dir.Path, "notify", notifyFile)
	if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	l, err := notify.Listen(path)
	if err != nil {
		return nil, fmt.Errorf("NOTIFY_SOCKET: %w", err)
	}
	return l, nil
}

// passReady waits until the program is ready, or has ended, and tells the manager.
func (c *Container) passReady(l *notify.Listener, manager string) error {
	if l == nil {
		return nil
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		_ = readable(c.Pidfd)
		cancel()
	}()
	for {
		m, err := l.Next(ctx)
		switch {
		case ctx.Err() != nil:
			return nil // it has ended: the manager sees that itself
		case err != nil:
			return fmt.Errorf("NOTIFY_SOCKET: %w", err)
		case !m.Ready:
			continue
		}
		err = notify.Send(manager, notify.Message{Ready: true, MainPID: c.Record.Pid, Status: m.Status, HasStatus: m.HasStatus})
		return errors.Join(err, notify.Barrier(manager, barrierPatience))
	}
}
