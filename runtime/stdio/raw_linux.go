package stdio

import (
	"fmt"
	"os"

	"github.com/containerd/console"
	"golang.org/x/sys/unix"
)

// Raw puts the terminal that in is into raw mode, so that every key reaches
// whom it is relayed to. restore undoes that. ErrNotTTY if it is none.
func Raw(in *os.File) (restore func() error, err error) {
	tty, err := console.ConsoleFromFile(in)
	if err != nil {
		return nil, ErrNotTTY
	}
	if err := tty.SetRaw(); err != nil {
		return nil, fmt.Errorf("set raw mode: %w", err)
	}
	return tty.Reset, nil
}

// Size is how many characters a terminal shows; 0, 0 if it does not say.
func Size(tty *os.File) (rows, columns int) {
	size, err := unix.IoctlGetWinsize(int(tty.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0, 0
	}
	return int(size.Row), int(size.Col)
}
