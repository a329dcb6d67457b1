package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// signals prints the name of each signal it gets. TERM ends it after a delay, as a
// service that takes its time to stop.
func signals(c *call) error {
	delay := time.Duration(0)
	if len(c.args) > 0 {
		var err error
		if delay, err = parseDuration(c.args[0]); err != nil {
			return err
		}
	}
	arrived := make(chan os.Signal, 64)
	signal.Notify(arrived)
	c.printf("waiting as pid %d\n", os.Getpid())
	var end <-chan time.Time
	for {
		select {
		case sig := <-arrived:
			if sig == unix.SIGURG { // Go's own, for the scheduler
				continue
			}
			c.printf("%s\n", unix.SignalName(sig.(syscall.Signal)))
			if sig == unix.SIGTERM && end == nil {
				end = time.After(delay)
			}
		case <-end:
			c.printf("ends\n")
			return nil
		}
	}
}
