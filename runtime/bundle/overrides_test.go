package bundle

import (
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"mini/hack/golden"
)

// wants compares a result and an error with what a table wants of them: a word
// of the error, or "" for none.
func wants(t *testing.T, in string, got, want any, err error, word string) {
	t.Helper()
	switch {
	case word == "" && err != nil:
		t.Errorf("%q: %v", in, err)
	case word != "" && (err == nil || !strings.Contains(err.Error(), word)):
		t.Errorf("%q: got %v and error %v, want an error with %q", in, got, err, word)
	case word == "" && !reflect.DeepEqual(got, want):
		t.Errorf("%q: got %v, want %v", in, got, want)
	}
}

func TestSize(t *testing.T) {
	tests := []struct {
		in   string
		want int64
		err  string
	}{
		{"4096", 4096, ""},
		{"4096b", 4096, ""},
		{"512k", 512 << 10, ""},
		{"32m", 32 << 20, ""},
		{"32M", 32 << 20, ""},
		{"32mb", 32 << 20, ""},
		{"32MiB", 32 << 20, ""},
		{"1g", 1 << 30, ""},
		{"1.5g", 3 << 29, ""},
		{".5k", 512, ""},
		{"2t", 2 << 40, ""},
		{"1p", 1 << 50, ""},
		{"max", -1, ""},
		{"-1", -1, ""},
		{"9223372036854775807", 1<<63 - 1, ""},
		{"9223372036854775808", 0, "more than"},
		{"8192p", 0, "more than"},
		{"0", 0, "nothing fits"},
		{"0.1b", 0, "nothing fits"},
		{"-5", 0, "not a number"},
		{"+5", 0, "not a number"},
		{"", 0, "not a number"},
		{".", 0, "not a number"},
		{"m", 0, "not a number"},
		{"1e3", 0, "not a number"},
		{"1_000", 0, "not a number"},
		{"0x10", 0, "not a number"},
		{" 1m", 0, "not a number"},
		{"1.2.3", 0, "not a number"},
		{"32mm", 0, "unknown unit"},
		{"32bm", 0, "unknown unit"},
		{"32i", 0, "unknown unit"},
		{"32mi", 0, "unknown unit"},
		{"32x", 0, "not a number"},
		{"NaN", 0, "not a number"},
		{strings.Repeat("1", 1000), 0, "not a number"},
	}
	for _, tt := range tests {
		got, err := ParseSize(tt.in)
		wants(t, tt.in, got, tt.want, err, tt.err)
	}
}

func TestQuota(t *testing.T) {
	tests := []struct {
		in   string
		want int64
		err  string
	}{
		{"1", 100_000, ""},
		{"1.5", 150_000, ""},
		{"0.01", 1000, ""},
		{".25", 25_000, ""},
		{"0.333333333", 33_333, ""},
		{"128", 12_800_000, ""},
		{"max", -1, ""},
		{"-1", -1, ""},
		{"0", 0, "the least is 0.01"},
		{"0.001", 0, "the least is 0.01"},
		{"9999999", 0, "no machine"},
		{"-2", 0, "not a number"},
		{"1,5", 0, "not a number"},
		{"Inf", 0, "not a number"},
		{"", 0, "not a number"},
	}
	for _, tt := range tests {
		got, err := quota(tt.in)
		wants(t, tt.in, got, tt.want, err, tt.err)
	}
}

func TestCount(t *testing.T) {
	tests := []struct {
		in   string
		want int64
		err  string
	}{
		{"1", 1, ""}, {"100", 100, ""}, {"max", -1, ""}, {"-1", -1, ""},
		{"0", 0, "not even the program"}, {"-2", 0, "not a whole number"}, {"1.5", 0, "not a whole number"},
		{"", 0, "not a whole number"}, {"4294967296", 0, "not a whole number"},
	}
	for _, tt := range tests {
		got, err := count(tt.in)
		wants(t, tt.in, got, tt.want, err, tt.err)
	}
}

