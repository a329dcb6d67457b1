package cgroups

import (
	"maps"
	"slices"
	"strings"
)

// unified writes the kernel's own files, last, so that they win over the
// translated settings, and sorted. A value of several lines (io.max) is written
// line by line, because the kernel reads one line at a time.
func unified(t translation) error {
	for _, key := range slices.Sorted(maps.Keys(t.res.Unified)) {
		t := t.at(escape(key))
		if err := checkUnified(t, key); err != nil {
			return err
		}
		empty := true
		for line := range strings.Lines(t.res.Unified[key]) {
			if line = strings.TrimRight(line, "\n"); line != "" {
				t.write(key, line)
				empty = false
			}
		}
		if empty {
			return t.refuse("empty value; leave the key out to set nothing")
		}
	}
	return nil
}

func unifiedField(key string) string { return resourceField("unified/" + escape(key)) }

func checkUnified(t translation, key string) error {
	controller, name, dot := strings.Cut(key, ".")
	switch {
	case strings.ContainsAny(key, "/\n\x00"):
		return t.refuse("%q is not a file name", key)
	case !dot || controller == "" || name == "" || len(key) > 255:
		return t.refuse("%q is not of the form controller.name", key)
	case strings.Contains(t.res.Unified[key], "\x00"):
		return t.refuse("the value has a NUL in it")
	case isAct(key):
		return t.refuse("%s acts upon the processes of the group, it is no setting", key)
	}
	return nil
}

// isAct names the core files that mini itself needs, and that would move, stop
// or end processes.
func isAct(file string) bool {
	return slices.Contains([]string{
		"cgroup.procs", "cgroup.threads", "cgroup.kill", "cgroup.freeze",
		"cgroup.type", "cgroup.subtree_control",
	}, file)
}
