package store

// The tests of this package open all their databases through a driver that can be told to fail.
func init() { driverName = FailingDriver }

// FailingDriver is the name under which the tests register it.
const FailingDriver = "sqlite, or not"
