package main

import (
	"os"
	"strconv"
)

// zombie starts children and ends without waiting for them. They become pid 1's, end
// in turn, and stay zombies unless pid 1 waits for what it never started.
func zombie(c *call) error {
	n := 1
	if len(c.args) > 0 {
		var err error
		if n, err = strconv.Atoi(c.args[0]); err != nil {
			return usage("%q is not a number of children", c.args[0])
		}
	}
	for range n {
		p, err := os.StartProcess(self(), []string{"sleep", "0.2"}, &os.ProcAttr{Files: []*os.File{c.in, c.out, c.err}})
		if err != nil {
			return err
		}
		c.printf("%d\n", p.Pid)
	}
	return nil
}
