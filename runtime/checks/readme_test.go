package checks

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

// What the page for users shows is what is read.
func TestReadme(t *testing.T) {
	raw, err := os.ReadFile("../../examples/health/README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := 0
	for part := range strings.SplitSeq(string(raw), "```json\n") {
		block, _, is := strings.Cut(part, "\n```")
		if !is {
			continue
		}
		blocks++
		if spec, err := readmeBlock(block); err != nil || spec == nil {
			t.Errorf("%s\n%v", block, err)
		}
	}
	if blocks != 2 {
		t.Errorf("found %d blocks of JSON", blocks)
	}
	for _, name := range settings(reflect.TypeFor[Spec]()) {
		if !strings.Contains(string(raw), "`"+name+"`") {
			t.Errorf("%s is not in README.md", name)
		}
	}
}

func readmeBlock(block string) (*Spec, error) {
	if !strings.HasPrefix(block, `"annotations"`) {
		return Parse([]byte(block))
	}
	var config struct{ Annotations map[string]string }
	if err := json.Unmarshal([]byte("{"+block+"}"), &config); err != nil {
		return nil, err
	}
	return FromAnnotations(config.Annotations)
}

// settings are the names of all that can be set in a type, and below.
func settings(t reflect.Type) (names []string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[Range]() {
		return nil
	}
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(append(names, name), settings(field.Type)...)
	}
	return names
}
