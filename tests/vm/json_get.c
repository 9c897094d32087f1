// SPDX-License-Identifier: GPL-2.0-or-later
/* json_get FILE [KEY...]: print the value the keys lead to, an index being the key of an array; of
 * an object or array its number of members. Exit 1 when FILE is not one valid JSON document and
 * nothing else, 2 when the keys lead nowhere. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char *slurp(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "r");
	struct stat st;
	char *text = NULL;

	if (f && !fstat(fileno(f), &st) && (text = malloc((size_t)st.st_size + 1))) {
		*ret_len = fread(text, 1, (size_t)st.st_size, f);
		text[*ret_len] = '\0';
	}
	if (f)
		fclose(f);
	return text;
}

static json_object *parse(const char *text, size_t len)
{
	json_tokener *tok = json_tokener_new_ex(64);
	json_object *obj;

	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	obj = json_tokener_parse_ex(tok, text, (int)len);
	if (json_tokener_get_error(tok) != json_tokener_success) {
		fprintf(stderr, "byte %zu: %s\n", json_tokener_get_parse_end(tok),
			json_tokener_error_desc(json_tokener_get_error(tok)));
		json_object_put(obj);
		obj = NULL;
	} else if (strspn(text + json_tokener_get_parse_end(tok), " \n") !=
		   strlen(text + json_tokener_get_parse_end(tok))) {
		fprintf(stderr, "byte %zu: more after the document\n",
			json_tokener_get_parse_end(tok));
		json_object_put(obj);
		obj = NULL;
	}
	json_tokener_free(tok);
	return obj;
}

int main(int argc, char **argv)
{
	size_t len = 0;
	char *text = argc > 1 ? slurp(argv[1], &len) : NULL;
	json_object *obj = text ? parse(text, len) : NULL, *at = obj;

	if (!obj)
		return 1;
	for (int i = 2; i < argc; i++) {
		if (json_object_is_type(at, json_type_array))
			at = json_object_array_get_idx(at, strtoul(argv[i], NULL, 10));
		else if (!json_object_object_get_ex(at, argv[i], &at))
			return 2;
	}
	if (json_object_is_type(at, json_type_array))
		printf("%zu\n", json_object_array_length(at));
	else if (json_object_is_type(at, json_type_object))
		printf("%d\n", json_object_object_length(at));
	else
		puts(at ? json_object_get_string(at) : "null");
	json_object_put(obj);
	free(text);
	return 0;
}
