/* Input of a lesson's reader: a line, which is a key or a text. */
#ifndef FDLAB_TOOLS_TYPED_H
#define FDLAB_TOOLS_TYPED_H

enum typed_kind {
	TYPED_NOTHING, /* enter alone */
	TYPED_BACK,
	TYPED_TRY,
	TYPED_QUIT, /* also the end of input */
	TYPED_CHOICES,
	TYPED_TEXT,
	TYPED_RESIZED, /* nothing yet: the terminal has another size */
};

struct typed {
	enum typed_kind kind;
	char *text; /* without blanks at its ends; NULL at the end of input */
};

/* Shows a prompt and reads a line. *t is to be given to typed_free. */
void typed_read(struct typed *t, const char *prompt);
void typed_free(struct typed *t);

#endif
