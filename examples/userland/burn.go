package main

import (
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// burn uses as much CPU as it gets for a time, and tells how much that was.
func burn(c *call) error {
	if len(c.args) == 0 || len(c.args) > 2 {
		return usage("a time is needed")
	}
	d, err := parseDuration(c.args[0])
	if err != nil {
		return err
	}
	threads := 1
	if len(c.args) == 2 {
		if threads, err = strconv.Atoi(c.args[1]); err != nil || threads < 1 || threads > 1000 {
			return usage("%q is not a number of threads", c.args[1])
		}
	}
	start := time.Now()
	spin(start.Add(d), threads)
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err != nil {
		return err
	}
	cpu := time.Duration(used.Utime.Nano() + used.Stime.Nano())
	wall := time.Since(start)
	c.printf("%.2f s of CPU in %.2f s: %.0f %%\n", cpu.Seconds(), wall.Seconds(), 100*cpu.Seconds()/wall.Seconds())
	return nil
}

func spin(until time.Time, threads int) {
	var group sync.WaitGroup
	for range threads {
		group.Go(func() {
			for time.Now().Before(until) {
			}
		})
	}
	group.Wait()
}
