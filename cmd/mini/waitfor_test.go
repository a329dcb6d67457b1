package main

import (
	"testing"
	"time"

	"mini/runtime/control"
)

func TestParseWaitFor(t *testing.T) {
	for s, want := range map[string]awaited{
		"db:healthy":     {"db", control.Healthy, 0},
		"db:ready:1m30s": {"db", control.Ready, 90 * time.Second},
		"a.b:started":    {"a.b", control.Started, 0},
		"job:exit:1s":    {"job", control.Exit, time.Second},
	} {
		if got, err := parseWaitFor(s); err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "db", ":healthy", "db:", "db:rain", "db:healthy:", "db:healthy:soon", "db:healthy:0s", "db:healthy:1s:2s"} {
		if got, err := parseWaitFor(s); err == nil {
			t.Errorf("%s: got %+v and no error", s, got)
		}
	}
}
