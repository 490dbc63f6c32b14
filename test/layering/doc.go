// Package layering keeps the layers apart. Its tests read the imports of every
// Go file of the module, for every operating system and build tag, and compare
// them with a table that says what each package may import. A package that the
// table does not know fails, so a new package starts with a row here.
//
// The package holds nothing but tests; the table is in table_test.go.
//
// # Terminology
//
//   - Core: the packages status, wire, headers, body and conn, which do no I/O
//     and know no time.
//   - Row: what one package, or one tree of packages, may import.
//   - Pattern: a package path, or one followed by "/..." for the package and all
//     below it, or "..." for every package.
//   - Program: a file of package main in the folder of another package, such as
//     a generator that go:generate runs. It is never linked into that package
//     and is free to import what it likes.
package layering
