package models

import (
	"maitred/models/graph"
	"maitred/models/importer"
	"maitred/models/sheet"
)

// Import is a file of records of one kind on its way into the database.
type Import = importer.Import

// NewImport reads a table, whose columns fill these fields, as records of a kind.
func NewImport(s *Store, k *graph.Kind, file string, table *sheet.Table, columns []string) *Import {
	return &Import{Graph: s.Graph, Kind: k, File: file, Table: table, Columns: columns}
}
