#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <fido/config.h>

#include "client.h"

static void tell_options(const fido_cbor_info_t *info)
{
	char **names = fido_cbor_info_options_name_ptr(info);
	const bool *values = fido_cbor_info_options_value_ptr(info);

	for (size_t i = 0; i < fido_cbor_info_options_len(info); i++) {
		printf("option.");
		tell(names[i], "%d", values[i]);
	}
}

int do_info(fido_dev_t *dev)
{
	fido_cbor_info_t *info = fido_cbor_info_new();
	int r;

	if (info == NULL)
		return FIDO_ERR_INTERNAL;
	if ((r = fido_dev_get_cbor_info(dev, info)) == FIDO_OK) {
		for (size_t i = 0; i < fido_cbor_info_versions_len(info); i++)
			tell(numbered("version", i), "%s", fido_cbor_info_versions_ptr(info)[i]);
		for (size_t i = 0; i < fido_cbor_info_extensions_len(info); i++)
			tell(numbered("extension", i), "%s", fido_cbor_info_extensions_ptr(info)[i]);
		for (size_t i = 0; i < fido_cbor_info_protocols_len(info); i++)
			tell(numbered("protocol", i), "%d", fido_cbor_info_protocols_ptr(info)[i]);
		tell_bytes("aaguid", fido_cbor_info_aaguid_ptr(info), fido_cbor_info_aaguid_len(info));
		tell("maxmsgsize", "%ju", (uintmax_t)fido_cbor_info_maxmsgsiz(info));
		tell("minpin", "%ju", (uintmax_t)fido_cbor_info_minpinlen(info));
		tell("newpin", "%d", fido_cbor_info_new_pin_required(info));
		tell_options(info);
	}
	fido_cbor_info_free(&info);
	return r;
}

int do_reset(fido_dev_t *dev) { return fido_dev_reset(dev); }

int do_pin_set(fido_dev_t *dev) { return fido_dev_set_pin(dev, required("new"), NULL); }

int do_pin_change(fido_dev_t *dev) { return fido_dev_set_pin(dev, required("new"), required("old")); }

int do_pin_retries(fido_dev_t *dev)
{
	int n, r = fido_dev_get_retry_count(dev, &n);

	if (r == FIDO_OK)
		tell("retries", "%d", n);
	return r;
}

int do_uv_retries(fido_dev_t *dev)
{
	int n, r = fido_dev_get_uv_retry_count(dev, &n);

	if (r == FIDO_OK)
		tell("retries", "%d", n);
	return r;
}

int do_config_always_uv(fido_dev_t *dev) { return fido_dev_toggle_always_uv(dev, argument("pin")); }

int do_config_force_pin(fido_dev_t *dev) { return fido_dev_force_pin_change(dev, argument("pin")); }

int do_config_enterprise(fido_dev_t *dev) { return fido_dev_enable_entattest(dev, argument("pin")); }

int do_config_min_pin(fido_dev_t *dev)
{
	const char *rp = argument("rp");

	if (rp != NULL)
		return fido_dev_set_pin_minlen_rpid(dev, &rp, 1, argument("pin"));
	return fido_dev_set_pin_minlen(dev, (size_t)atoi(required("length")), argument("pin"));
}
