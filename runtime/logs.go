package runtime

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"mini/runtime/control"
	"mini/runtime/logs"
	"mini/runtime/state"
)

// Logs gives what a detached container has written, the oldest first. Following
// ends with the container.
func Logs(root, id string, q logs.Query, emit func(logs.Record) error) error {
	d, err := state.Open(root, id)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if q.Follow {
		conn, err := dial(d, control.Request{Do: control.Wait, For: control.Exit})
		switch {
		case errors.Is(err, errNoSupervisor):
			q.Follow = false // nobody writes any more
		case err != nil:
			return about(id, err)
		default:
			defer conn.Close()
			go func() {
				_, _ = reply(conn) // or the supervisor was killed: nothing more comes either
				cancel()
			}()
		}
	}
	err = logs.Read(ctx, d.Path, q, emit)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%q: has no log: mini keeps those of containers started by run -d", id)
	}
	return err
}
