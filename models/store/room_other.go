//go:build !linux && !darwin

package store

import "errors"

func freeIn(string) (int64, error) { return 0, errors.ErrUnsupported }
