package main

import (
	"errors"
	"testing"
)

// TestSmallest: the answer is the first multiple of a step that is enough.
func TestSmallest(t *testing.T) {
	for _, want := range []int64{1, 2, 45, 1000} {
		got, err := smallest(func(limit int64) (bool, error) { return limit > (want-1)*step, nil })
		if err != nil || got != want*step {
			t.Errorf("got %d, %v, want %d", got, err, want*step)
		}
	}
	if _, err := smallest(func(int64) (bool, error) { return false, errors.New("broken") }); err == nil {
		t.Error("no error")
	}
}
