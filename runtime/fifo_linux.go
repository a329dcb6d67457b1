package runtime

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"mini/runtime/logs"
)

// A program must not be killed by SIGPIPE because its supervisor was killed. So
// where another supervisor may come after us the pipes have names, and the
// program's ends are open for reading, too: it can write as much as a pipe
// holds, waits then, and goes on as soon as somebody reads again (fifo(7)).

// fifo is pipe with a name.
func (o *output) fifo(s logs.Stream) error {
	path := o.hub.named.Stream(s.String())
	if err := ignore(os.Remove(path), fs.ErrNotExist); err != nil {
		return err
	}
	if err := unix.Mkfifo(path, 0o600); err != nil {
		return fmt.Errorf("mkfifo %s: %w", path, err)
	}
	// The program may open its output anew by /dev/stdout, as whatever user it is.
	// Nobody outside gets to the directory.
	if err := os.Chmod(path, 0o622); err != nil {
		return err
	}
	end, err := os.OpenFile(path, os.O_RDWR, 0) // blocking, as programs expect it
	if err != nil {
		return err
	}
	o.ends = append(o.ends, end)
	return o.readNamed(s, path)
}

func (o *output) readNamed(s logs.Stream, path string) error {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	return o.read(s, fd)
}

// resume reads on where a supervisor that was killed has left off.
func (h *hub) resume() (*output, error) {
	o := &output{hub: h}
	for _, s := range []logs.Stream{logs.Stdout, logs.Stderr} {
		if err := o.readNamed(s, h.named.Stream(s.String())); err != nil {
			return nil, errors.Join(err, o.drain())
		}
	}
	return o, nil
}
