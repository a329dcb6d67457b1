package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// unmapped is the machine's shared memory that no process maps, in MiB: files of
// a tmpfs, and what is left of one that nobody can reach any more. What others
// map, as a virtual machine does its memory, comes and goes with them and is not
// ours. procs is a procfs that shows the processes of all the machine; if the
// memory changes as they are asked, they are asked again.
func unmapped(procs string) (mib int64, err error) {
	for range 20 {
		var all, mapped, again int64
		if all, err = meminfo("Shmem"); err != nil {
			return 0, err
		}
		if mapped, err = mappedBy(procs); err != nil {
			return 0, err
		}
		if again, err = meminfo("Shmem"); err != nil {
			return 0, err
		}
		mib = all - mapped
		if again == all {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return mib, nil
}

// mappedBy adds up what the processes map of shared memory, in MiB; each has its
// part of what several do (Pss_Shmem in proc_pid_smaps(5)).
func mappedBy(procs string) (int64, error) {
	list, err := os.ReadDir(procs)
	if err != nil {
		return 0, err
	}
	var kib int64
	for _, e := range list {
		if !isPid(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(procs, e.Name(), "smaps_rollup"))
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) || errors.Is(err, fs.ErrPermission) {
			continue // it has ended, is the kernel's own, or is not for us to know
		}
		if err != nil {
			return 0, err
		}
		if strings.Contains(string(text), "Pss_Shmem:") {
			n, err := sized(string(text), "Pss_Shmem")
			if err != nil {
				return 0, err
			}
			kib += n
		}
	}
	return kib >> 10, nil
}
