package cgroups

import "testing"

func TestBlame(t *testing.T) {
	level := func(path string, total, local, kills uint64) Level {
		return Level{path, MemoryEvents{OOM: total, OOMKill: kills}, MemoryEvents{OOM: local}}
	}
	for _, c := range []struct {
		name          string
		before, after []Level
		want          OOM
	}{
		{"no account", nil, nil, OOM{}},
		{"nothing", nil, []Level{level("/a/b", 0, 0, 0), level("/a", 5, 5, 5)}, OOM{}},
		{"own", nil, []Level{level("/a/b", 1, 1, 2), level("/a", 1, 0, 2)}, OOM{2, OwnLimit, "/a/b"}},
		{"inner", nil, []Level{level("/a/b", 1, 0, 1), level("/a", 1, 0, 1)}, OOM{1, InnerLimit, ""}},
		{"ancestor", nil, []Level{level("/a/b/c", 0, 0, 1), level("/a/b", 0, 0, 1), level("/a", 1, 1, 1)}, OOM{1, OuterLimit, "/a"}},
		{"ancestor's old account", []Level{level("/a/b", 0, 0, 0), level("/a", 9, 9, 9)},
			[]Level{level("/a/b", 0, 0, 1), level("/a", 9, 9, 10)}, OOM{1, HostLimit, ""}},
		{"host", nil, []Level{level("/a/b", 0, 0, 1), level("/a", 0, 0, 1)}, OOM{1, HostLimit, ""}},
		{"old kills", []Level{level("/a/b", 3, 3, 3)}, []Level{level("/a/b", 3, 3, 3)}, OOM{}},
		{"made anew", []Level{level("/a/b", 3, 3, 3)}, []Level{level("/a/b", 1, 1, 1)}, OOM{1, OwnLimit, "/a/b"}},
	} {
		if got := Blame(c.before, c.after); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}
