// Package privatepostgres starts a PostgreSQL of one's own, for tests: a cluster in a
// temporary directory that serves a socket there, and nothing on the network.
//
// It owns the server and its databases. It must never know what is kept in them.
package privatepostgres

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"github.com/passkeylab/passkeylab/internal/child"
	"github.com/passkeylab/passkeylab/internal/scratch"
)

// ErrMissing reports that there is no PostgreSQL to start.
var ErrMissing = errors.New("no PostgreSQL is installed; install the Debian package postgresql, or run scripts/setup.sh")

// superuser owns every database of the cluster.
const superuser = "passkeylab"

// Server is a running PostgreSQL.
type Server struct {
	scratch   *scratch.Dir
	programs  string // where initdb, postgres and pg_ctl are
	cluster   string
	process   *child.Process
	databases atomic.Int64
}

// Start makes a cluster, with settings such as "fsync=off" in force, and starts its
// server. PostgreSQL refuses to be root, so a process of root starts it as another
// user. ctx limits the start only. The server lives until Stop, or until this process
// ends.
func Start(ctx context.Context, settings ...string) (*Server, error) {
	programs, err := findPrograms()
	if err != nil {
		return nil, err
	}
	dir, err := scratch.Make(os.TempDir(), "passkeylab-postgres-")
	if err != nil {
		return nil, err
	}
	s := &Server{scratch: dir, programs: programs, cluster: filepath.Join(dir.Path, "cluster")}
	if err := s.start(ctx, settings); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// findPrograms looks where Debian puts the programs of each version, the newest first,
// and then on the PATH.
func findPrograms() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	slices.SortFunc(found, func(a, b string) int { // 9 before 15
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(b, a)
	})
	if len(found) > 0 {
		return filepath.Dir(found[0]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", ErrMissing
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", err
	}
	return filepath.Dir(path), nil
}

func (s *Server) start(ctx context.Context, settings []string) error {
	if err := os.Mkdir(s.cluster, 0o700); err != nil {
		return err
	}
	if err := handOver(s.scratch.Path, s.cluster); err != nil {
		return err
	}
	if out, err := s.command(ctx, "initdb", "--pgdata="+s.cluster, "--username="+superuser, "--auth=trust", "--encoding=UTF8",
		"--no-locale", "--no-sync").CombinedOutput(); err != nil {
		return fmt.Errorf("make a PostgreSQL cluster: %w; initdb printed:\n%s", err, out)
	}
	args := []string{"-c", `exec "$0" "$@" 2>&3`, filepath.Join(s.programs, "postgres"), "-D", s.cluster,
		"-c", "listen_addresses=", "-c", "unix_socket_directories=" + s.cluster, "-c", "shared_buffers=32MB"}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	out, in, err := os.Pipe()
	if err != nil {
		return err
	}
	server := exec.Command("sh", args...)
	asUser(server)
	s.process, err = child.Start(server, in)
	in.Close()
	if err != nil {
		out.Close()
		return err
	}
	return untilReady(ctx, out)
}

// ready is what the server logs when it is.
const ready = "database system is ready to accept connections"

// untilReady reads the server's log until it says that it is ready, and lets the rest
// of it go by in a goroutine that ends with the server.
func untilReady(ctx context.Context, log *os.File) error {
	stop := context.AfterFunc(ctx, func() { log.Close() })
	defer stop()
	var said []string
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if strings.Contains(lines.Text(), ready) {
			go func() {
				defer log.Close()
				// The copy ends with the server, and how is no news.
				_, _ = io.Copy(io.Discard, log)
			}()
			return nil
		}
		said = append(said, lines.Text())
	}
	log.Close()
	return fmt.Errorf("PostgreSQL did not start (%w); it logged:\n%s", cmp.Or(context.Cause(ctx), lines.Err(), io.ErrUnexpectedEOF), strings.Join(said, "\n"))
}

// command is one of PostgreSQL's programs, to be run as the cluster's owner.
func (s *Server) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(s.programs, name), args...)
	cmd.Dir = s.cluster
	asUser(cmd)
	return cmd
}

// NewDatabase makes an empty database and returns the URL of it.
func (s *Server) NewDatabase(ctx context.Context) (string, error) {
	name := fmt.Sprintf("db%d", s.databases.Add(1))
	conn, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "CREATE DATABASE "+name)
	return s.url(name), err
}

func (s *Server) url(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + database, RawQuery: url.Values{"host": {s.cluster}}.Encode()}
	return u.String()
}

// Stop ends the server, connections and all, and removes the cluster.
func (s *Server) Stop() error {
	if s.process != nil {
		// The orderly way, by which it gives shared memory back. What that leaves is killed.
		_ = s.command(context.Background(), "pg_ctl", "stop", "-D", s.cluster, "--mode=immediate", "--silent").Run()
		s.process.Stop()
	}
	return s.scratch.Remove()
}
