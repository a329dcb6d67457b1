package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
)

// firstOfOurs is below the inode of every namespace made after boot, and above those made
// at boot. The kernel fixes some of the latter (linux/nsfs.h: 0xEFFFFFF8 and
// up); older ones number the first mnt and net a little higher.
const firstOfOurs = 4026532000

// ns prints the namespaces of this process: whether the machine booted with
// them, and whether pid 1 of /proc is in the same.
func ns(c *call) error {
	entries, err := os.ReadDir("/proc/self/ns")
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "TYPE\tINODE\tMADE\tPID 1")
	for _, e := range entries {
		own, err := os.Readlink("/proc/self/ns/" + e.Name())
		if err != nil {
			fmt.Fprintf(w, "%s\t\t\t%s\n", e.Name(), explain(err))
			continue
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", e.Name(), nsInode(own), nsOrigin(nsInode(own)), samePid1(e.Name(), own))
	}
	return w.Flush()
}

// nsInode reads the number in "pid:[4026531836]".
func nsInode(link string) uint64 {
	_, text, _ := strings.Cut(strings.TrimSuffix(link, "]"), "[")
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func nsOrigin(inode uint64) string {
	if inode < firstOfOurs {
		return "at boot"
	}
	return "later"
}

func samePid1(name, own string) string {
	first, err := os.Readlink("/proc/1/ns/" + name)
	switch {
	case err != nil:
		return "not to be seen"
	case first == own:
		return "same"
	}
	return "another"
}
