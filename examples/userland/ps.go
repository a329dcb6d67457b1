package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
)

// ps lists the processes that /proc shows: those of its pid namespace.
func ps(c *call) error {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return err
	}
	users := names("/etc/passwd")
	w := tabwriter.NewWriter(c.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "PID\tPPID\tUSER\tSTATE\tRSS\tCOMMAND")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			continue // it ended since
		}
		s := statusFields(string(text))
		line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\n", pid, s["PPid"], userOf(users, s["Uid"]), s["State"], s["VmRSS"], command(line, s["Name"]))
	}
	return w.Flush()
}

// statusFields reads the lines "Name:\tvalue" of /proc/PID/status.
func statusFields(text string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(line, ":"); ok {
			m[name] = strings.TrimSpace(value)
		}
	}
	return m
}

// userOf names the first of the four ids in a Uid line.
func userOf(users map[uint32]string, uids string) string {
	first, _, _ := strings.Cut(uids, "\t")
	id, err := strconv.ParseUint(first, 10, 32)
	if name, ok := users[uint32(id)]; ok && err == nil {
		return name
	}
	return first
}

// command is the command line; kernel threads and zombies have none, only a name.
func command(cmdline []byte, name string) string {
	text := strings.TrimSpace(strings.ReplaceAll(string(cmdline), "\x00", " "))
	if text == "" {
		return "[" + name + "]"
	}
	return strings.ReplaceAll(text, "\n", " ")
}
