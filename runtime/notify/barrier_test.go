package notify

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestBarrier: it ends when what was sent before has been looked at, and not
// before.
func TestBarrier(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := Send(path, Message{Ready: true}); err != nil {
		t.Fatal(err)
	}
	if err := Barrier(path, 10*time.Millisecond); !errors.Is(err, unix.ETIMEDOUT) {
		t.Errorf("nobody has looked, and it gave %v", err)
	}
	go func() {
		for {
			if _, err := l.Next(context.Background()); err != nil {
				return
			}
		}
	}()
	if err := Barrier(path, time.Minute); err != nil {
		t.Error(err)
	}
}
