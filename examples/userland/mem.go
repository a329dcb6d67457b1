package main

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// mem maps memory, touches it page by page and tells how far it has got, so
// that the last line before the kernel kills it shows the limit.
func mem(c *call) error {
	if len(c.args) == 0 || len(c.args) > 2 {
		return usage("a size is needed")
	}
	total, err := parseSize(c.args[0])
	if err != nil {
		return err
	}
	hold := time.Duration(0)
	if len(c.args) == 2 {
		if hold, err = parseDuration(c.args[1]); err != nil {
			return err
		}
	}
	memory, err := unix.Mmap(-1, 0, int(total), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return fmt.Errorf("mmap %s: %w", size(total), err)
	}
	c.touch(memory)
	time.Sleep(hold)
	return unix.Munmap(memory)
}

// touch writes one byte a page and prints some twenty steps.
func (c *call) touch(memory []byte) {
	page := os.Getpagesize()
	step := max(len(memory)/20/page, 1) * page
	for i := 0; i < len(memory); i += page {
		if memory[i] = 1; (i+page)%step == 0 {
			c.printf("%s used\n", size(uint64(i+page)))
		}
	}
	c.printf("all %s used\n", size(uint64(len(memory))))
}
