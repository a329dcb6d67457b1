package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// tests are those tests of a package whose names begin in one way.
type tests struct {
	path, dir string
	tests     []string
}

// find lists the packages that have tests with that prefix. It reads the source:
// go test -list would build and start every binary.
func find(prefix string) ([]tests, error) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,TestGoFiles,XTestGoFiles", "./...").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var found []tests
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath, Dir           string
			TestGoFiles, XTestGoFiles []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return found, nil
		} else if err != nil {
			return nil, fmt.Errorf("read go list: %w", err)
		}
		names, err := testNames(prefix, p.Dir, append(p.TestGoFiles, p.XTestGoFiles...))
		if err != nil {
			return nil, err
		}
		if len(names) > 0 {
			found = append(found, tests{p.ImportPath, p.Dir, names})
		}
	}
}

func testNames(prefix, dir string, files []string) (names []string, err error) {
	declared := regexp.MustCompile(`(?m)^func (` + prefix + `\w*)\(\w+ \*testing\.`)
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			return nil, err
		}
		for _, match := range declared.FindAllSubmatch(text, -1) {
			names = append(names, string(match[1]))
		}
	}
	return names, nil
}
