/*
 * A page that leads a browser to a URL. The URL has the token of a machine's page, and arguments of
 * a program can be read by all users of the computer: the browser is given the page's path instead.
 */
#ifndef FDLAB_TOOLS_REDIRECT_H
#define FDLAB_TOOLS_REDIRECT_H

/*
 * Writes the page to a new file that only its owner can read, in $XDG_RUNTIME_DIR or else in /tmp.
 * Returns its path, which is freed by redirect_end; NULL with errno set.
 */
char *redirect_new(const char *url);

/* Removes the page; path may be NULL. */
void redirect_end(char *path);

#endif
