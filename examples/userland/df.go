package main

import (
	"fmt"
	"os"
	"text/tabwriter"

	"golang.org/x/sys/unix"
)

// df prints the file systems of the paths, or all mounts that have blocks.
func df(c *call) error {
	paths := c.args
	if len(paths) == 0 {
		mounts, err := mountTable()
		if err != nil {
			return err
		}
		for _, m := range mounts {
			paths = append(paths, m.target)
		}
	}
	w := tabwriter.NewWriter(c.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "PATH\tSIZE\tUSED\tFREE")
	for _, path := range paths {
		var st unix.Statfs_t
		if err := unix.Statfs(path, &st); err != nil {
			c.complain(&os.PathError{Op: "statfs", Path: path, Err: err})
			continue
		}
		if block := uint64(st.Bsize); st.Blocks > 0 {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", path, size(st.Blocks*block), size((st.Blocks-st.Bfree)*block), size(st.Bavail*block))
		}
	}
	return w.Flush()
}
