package main

import (
	"fmt"
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A page is memory that a service shares with us, by a file in a volume: it writes
// down when it was started, and nobody has to wait for a message.
type page struct {
	starts atomic.Int64
	stamp  atomic.Int64 // the last start, on the clock of now
}

func openPage(path string) (*page, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	memory, err := unix.Mmap(int(f.Fd()), 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mmap %s: %w", path, err)
	}
	return (*page)(unsafe.Pointer(&memory[0])), nil
}

func makePage(path string) (*page, error) {
	if err := os.WriteFile(path, make([]byte, os.Getpagesize()), 0o666); err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o666); err != nil {
		return nil, err
	}
	return openPage(path)
}

func (p *page) born() {
	p.stamp.Store(int64(now()))
	p.starts.Add(1)
}

// wait returns when the start with that number was.
func (p *page) wait(number int64) (time.Duration, error) {
	for limit := now() + time.Minute; now() < limit; time.Sleep(200 * time.Microsecond) {
		if p.starts.Load() >= number {
			return time.Duration(p.stamp.Load()), nil
		}
	}
	return 0, fmt.Errorf("start %d did not come within a minute", number)
}

// now is CLOCK_MONOTONIC, which is the same in a container.
func now() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) // there is no kernel without it
	return time.Duration(t.Nano())
}
