package rootfs

import (
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// TestListedPtmx: an engine that lists all of the host's devices gets the link
// that is there by default, and nothing else under that name is passed over.
func TestListedPtmx(t *testing.T) {
	for name, tt := range map[string]struct {
		device   specs.LinuxDevice
		defaults bool
		linked   bool
	}{
		"the multiplexer":     {specs.LinuxDevice{Path: "/dev/ptmx", Type: "c", Major: 5, Minor: 2}, true, true},
		"no default links":    {specs.LinuxDevice{Path: "/dev/ptmx", Type: "c", Major: 5, Minor: 2}, false, false},
		"of another name":     {specs.LinuxDevice{Path: "/dev/mux", Type: "c", Major: 5, Minor: 2}, true, false},
		"of another number":   {specs.LinuxDevice{Path: "/dev/ptmx", Type: "c", Major: 1, Minor: 3}, true, false},
		"of that name, block": {specs.LinuxDevice{Path: "/dev/ptmx", Type: "b", Major: 5, Minor: 2}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := Config{Bundle: "/bundle", Root: rootAt("rootfs"), DefaultDevices: tt.defaults}
			without := planned(t, c)
			c.Devices = []specs.LinuxDevice{tt.device}
			if with := planned(t, c); (with == without) != tt.linked {
				t.Errorf("got a plan\n%s\nwithout the device\n%s\nwant them equal: %v", with, without, tt.linked)
			}
		})
	}
}

func planned(t *testing.T, c Config) string {
	t.Helper()
	steps, err := Plan(c, modern, new(int))
	if err != nil {
		t.Fatal(err)
	}
	return show(steps)
}