func TestSetenv(t *testing.T) {
	caller := []string{"A=from caller", "AB=no", "EMPTY="}
	tests := []struct {
		env  []string
		flag string
		want []string
		err  string
	}{
		{nil, "A=1", []string{"A=1"}, ""},
		{nil, "A=", []string{"A="}, ""},
		{nil, "A=1=2,3", []string{"A=1=2,3"}, ""},
		{[]string{"A=0", "B=1", "A=2"}, "A=3", []string{"B=1", "A=3"}, ""},
		{[]string{"AB=0"}, "A=3", []string{"AB=0", "A=3"}, ""},
		{nil, "A", []string{"A=from caller"}, ""},
		{nil, "EMPTY", []string{"EMPTY="}, ""},
		{[]string{"Z=1"}, "Z", []string{"Z=1"}, ""},
		{nil, "=1", nil, "a name must come before"},
		{nil, "", nil, "a name must come before"},
		{nil, "A=\x00", nil, "NUL"},
	}
	for _, tt := range tests {
		env := slices.Clone(tt.env)
		err := setenv(&env, tt.flag, caller)
		wants(t, tt.flag, env, tt.want, err, tt.err)
	}
}

func TestVolume(t *testing.T) {
	tests := []struct {
		in, source, destination string
		options                 []string
		err                     string
	}{
		{"/a:/b", "/a", "/b", []string{"rbind", "rprivate"}, ""},
		{"/a:/b:ro", "/a", "/b", []string{"rbind", "rro", "rprivate"}, ""},
		{"/a:/b:rw", "/a", "/b", []string{"rbind", "rw", "rprivate"}, ""},
		{"/a:/b:ro,nosuid,idmap", "/a", "/b", []string{"rbind", "rro", "nosuid", "idmap", "rprivate"}, ""},
		{"/a:/b:bind,rslave", "/a", "/b", []string{"bind", "rslave"}, ""},
		{".:/b/", "/here", "/b", []string{"rbind", "rprivate"}, ""},
		{"../x:/b/../c", "/x", "/c", []string{"rbind", "rprivate"}, ""},
		{"data:/b", "/here/data", "/b", []string{"rbind", "rprivate"}, ""},
		{"/a", "", "", nil, "not of the form"},
		{"/a:/b:ro:x", "", "", nil, "not of the form"},
		{":/b", "", "", nil, "the source is empty"},
		{"/a:", "", "", nil, "must begin with /"},
		{"/a:b", "", "", nil, "must begin with /"},
		{"/a:/", "", "", nil, "the root itself"},
		{"/a:/b/..", "", "", nil, "the root itself"},
		{"/a:/b:", "", "", nil, "an option is empty"},
		{"/a:/b:z", "", "", nil, "SELinux"},
		{"/a:/b:U", "", "", nil, "changes no owners"},
		{"/a:/b:ro,rw", "", "", nil, "both ro and rw"},
		{"/a\x00:/b", "", "", nil, "NUL"},
	}
	for _, tt := range tests {
		got, err := volume(tt.in, "/here", false)
		want := specs.Mount{Source: tt.source, Destination: tt.destination, Type: "bind", Options: tt.options}
		wants(t, tt.in, got, want, err, tt.err)
	}
}

func TestVolumeIsMapped(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []string
	}{
		{"/a:/b", []string{"rbind", "rprivate", "idmap"}},
		{"/a:/b:ro", []string{"rbind", "rro", "rprivate", "idmap"}},
		{"/a:/b:ridmap", []string{"rbind", "ridmap", "rprivate"}},
		{"/a:/b:noidmap", []string{"rbind", "rprivate"}},
	} {
		got, err := volume(tt.in, "/", true)
		if err != nil || !slices.Equal(got.Options, tt.want) {
			t.Errorf("volume(%q) has options %q, %v, want %q", tt.in, got.Options, err, tt.want)
		}
	}
}

