package cgroups

import (
	"reflect"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// Each row: resources, and the writes they become, or the pointer and a part
// of the text of the error.
func TestTranslate(t *testing.T) {
	for _, c := range []struct{ res, want, field, text string }{
		{res: `{"memory":{"limit":33554432}}`, want: "memory.max=33554432"},
		{res: `{"memory":{"limit":-1}}`, want: "memory.max=max memory.swap.max=max?"},
		{res: `{"memory":{"limit":-2}}`, field: "memory/limit", text: "-2"},
		{res: `{"memory":{"reservation":5}}`, want: "memory.low=5"},
		{res: `{"memory":{"reservation":-1}}`, want: "memory.low=max"},
		{res: `{"memory":{"limit":100,"swap":150}}`, want: "memory.max=100 memory.swap.max=50"},
		{res: `{"memory":{"limit":100,"swap":100}}`, want: "memory.max=100 memory.swap.max=0?"},
		{res: `{"memory":{"limit":100,"swap":-1}}`, want: "memory.max=100 memory.swap.max=max?"},
		{res: `{"memory":{"limit":100,"swap":0}}`, want: "memory.max=100"},
		{res: `{"memory":{"limit":-1,"swap":70}}`, want: "memory.max=max memory.swap.max=70"},
		{res: `{"memory":{"swap":70}}`, field: "memory/swap", text: "memory/limit"},
		{res: `{"memory":{"swap":-1}}`, want: "memory.swap.max=max?"},
		{res: `{"memory":{"limit":100,"swap":99}}`, field: "memory/swap", text: "less than memory/limit"},
		{res: `{"memory":{"limit":100,"swap":-7}}`, field: "memory/swap", text: "-7"},
		{res: `{"memory":{"limit":100,"checkBeforeUpdate":true}}`, want: "check:memory.current=100 memory.max=100"},
		{res: `{"memory":{"limit":-1,"checkBeforeUpdate":true}}`, want: "memory.max=max memory.swap.max=max?"},
		{res: `{"memory":{"limit":100,"checkBeforeUpdate":false}}`, want: "memory.max=100"},
		{res: `{"memory":{"kernel":1}}`, field: "memory/kernel", text: "use memory/limit"},
		{res: `{"memory":{"kernel":-1,"kernelTCP":0}}`, want: ""},
		{res: `{"memory":{"kernelTCP":1}}`, field: "memory/kernelTCP", text: "tcp_mem"},
		{res: `{"memory":{"swappiness":0}}`, field: "memory/swappiness", text: "memory/swap"},
		{res: `{"memory":{"swappiness":18446744073709551615}}`, want: ""},
		{res: `{"memory":{"disableOOMKiller":true}}`, field: "memory/disableOOMKiller", text: "oomScoreAdj"},
		{res: `{"memory":{"useHierarchy":false}}`, field: "memory/useHierarchy", text: "always"},
		{res: `{"memory":{"useHierarchy":true,"disableOOMKiller":false}}`, want: ""},

		{res: `{"cpu":{"shares":1024}}`, want: "cpu.weight=100"},
		{res: `{"cpu":{"idle":1}}`, want: "cpu.idle=1"},
		{res: `{"cpu":{"idle":0,"shares":2}}`, want: "cpu.idle=0? cpu.weight=1"},
		{res: `{"cpu":{"idle":1,"shares":2}}`, field: "cpu/shares", text: "idle"},
		{res: `{"cpu":{"idle":2}}`, field: "cpu/idle", text: "neither 0 nor 1"},
		{res: `{"cpu":{"quota":50000}}`, want: "cpu.max=50000 100000"},
		{res: `{"cpu":{"quota":50000,"period":20000}}`, want: "cpu.max=50000 20000"},
		{res: `{"cpu":{"period":20000}}`, want: "cpu.max=max 20000"},
		{res: `{"cpu":{"quota":0,"period":20000}}`, want: "cpu.max=max 20000"},
		{res: `{"cpu":{"quota":-1}}`, want: "cpu.max=max"},
		{res: `{"cpu":{"quota":-1,"period":20000}}`, want: "cpu.max=max 20000"},
		{res: `{"cpu":{"quota":999}}`, field: "cpu/quota", text: "minimum"},
		{res: `{"cpu":{"quota":5000,"period":10}}`, field: "cpu/period", text: "between"},
		{res: `{"cpu":{"period":2000000}}`, field: "cpu/period", text: "between"},
		{res: `{"cpu":{"quota":50000,"burst":20000}}`, want: "cpu.max=50000 100000 cpu.max.burst=20000"},
		{res: `{"cpu":{"quota":50000,"burst":0}}`, want: "cpu.max=50000 100000 cpu.max.burst=0?"},
		{res: `{"cpu":{"burst":0}}`, want: ""},
		{res: `{"cpu":{"quota":50000,"burst":60000}}`, field: "cpu/burst", text: "more than cpu/quota"},
		{res: `{"cpu":{"realtimeRuntime":1}}`, field: "cpu/realtimeRuntime", text: "process.scheduler"},
		{res: `{"cpu":{"realtimePeriod":1}}`, field: "cpu/realtimePeriod", text: "process.scheduler"},
		{res: `{"cpu":{"realtimePeriod":0,"realtimeRuntime":0}}`, want: ""},
		{res: `{"cpu":{"cpus":"0-3,7","mems":"0"}}`, want: "cpuset.cpus=0-3,7 cpuset.mems=0"},
		{res: `{"cpu":{"cpus":"3-0"}}`, field: "cpu/cpus", text: `"3-0"`},
		{res: `{"cpu":{"mems":"0,,1"}}`, field: "cpu/mems", text: `","`},
		{res: `{"cpu":{"cpus":"0\n1"}}`, field: "cpu/cpus", text: "range"},

		{res: `{"pids":{"limit":0}}`, want: "pids.max=0"},
		{res: `{"pids":{"limit":20}}`, want: "pids.max=20"},
		{res: `{"pids":{"limit":-1}}`, want: "pids.max=max"},
		{res: `{"pids":{"limit":-2}}`, field: "pids/limit", text: "-2"},
		{res: `{"pids":{}}`, want: ""},

		{res: `{"blockIO":{"weight":10}}`, want: "io.bfq.weight=10|io.weight=1"},
		{res: `{"blockIO":{"weight":1000}}`, want: "io.bfq.weight=1000|io.weight=10000"},
		{res: `{"blockIO":{"weight":9}}`, field: "blockIO/weight", text: "between"},
		{res: `{"blockIO":{"leafWeight":9}}`, field: "blockIO/leafWeight", text: "leaf"},
		{res: `{"blockIO":{"leafWeight":0}}`, want: ""},
		{res: `{"blockIO":{"weightDevice":[{"major":8,"minor":0,"weight":100},{"major":8,"minor":16,"weight":0,"leafWeight":0}]}}`, want: "io.bfq.weight=8:0 100|io.weight=8:0 910"},
		{res: `{"blockIO":{"weightDevice":[{"major":8,"minor":0,"leafWeight":100}]}}`, field: "blockIO/weightDevice/0/leafWeight", text: "leaf"},
		{res: `{"blockIO":{"weightDevice":[{"major":-8,"minor":0,"weight":100}]}}`, field: "blockIO/weightDevice/0", text: "device number"},
		{res: `{"blockIO":{"throttleReadBpsDevice":[{"major":8,"minor":0,"rate":600}],"throttleWriteBpsDevice":[{"major":8,"minor":1,"rate":0},{"major":8,"minor":2,"rate":5}]}}`, want: "io.max=8:0 rbps=600 io.max=8:2 wbps=5"},
		{res: `{"blockIO":{"throttleReadIOPSDevice":[{"major":8,"minor":0,"rate":6}],"throttleWriteIOPSDevice":[{"major":9,"minor":1,"rate":7}]}}`, want: "io.max=8:0 riops=6 io.max=9:1 wiops=7"},
		{res: `{"blockIO":{"throttleReadIOPSDevice":[{"major":8,"minor":0,"rate":6},{"major":5000,"minor":0,"rate":6}]}}`, field: "blockIO/throttleReadIOPSDevice/1", text: "5000:0"},

		{res: `{"hugepageLimits":[{"pageSize":"2MB","limit":4194304}]}`, want: "hugetlb.2MB.max=4194304 hugetlb.2MB.rsvd.max=4194304?"},
		{res: `{"hugepageLimits":[{"pageSize":"2M","limit":1}]}`, field: "hugepageLimits/0/pageSize", text: "2M"},
		{res: `{"hugepageLimits":[{"pageSize":"../2MB","limit":1}]}`, field: "hugepageLimits/0/pageSize", text: "not a page size"},
		{res: `{"network":{"classID":0,"priorities":[]}}`, want: ""},
		{res: `{"network":{"classID":7}}`, field: "network/classID", text: "nftables"},
		{res: `{"network":{"priorities":[{"name":"eth0","priority":1}]}}`, field: "network/priorities", text: "nftables"},
		{res: `{"rdma":{"m":{"hcaHandles":3,"hcaObjects":4},"a":{"hcaObjects":0}}}`, want: "rdma.max=a hca_object=0 rdma.max=m hca_handle=3 hca_object=4"},
		{res: `{"rdma":{"m":{}}}`, field: "rdma/m", text: "neither"},
		{res: `{"rdma":{"a/b":{"hcaObjects":0}}}`, field: "rdma/a~1b", text: "name of an RDMA device"},

		{res: `{"unified":{"memory.high":"5","cpu.weight":"7"},"cpu":{"shares":1024}}`, want: "cpu.weight=100 cpu.weight=7 memory.high=5"},
		{res: `{"unified":{"io.max":"8:0 rbps=1\n\n8:1 rbps=2"}}`, want: "io.max=8:0 rbps=1 io.max=8:1 rbps=2"},
		{res: `{"unified":{"../memory.max":"1"}}`, field: "unified/..~1memory.max", text: "file name"},
		{res: `{"unified":{"tasks":"1"}}`, field: "unified/tasks", text: "controller.name"},
		{res: `{"unified":{".x":"1"}}`, field: "unified/.x", text: "controller.name"},
		{res: `{"unified":{"cgroup.procs":"1"}}`, field: "unified/cgroup.procs", text: "acts"},
		{res: `{"unified":{"cgroup.freeze":"1"}}`, field: "unified/cgroup.freeze", text: "acts"},
		{res: `{"unified":{"memory.max":"\n"}}`, field: "unified/memory.max", text: "empty"},
	} {
		t.Run(c.res, func(t *testing.T) {
			got, err := translate(resources(t, c.res))
			if c.field != "" {
				wantField(t, err, resourceField(c.field), c.text)
				return
			}
			if s := brief(got); err != nil || s != c.want {
				t.Errorf("got %q, %v; want %q", s, err, c.want)
			}
		})
	}
}

func brief(list []setting) string {
	var out []string
	for _, s := range list {
		w := s.file + "=" + s.value
		if s.check {
			w = "check:" + w
		}
		if s.other != nil {
			w += "|" + s.other.file + "=" + s.other.value
		}
		if s.optional {
			w += "?"
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}

// The minimum, the default and the maximum must map to those of v2; between
// them the weight never falls.
func TestCPUWeight(t *testing.T) {
	for shares, want := range map[uint64]uint64{
		1: 1, 2: 1, 3: 2, 4: 2, 8: 3, 512: 59, 1024: 100, 2048: 174, 262143: 10000, 262144: 10000, 1 << 40: 10000,
	} {
		if got := cpuWeight(shares); got != want {
			t.Errorf("cpuWeight(%d) = %d, want %d", shares, got, want)
		}
	}
	for last, shares := uint64(0), uint64(1); shares < 300000; shares++ {
		w := cpuWeight(shares)
		if w < last || w < 1 || w > 10000 {
			t.Fatalf("cpuWeight(%d) = %d after %d", shares, w, last)
		}
		last = w
	}
}

// TestEveryField walks the specification's structs: a field without a row in
// the table would be dropped in silence.
func TestEveryField(t *testing.T) {
	rows := make(map[string]bool)
	for _, r := range table() {
		if len(strings.Fields(r.parts)) == 0 {
			rows[r.field] = true
		}
		for _, part := range strings.Fields(r.parts) {
			rows[r.field+"/"+part] = true
		}
	}
	walk(reflect.TypeFor[specs.LinuxResources](), "", func(field string) {
		if !rows[field] {
			t.Errorf("linux.resources.%s has no row in the table", field)
		}
		delete(rows, field)
	})
	for field := range rows {
		t.Errorf("row %s is no field of the specification", field)
	}
}

func walk(t reflect.Type, at string, leaf func(string)) {
	switch {
	case t.Kind() == reflect.Pointer, t.Kind() == reflect.Slice, t.Kind() == reflect.Map && t.Elem().Kind() == reflect.Struct:
		walk(t.Elem(), at, leaf)
	case t.Kind() != reflect.Struct:
		leaf(strings.TrimPrefix(at, "/"))
	default:
		for f := range t.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if !f.Anonymous {
				walk(f.Type, at+"/"+name, leaf)
			} else {
				walk(f.Type, at, leaf)
			}
		}
	}
}
