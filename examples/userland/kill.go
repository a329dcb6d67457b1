package main

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

func kill(c *call) error {
	sig, pids := unix.SIGTERM, c.args
	if len(pids) > 1 && strings.HasPrefix(pids[0], "-") {
		name := strings.TrimPrefix(pids[0][1:], "SIG")
		if sig = unix.SignalNum("SIG" + name); sig == 0 {
			n, err := strconv.Atoi(name)
			if err != nil {
				return usage("no signal is named %s", name)
			}
			sig = syscall.Signal(n)
		}
		pids = pids[1:]
	}
	return c.each(pids, func(arg string) error {
		pid, err := strconv.Atoi(arg)
		if err != nil {
			return fmt.Errorf("%q is not a pid", arg)
		}
		if err := unix.Kill(pid, sig); err != nil {
			return fmt.Errorf("%d: %w", pid, err)
		}
		return nil
	})
}
