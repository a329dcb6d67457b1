package runtime

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"mini/cgroups"
)

const killed, exited3 = unix.WaitStatus(9), unix.WaitStatus(3 << 8)

func TestDeath(t *testing.T) {
	base := Death{ID: "web", Lived: 1234 * time.Millisecond, CPU: 56 * time.Millisecond}
	for _, tt := range []struct {
		name   string
		change func(*Death)
		status int
		want   string
	}{
		{"exit", func(d *Death) { d.Status = exited3 }, 3,
			"web: exited with status 3; after 1.2s, 56ms of CPU"},
		{"signal", func(d *Death) { d.Status = killed }, 137,
			"web: killed by SIGKILL; after 1.2s, 56ms of CPU"},
		{"own limit", func(d *Death) {
			d.Status, d.OOM = killed, cgroups.OOM{Kills: 1, Culprit: cgroups.OwnLimit}
			d.Memory = cgroups.MemoryStats{Limit: 32 << 20, Peak: 32 << 20}
		}, 137, "web: killed by SIGKILL; out of memory, its own limit memory.max = 32 MiB [/linux/resources/memory/limit]; after 1.2s, 56ms of CPU, memory peak 32 MiB"},
		{"ancestor", func(d *Death) {
			d.Status, d.OOM = killed, cgroups.OOM{Kills: 1, Culprit: cgroups.OuterLimit, Path: "/sys/fs/cgroup/ci"}
		}, 137, "web: killed by SIGKILL; out of memory, the limit of a cgroup above it: /sys/fs/cgroup/ci; after 1.2s, 56ms of CPU"},
		{"host", func(d *Death) {
			d.Status, d.OOM = killed, cgroups.OOM{Kills: 1, Culprit: cgroups.HostLimit}
		}, 137, "web: killed by SIGKILL; out of memory: the whole machine was, no limit of the container; after 1.2s, 56ms of CPU"},
		{"pids", func(d *Death) { d.Refused = 7 }, 0,
			"web: exited with status 0; pids.max refused 7 forks [/linux/resources/pids/limit]; after 1.2s, 56ms of CPU"},
		{"timeout", func(d *Death) { d.Status, d.By = killed, "--timeout 1s" }, 137,
			"web: killed by SIGKILL (--timeout 1s); after 1.2s, 56ms of CPU"},
		{"throttled", func(d *Death) { d.Throttled = 2 * time.Second }, 0,
			"web: exited with status 0; after 1.2s, 56ms of CPU (held back for 2s by cpu.max)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := base
			tt.change(&d)
			if got := d.String(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if got := d.ExitStatus(); got != tt.status {
				t.Errorf("status %d, want %d", got, tt.status)
			}
		})
	}
}

func TestSize(t *testing.T) {
	for bytes, want := range map[uint64]string{
		0: "0 bytes", 1023: "1023 bytes", 1024: "1 KiB", 32 << 20: "32 MiB", 3 << 29: "1.5 GiB",
	} {
		if got := size(bytes); got != want {
			t.Errorf("size(%d) = %q, want %q", bytes, got, want)
		}
	}
}
