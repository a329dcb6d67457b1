package stdio

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"

	"github.com/containerd/console"
	"golang.org/x/sys/unix"
)

// Relay joins the container's terminal to the one mini was called from, which
// it holds in raw mode, so that every key and every signal key reaches the
// program.
type Relay struct {
	master  int             // non-blocking; no os.File, which would make it blocking again
	tty     console.Console // the caller's
	resized chan os.Signal
	stop    *os.File // closing it ends the input, and the wait for more output
	done    chan struct{}
	err     error // of writing the output; valid after done
}

// Start begins to relay between master, which it owns from here on, and the
// terminal that in and out are. in must be a terminal: ErrNotTTY. The caller's
// terminal is restored when the output has ended, for which the caller must
// wait by Wait or Finish, whatever happens.
func Start(master, in, out *os.File) (*Relay, error) {
	tty, err := console.ConsoleFromFile(in)
	if err != nil {
		return nil, ErrNotTTY
	}
	fd, err := takeOver(master)
	if err != nil {
		return nil, err
	}
	wake, stop, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	if err := tty.SetRaw(); err != nil {
		return nil, errors.Join(fmt.Errorf("set raw mode: %w", err), unix.Close(fd), wake.Close(), stop.Close())
	}
	r := &Relay{master: fd, tty: tty, stop: stop, resized: make(chan os.Signal, 1), done: make(chan struct{})}
	signal.Notify(r.resized, unix.SIGWINCH)
	go r.run(in, out, wake)
	return r, nil
}

// takeOver makes a descriptor of our own from master, which it closes. Neither
// direction may hang in it when the other has ended.
func takeOver(master *os.File) (int, error) {
	fd, err := unix.FcntlInt(master.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("duplicate the master: %w", err)
	}
	_ = master.Close()
	if err := unix.SetNonblock(fd, true); err != nil {
		return -1, errors.Join(fmt.Errorf("set the master non-blocking: %w", err), unix.Close(fd))
	}
	return fd, nil
}

// Wait returns when all output of the container has been written, which is when
// the last process has closed the terminal. The caller's terminal is as before,
// and the master closed. The error is of writing to out, or of restoring.
func (r *Relay) Wait() error {
	<-r.done
	return r.err
}

// Finish is for a program that has ended while others may still hold the
// terminal: it writes what there is by now, then does as Wait does.
func (r *Relay) Finish() error {
	_ = r.stop.Close() // closed already, if the output has ended by itself
	return r.Wait()
}

// run lasts as long as there is output, and then undoes what Start did.
func (r *Relay) run(in, out, wake *os.File) {
	var others sync.WaitGroup
	others.Go(r.resize)
	others.Go(func() { toMaster(r.master, int(in.Fd()), int(wake.Fd())) })
	err := fromMaster(r.master, int(wake.Fd()), out)
	signal.Stop(r.resized)
	close(r.resized)
	_ = r.stop.Close()
	others.Wait() // a reader left behind would eat the caller's next key
	r.err = errors.Join(err, r.tty.Reset(), unix.Close(r.master), wake.Close())
	close(r.done)
}

// resize gives the container's terminal the size of ours, now and whenever it
// changes. A terminal without a size is one all the same.
func (r *Relay) resize() {
	for ok := true; ok; _, ok = <-r.resized {
		if size, err := unix.IoctlGetWinsize(int(r.tty.Fd()), unix.TIOCGWINSZ); err == nil {
			_ = unix.IoctlSetWinsize(r.master, unix.TIOCSWINSZ, size)
		}
	}
}
