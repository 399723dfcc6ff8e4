/*
 * A client of passkeylab's devices that is nothing but Yubico's libfido2 with
 * another way to move reports. One command per run; its words stand in main.c.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include <fido.h>

/* arguments: what stands after the command, each NAME=VALUE. */
const char *argument(const char *name); /* NULL where it is missing */
const char *required(const char *name); /* ends the program where it is missing */
bool flag(const char *name);            /* whether it is 1 */
fido_opt_t option(const char *name);    /* 1, 0, or left out */

/* bytes_of decodes hexadecimal digits into memory that is never freed. */
unsigned char *bytes_of(const char *hex, size_t *len);

/* output: NAME=VALUE lines. */
void tell(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tell_bytes(const char *name, const void *bytes, size_t len);

/* numbered makes "name.3" of a name and 3, valid until the next call. */
const char *numbered(const char *name, size_t n);

/* io moves reports over a unix socket. */
extern const fido_dev_io_t socket_io;

/* conforms tells whether a word is one of the judge's, and conform carries it out:
 * conform.c. It returns the status to exit with. */
bool conforms(const char *command);
int conform(const char *command, const char *path);

/* commands: each returns an error code of libfido2. */
int do_info(fido_dev_t *);
int do_reset(fido_dev_t *);
int do_register(fido_dev_t *);
int do_assert(fido_dev_t *);
int do_pin_set(fido_dev_t *);
int do_pin_change(fido_dev_t *);
int do_pin_retries(fido_dev_t *);
int do_uv_retries(fido_dev_t *);
int do_cred_metadata(fido_dev_t *);
int do_cred_rps(fido_dev_t *);
int do_cred_list(fido_dev_t *);
int do_cred_delete(fido_dev_t *);
int do_cred_rename(fido_dev_t *);
int do_blob_set(fido_dev_t *);
int do_blob_get(fido_dev_t *);
int do_blob_remove(fido_dev_t *);
int do_config_always_uv(fido_dev_t *);
int do_config_min_pin(fido_dev_t *);
int do_config_force_pin(fido_dev_t *);
int do_config_enterprise(fido_dev_t *);
int do_bio_info(fido_dev_t *);
int do_bio_enroll(fido_dev_t *);
int do_bio_list(fido_dev_t *);
int do_bio_name(fido_dev_t *);
int do_bio_delete(fido_dev_t *);

#endif
