/*
 * GET /words.json: the words of the notation, for programs that complete them.
 */
#include "http/request.h"

#include <string.h>

void serve_words(struct request *r)
{
	static const char words[] = "{\"calls\": [], \"flags\": [], \"points\": []}\n";

	answer_text(r, 200, "application/json", words, strlen(words));
}
