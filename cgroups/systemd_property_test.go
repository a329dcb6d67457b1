package cgroups

import (
	"errors"
	"reflect"
	"testing"
)

func TestAsked(t *testing.T) {
	got, err := asked(map[string]string{
		"org.systemd.property.TimeoutStopUSec": "uint64 5000000", "org.systemd.property.RuntimeMaxSec": "90",
		"org.systemd.property.CollectMode": "'inactive'", "org.systemd.property.Before": `['a.service', "b\"c"]`,
		"org.systemd.property.SendSIGHUP": "true", "org.systemd.property.OOMScoreAdjust": "int32 -5", "other": "x",
		"org.systemd.property.Wants": "[]",
	})
	want := []property{
		{"Before", []string{"a.service", `b"c`}}, {"CollectMode", "inactive"}, {"OOMScoreAdjust", int32(-5)},
		{"RuntimeMaxUSec", uint64(90000000)}, {"SendSIGHUP", true}, {"TimeoutStopUSec", uint64(5000000)}, {"Wants", []string(nil)},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v\nwant %v", got, err, want)
	}
	for name, value := range map[string]string{
		"CollectMode": "inactive", "TimeoutStopUSec": "uint64 -1", "Before": "['a' 'b']", "Wants": "['a',]", "After": "'x", "Type": "'x' y",
		"a": "1", "A.b": "1", "RuntimeMaxSec": "'x'", "Slice": "uint8 3", "Empty": "", "List": "[",
	} {
		key := PropertyPrefix + name
		var field *FieldError
		if got, err := asked(map[string]string{key: value}); !errors.As(err, &field) || field.Field != "/annotations/"+key {
			t.Errorf("%s = %s: got %v, %v", name, value, got, err)
		}
	}
}

func FuzzParseVariant(f *testing.F) {
	for _, s := range []string{"uint64 5", "'a'", "['a', 'b']", "true", "-3", `"\"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if v, err := parseVariant(text); err == nil {
			(&encoder{}).variant(v)
		}
	})
}