func TestUser(t *testing.T) {
	root := fstest.MapFS{
		"etc/passwd": {Data: []byte("root:x:0:0:root:/root:/bin/sh\n# note\nweb:x:33:44::/:\n1000:x:0:0::/:\nbad:x:99999999999:1::/:\nnogroup:x:5:x::/:\nminus:x:4294967295:0::/:\nshort:x:9\n")},
		"etc/group":  {Data: []byte("root:x:0:\nwww:x:44:web\ntape:x:7:sys,web\ndisk:x:8:webby\nvideo:x:9:web\ntape2:x:7:web\nbroken:x\n")},
	}
	without := fstest.MapFS{"etc/passwd": root["etc/passwd"]}
	huge := fstest.MapFS{"etc/passwd": {Data: make([]byte, maxAccounts+1)}}
	pipe := fstest.MapFS{"etc/passwd": {Mode: fs.ModeNamedPipe}}
	tests := []struct {
		in   string
		root fstest.MapFS
		want specs.User
		err  string
	}{
		{"0", nil, specs.User{}, ""},
		{"1000:1001", nil, specs.User{UID: 1000, GID: 1001}, ""},
		{"1000", nil, specs.User{UID: 1000}, ""},
		{"33", root, specs.User{UID: 33, GID: 44, AdditionalGids: []uint32{7, 9}}, ""},
		{"web", root, specs.User{UID: 33, GID: 44, AdditionalGids: []uint32{7, 9}}, ""},
		{"web", without, specs.User{UID: 33, GID: 44}, ""},
		{"web:5", root, specs.User{UID: 33, GID: 5}, ""},
		{"web:tape", root, specs.User{UID: 33, GID: 7}, ""},
		{"5:tape", root, specs.User{UID: 5, GID: 7}, ""},
		{"1000", root, specs.User{UID: 1000}, ""}, // a number is never the name of root's twin
		{"77", fstest.MapFS{}, specs.User{UID: 77}, ""},
		{"4294967294:0", nil, specs.User{UID: 1<<32 - 2}, ""},
		{"4294967295", nil, specs.User{}, "no id"},
		{"0:4294967295", nil, specs.User{}, "no id"},
		{"-1", nil, specs.User{}, "no id"},
		{"+1", nil, specs.User{}, "no id"},
		{"99999999999999999999", nil, specs.User{}, "no id"},
		{"web", nil, specs.User{}, "needs the container's etc/passwd; use a number"},
		{"0:tape", nil, specs.User{}, "needs the container's etc/group; use a number"},
		{"web", fstest.MapFS{}, specs.User{}, "find user web: open etc/passwd"},
		{"web", huge, specs.User{}, "not a regular file"},
		{"web", pipe, specs.User{}, "not a regular file"},
		{"33", pipe, specs.User{}, "not a regular file"},
		{"nobody", root, specs.User{}, "no user nobody"},
		{"bad", root, specs.User{}, "no user bad"},
		{"short", root, specs.User{}, "no user short"},
		{"minus", root, specs.User{}, "no user minus"},
		{"nogroup", root, specs.User{}, "no user nogroup"},
		{"0:sys", root, specs.User{}, "no group sys"},
		{"", nil, specs.User{}, "not of the form"},
		{":0", nil, specs.User{}, "not of the form"},
		{"0:", nil, specs.User{}, "not of the form"},
		{"0:1:2", nil, specs.User{}, "needs the container's etc/group"},
	}
	for _, tt := range tests {
		var got specs.User
		var err error
		if tt.root == nil {
			got, err = User(tt.in, nil)
		} else {
			got, err = User(tt.in, tt.root)
		}
		wants(t, tt.in, got, tt.want, err, tt.err)
	}
}

func TestApply(t *testing.T) {
	umask, no := uint32(0o27), false
	spec := &specs.Spec{Process: &specs.Process{Terminal: true, Env: []string{"A=0"}, User: specs.User{UID: 5, Umask: &umask}}}
	o := Overrides{
		Memory: "32m", CPUs: "1.5", PidsLimit: "10", Env: []string{"A=1", "B"}, Workdir: "/w", User: "7:8",
		Hostname: "h", ReadOnly: true, Volumes: []string{"v:/v"}, Args: []string{"ls", "-l"}, Terminal: &no,
	}
	if err := o.Apply(spec, Caller{Cwd: "/here", Environ: []string{"B=2"}}); err != nil {
		t.Fatal(err)
	}
	raw, err := Encode(spec)
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "overrides.json", string(raw))
}

func TestApplyNothing(t *testing.T) {
	spec := full()
	if err := new(Overrides).Apply(spec, Caller{}); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(spec, full()) {
		t.Error("no flag changed the configuration")
	}
}

func TestApplyNamesTheFlag(t *testing.T) {
	tests := map[string]Overrides{
		`--memory "32x": `:       {Memory: "32x"},
		`--cpus "many": `:        {CPUs: "many"},
		`--pids-limit "0": `:     {PidsLimit: "0"},
		`--env "=x": `:           {Env: []string{"A=1", "=x"}},
		`--workdir "home": `:     {Workdir: "home"},
		`--user "web": `:         {User: "web"},
		`--volume "/a": `:        {Volumes: []string{"/a"}},
		`--volume "/a:/b:zz,": `: {Volumes: []string{"/a:/b:zz,"}},
	}
	for want, o := range tests {
		if err := o.Apply(new(specs.Spec), Caller{Cwd: "/"}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s…", err, want)
		}
	}
}
