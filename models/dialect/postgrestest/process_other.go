//go:build !linux

package postgrestest

import "os/exec"

func unprivileged(dir string) (prepare func(*exec.Cmd), err error) {
	return func(cmd *exec.Cmd) { cmd.Dir = dir }, nil
}
