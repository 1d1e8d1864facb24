/* Escapes are undone in place: no text becomes longer. */
#include "scenario/escapes.h"

#include "cli/number.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

ssize_t escapes_undo(char *s, const char **bad)
{
	static const char letters[] = "ntabfrv\\\"'";
	static const char meanings[] = "\n\t\a\b\f\r\v\\\"'";
	char *to = s;

	for (char *p = s; *p;) {
		const char *letter;

		if (*p != '\\') {
			*to++ = *p++;
			continue;
		}
		*bad = p++;
		letter = *p ? strchr(letters, *p) : NULL;
		if (letter) {
			*to++ = meanings[letter - letters];
			p++;
		} else if (*p == 'x' && isxdigit((unsigned char)p[1])) {
			char digits[3] = { p[1], isxdigit((unsigned char)p[2]) ? p[2] : '\0' };

			uint64_t value;

			digits_at(digits, 16, &value);
			*to++ = (char)value;
			p += 1 + strlen(digits);
		} else if (*p >= '0' && *p <= '7') {
			unsigned value = 0;

			for (int n = 0; n < 3 && *p >= '0' && *p <= '7'; n++)
				value = value * 8 + (unsigned)(*p++ - '0');
			*to++ = (char)value;
		} else {
			return -1;
		}
	}
	*to = '\0';
	return to - s;
}

void escapes_undo_blanks(char *s)
{
	char *to = s;

	for (char *p = s; *p; p++) {
		if (*p == '\\' && (p[1] == 't' || p[1] == 'n')) {
			*to++ = *++p == 't' ? '\t' : '\n';
		} else {
			if (*p == '\\' && p[1])
				*to++ = *p++;
			*to++ = *p;
		}
	}
	*to = '\0';
}
