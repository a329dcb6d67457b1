package stdio

import (
	"fmt"
	"os"

	"github.com/containerd/console"
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
