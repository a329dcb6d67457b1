package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestHear: the last line of a round counts, and rounds add up.
func TestHear(t *testing.T) {
	c := campaign{executions: 1, news: 1}
	c.hear("fuzz: elapsed: 0s, gathering baseline coverage: 0/294 completed\n" +
		"fuzz: elapsed: 57s, execs: 86627 (0/sec), new interesting: 7 (total: 301)\n" +
		"fuzz: elapsed: 1m0s, execs: 90001 (1124/sec), new interesting: 12 (total: 306)\nPASS\n")
	c.hear("no such line\n")
	if want := (campaign{executions: 90002, news: 13}); c != want {
		t.Errorf("got %+v, want %+v", c, want)
	}
}

// TestEnter: runs of one target add up, others get a row of their own, and the
// text around the table stays.
func TestEnter(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(page, []byte("# Head\n\n"+tableHead+"\nTail\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []campaign{{"a FuzzA", 1, 10, 2, 0}, {"b FuzzB", 3, 30, 0, 1}, {"a FuzzA", 4, 40, 1, 1}} {
		if err := enter(page, c); err != nil {
			t.Fatal(err)
		}
	}
	got, _ := os.ReadFile(page)
	want := "# Head\n\n" + tableHead + "| a FuzzA | 5 | 50 | 3 | 1 |\n| b FuzzB | 3 | 30 | 0 | 1 |\n\nTail\n"
	if string(got) != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if err := os.WriteFile(page, []byte("no table\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := enter(page, campaign{}); err == nil {
		t.Error("a page without a table took a row")
	}
}
