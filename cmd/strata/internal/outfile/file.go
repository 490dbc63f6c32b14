package outfile

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// File is a file under way. It is ended by [File.Commit] or [File.Discard].
type File struct {
	f    *os.File
	dest string // "" where f is the destination itself
	path string // what was asked for, which errors name
}

// Create begins a file at path, which stays as it is until Commit. A symbolic link is followed. What is there and is no
// regular file, such as a device or a pipe, cannot be replaced and is written to directly.
func Create(path string) (*File, error) {
	dest, mode, err := resolve(path)
	if err != nil {
		return nil, err
	}
	if dest == "" {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		return &File{f: f, path: path}, err
	}
	f, err := createPart(dest)
	if err != nil {
		return nil, named(err, "create", path)
	}
	if mode != 0 {
		if err := f.Chmod(mode); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			f.Close()
			os.Remove(f.Name())
			return nil, named(err, "create", path)
		}
	}
	return &File{f, dest, path}, nil
}

// named returns err about path: the part is nothing that anybody has asked for.
func named(err error, op, path string) error {
	var inPart *fs.PathError
	var renaming *os.LinkError
	switch {
	case errors.As(err, &inPart):
		err = inPart.Err
	case errors.As(err, &renaming):
		err = renaming.Err
	case err == nil:
		return nil
	}
	return &fs.PathError{Op: op, Path: path, Err: err}
}

// resolve returns the path of the destination, behind symbolic links, and the permissions to be kept; no path for what
// is to be written to directly.
func resolve(path string) (dest string, mode fs.FileMode, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(path); err == nil {
			return "", 0, &fs.PathError{Op: "create", Path: path, Err: errors.New("it is a symbolic link to nothing")}
		}
		return path, 0, nil
	case err != nil:
		return "", 0, err
	case info.IsDir():
		return "", 0, &fs.PathError{Op: "create", Path: path, Err: errors.New("it is a directory")}
	case !info.Mode().IsRegular():
		return "", 0, nil
	}
	dest, err = filepath.EvalSymlinks(path)
	return dest, info.Mode().Perm(), err
}

// createPart creates the part. Its name begins with a dot and tells what it is, should the machine stop before it is
// gone. Its permissions are those of any new file.
func createPart(dest string) (*os.File, error) {
	dir := filepath.Dir(dest)
	for {
		name := filepath.Join(dir, ".strata-"+rand.Text()[:8]+".part")
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// Write writes to the part.
func (f *File) Write(p []byte) (int, error) {
	n, err := f.f.Write(p)
	return n, named(err, "write", f.path)
}

// Commit ends the file and gives it its name. When it fails there is no file but the one that was there before.
func (f *File) Commit() error {
	err := f.f.Close()
	if f.dest == "" {
		return named(err, "close", f.path)
	}
	if err == nil {
		err = os.Rename(f.f.Name(), f.dest)
	}
	if err != nil {
		os.Remove(f.f.Name())
	}
	return named(err, "create", f.path)
}

// Discard removes the part. Behind a Commit it does nothing.
func (f *File) Discard() {
	if f.f.Close() == nil && f.dest != "" {
		os.Remove(f.f.Name())
	}
}
