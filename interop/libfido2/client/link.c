#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client.h"

/* A report lies in the stream after its length in two bytes, big-endian. */
enum { head = 2, report = 64 };

struct link {
	int fd;
};

static void *link_open(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct link *l = malloc(sizeof(*l));

	if (l == NULL || strlen(path) >= sizeof(at.sun_path)) {
		free(l);
		return NULL;
	}
	memcpy(at.sun_path, path, strlen(path) + 1);
	l->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (l->fd == -1 || connect(l->fd, (struct sockaddr *)&at, sizeof(at)) == -1) {
		if (l->fd != -1)
			close(l->fd);
		free(l);
		return NULL;
	}
	return l;
}

static void link_close(void *handle)
{
	struct link *l = handle;

	close(l->fd);
	free(l);
}

/* move reads or writes all of a buffer. */
static int move(ssize_t (*some)(int, uint8_t *, size_t), int fd, uint8_t *buf, size_t len)
{
	while (len > 0) {
		ssize_t n = some(fd, buf, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		buf += n;
		len -= (size_t)n;
	}
	return 0;
}

static ssize_t take(int fd, uint8_t *buf, size_t len) { return read(fd, buf, len); }
static ssize_t give(int fd, uint8_t *buf, size_t len) { return write(fd, buf, len); }

static int link_read(void *handle, unsigned char *buf, size_t len, int ms)
{
	struct link *l = handle;
	struct pollfd ready = {.fd = l->fd, .events = POLLIN};
	uint8_t length[head];

	if (len < report || poll(&ready, 1, ms) != 1)
		return -1;
	if (move(take, l->fd, length, head) == -1 || length[0] != 0 || length[1] != report)
		return -1;
	return move(take, l->fd, buf, report) == -1 ? -1 : report;
}

/* link_write drops the report ID that libfido2 puts before each report. */
static int link_write(void *handle, const unsigned char *buf, size_t len)
{
	struct link *l = handle;
	uint8_t frame[head + report] = {0, report};

	if (len != 1 + report)
		return -1;
	memcpy(frame + head, buf + 1, report);
	return move(give, l->fd, frame, sizeof(frame)) == -1 ? -1 : (int)len;
}

const fido_dev_io_t socket_io = {
	.open = link_open,
	.close = link_close,
	.read = link_read,
	.write = link_write,
};
