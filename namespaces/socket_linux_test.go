package namespaces

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSocketComesBack holds that the threads of this process stay where they
// were.
func TestSocketComesBack(t *testing.T) {
	netns := inNewNet(t, func() error { return nil })
	want, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	strays := straysFrom(t, want) // the thread that inNewNet has left there may live on for a while
	for range 100 {
		fds, err := socketsByThread(netns, unix.AF_INET, 1)
		if err != nil {
			t.Fatal(err)
		}
		closeAll(fds)
	}
	for task, got := range straysFrom(t, want) {
		if strays[task] == "" {
			t.Errorf("%s is %s, ours is %s", task, got, want)
		}
	}
}

// straysFrom gives the threads of ours that are in another network namespace.
func straysFrom(t *testing.T, want string) map[string]string {
	t.Helper()
	tasks, err := filepath.Glob("/proc/self/task/*/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	strays := map[string]string{}
	for _, task := range tasks {
		if got, err := os.Readlink(task); err == nil && got != want {
			strays[task] = got
		}
	}
	return strays
}
