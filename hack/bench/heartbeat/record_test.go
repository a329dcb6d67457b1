package main

import (
	"os"
	"strings"
	"testing"
)

func TestRecord(t *testing.T) {
	r := record{}
	r.add(probeSection, "exec: CPU", "ms", "mini", 4, 2)
	r.add(probeSection, "exec: CPU", "ms", "mini", 3)
	r.add(probeSection, "exec: CPU", "ms", "podman", 50, 70)
	r.add("100 watched, nobody asks", "private memory of one", "MiB", "mini", 3.5)
	r.judge()
	var b strings.Builder
	r.print(&b)
	for _, want := range []string{"exec: CPU, ms", "0.050", "of podman's: 0.05, aim 0.05: met", "MiB: 3.5, aim 3: missed"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestOwnNumbers(t *testing.T) {
	pid := os.Getpid()
	if all, dirty, err := private(pid); err != nil || dirty <= 0 || all < dirty {
		t.Errorf("private memory: %v, dirty %v, %v", all, dirty, err)
	}
	if n, err := switches(pid); err != nil || n <= 0 {
		t.Errorf("context switches: %v, %v", n, err)
	}
	if _, err := readStat(pid); err != nil {
		t.Error(err)
	}
}
