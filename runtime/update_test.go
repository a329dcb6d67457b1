package runtime

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// TestUpdateMerges has what is asked for, what was there, what is written to
// the kernel and what is remembered.
func TestUpdateMerges(t *testing.T) {
	tests := []struct{ name, asked, old, written, kept string }{
		{"nothing", `{}`, `{"cpu":{"shares":5}}`, `{}`, `{"cpu":{"shares":5}}`},
		{"into nothing", `{"pids":{"limit":7}}`, `{}`, `{"pids":{"limit":7}}`, `{"pids":{"limit":7}}`},
		{"quota keeps the period", `{"cpu":{"quota":5000}}`, `{"cpu":{"period":20000,"shares":5}}`,
			`{"cpu":{"quota":5000,"period":20000}}`, `{"cpu":{"shares":5,"quota":5000,"period":20000}}`},
		{"period keeps the quota", `{"cpu":{"period":20000}}`, `{"cpu":{"quota":5000}}`,
			`{"cpu":{"quota":5000,"period":20000}}`, `{"cpu":{"quota":5000,"period":20000}}`},
		{"shares alone", `{"cpu":{"shares":9}}`, `{"cpu":{"quota":5000}}`, `{"cpu":{"shares":9}}`, `{"cpu":{"shares":9,"quota":5000}}`},
		{"limit keeps the sum with swap", `{"memory":{"limit":10}}`, `{"memory":{"limit":5,"swap":30}}`,
			`{"memory":{"limit":10,"swap":30}}`, `{"memory":{"limit":10,"swap":30}}`},
		{"no limit takes swap's along", `{"memory":{"limit":-1}}`, `{"memory":{"limit":5,"swap":30}}`,
			`{"memory":{"limit":-1}}`, `{"memory":{"limit":-1,"swap":30}}`},
		{"swap needs the limit", `{"memory":{"swap":30}}`, `{"memory":{"limit":5}}`,
			`{"memory":{"limit":5,"swap":30}}`, `{"memory":{"limit":5,"swap":30}}`},
		{"unified by key", `{"unified":{"a":"1"}}`, `{"unified":{"a":"0","b":"2"}}`, `{"unified":{"a":"1"}}`, `{"unified":{"a":"1","b":"2"}}`},
		{"lists are replaced", `{"hugepageLimits":[{"pageSize":"2MB","limit":1}]}`, `{"hugepageLimits":[{"pageSize":"1GB","limit":2}]}`,
			`{"hugepageLimits":[{"pageSize":"2MB","limit":1}]}`, `{"hugepageLimits":[{"pageSize":"2MB","limit":1}]}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			asked, old := resources(t, test.asked), resources(t, test.old)
			complete(asked, old)
			same(t, "written", asked, test.written)
			lay(reflect.ValueOf(old).Elem(), reflect.ValueOf(*asked))
			same(t, "kept", old, test.kept)
		})
	}
}

func resources(t *testing.T, text string) *specs.LinuxResources {
	t.Helper()
	r := new(specs.LinuxResources)
	if err := json.Unmarshal([]byte(text), r); err != nil {
		t.Fatal(err)
	}
	return r
}

func same(t *testing.T, what string, got *specs.LinuxResources, want string) {
	t.Helper()
	if !reflect.DeepEqual(got, resources(t, want)) {
		text, _ := json.Marshal(got)
		t.Errorf("%s: got %s, want %s", what, text, want)
	}
}
