package conn

// docs/rules.md and docs/states.md are drawn from the catalogue of rules and from the tables here.
//go:generate go run ../internal/docgen
