#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

static const struct {
	const char *name;
	int (*run)(fido_dev_t *);
} commands[] = {
	{"info", do_info},
	{"reset", do_reset},
	{"register", do_register},
	{"assert", do_assert},
	{"pin-set", do_pin_set},
	{"pin-change", do_pin_change},
	{"pin-retries", do_pin_retries},
	{"uv-retries", do_uv_retries},
	{"cred-metadata", do_cred_metadata},
	{"cred-rps", do_cred_rps},
	{"cred-list", do_cred_list},
	{"cred-delete", do_cred_delete},
	{"cred-rename", do_cred_rename},
	{"blob-set", do_blob_set},
	{"blob-get", do_blob_get},
	{"blob-remove", do_blob_remove},
	{"config-always-uv", do_config_always_uv},
	{"config-min-pin", do_config_min_pin},
	{"config-force-pin", do_config_force_pin},
	{"config-enterprise", do_config_enterprise},
	{"bio-info", do_bio_info},
	{"bio-enroll", do_bio_enroll},
	{"bio-list", do_bio_list},
	{"bio-name", do_bio_name},
	{"bio-delete", do_bio_delete},
};

enum { exit_refused = 1, exit_usage = 2 };

static char **arguments;

const char *argument(const char *name)
{
	size_t n = strlen(name);

	for (char **a = arguments; *a != NULL; a++)
		if (strncmp(*a, name, n) == 0 && (*a)[n] == '=')
			return *a + n + 1;
	return NULL;
}

static void fail(const char *what, const char *which)
{
	fprintf(stderr, "%s %s\n", what, which);
	exit(exit_usage);
}

const char *required(const char *name)
{
	const char *value = argument(name);

	if (value == NULL)
		fail("missing argument", name);
	return value;
}

bool flag(const char *name)
{
	const char *value = argument(name);

	return value != NULL && strcmp(value, "1") == 0;
}

fido_opt_t option(const char *name)
{
	if (argument(name) == NULL)
		return FIDO_OPT_OMIT;
	return flag(name) ? FIDO_OPT_TRUE : FIDO_OPT_FALSE;
}

unsigned char *bytes_of(const char *hex, size_t *len)
{
	unsigned char *bytes = malloc(strlen(hex) / 2 + 1);

	if (bytes == NULL)
		fail("no memory for", hex);
	for (*len = 0; hex[2 * *len] != '\0'; ++*len)
		if (sscanf(hex + 2 * *len, "%2hhx", &bytes[*len]) != 1)
			fail("not hexadecimal:", hex);
	return bytes;
}

void tell(const char *name, const char *format, ...)
{
	va_list values;

	printf("%s=", name);
	va_start(values, format);
	vprintf(format, values);
	va_end(values);
	putchar('\n');
}

void tell_bytes(const char *name, const void *bytes, size_t len)
{
	printf("%s=", name);
	for (size_t i = 0; i < len; i++)
		printf("%02x", ((const unsigned char *)bytes)[i]);
	putchar('\n');
}

const char *numbered(const char *name, size_t n)
{
	static char both[64];

	snprintf(both, sizeof(both), "%s.%zu", name, n);
	return both;
}

/* run opens the device at a unix socket and runs one command on it. */
static int run(const char *path, int (*command)(fido_dev_t *))
{
	fido_dev_t *dev = fido_dev_new();
	int r;

	if (dev == NULL)
		fail("no memory for", path);
	if ((r = fido_dev_set_io_functions(dev, &socket_io)) == FIDO_OK &&
	    (r = fido_dev_open(dev, path)) == FIDO_OK) {
		if (flag("u2f"))
			fido_dev_force_u2f(dev);
		r = command(dev);
		fido_dev_close(dev);
	}
	fido_dev_free(&dev);
	return r;
}

int main(int argc, char **argv)
{
	fido_init(getenv("FIDO_DEBUG") != NULL ? FIDO_DEBUG : 0);
	if (argc >= 2 && conforms(argv[1])) {
		arguments = argv + (argc < 3 ? argc : 3);
		return conform(argv[1], argc < 3 ? "" : argv[2]);
	}
	if (argc < 3)
		fail("usage:", "client SOCKET COMMAND [NAME=VALUE]...");
	arguments = argv + 3;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, argv[2]) != 0)
			continue;
		int r = run(argv[1], commands[i].run);

		tell("status", "%d", r);
		tell("means", "%s", fido_strerr(r));
		return r == FIDO_OK ? 0 : exit_refused;
	}
	fail("unknown command", argv[2]);
}
