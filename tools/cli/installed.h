/*
 * Where the files are that were installed with the program. Their contents are not known here.
 */
#ifndef FDLAB_TOOLS_INSTALLED_H
#define FDLAB_TOOLS_INSTALLED_H

/*
 * The directory of this name, in memory of malloc: beside the program, in the tree in which it was
 * installed or built, also if that was moved; or in datadir, that of the installation. 0, -ENOENT
 * or -ENOMEM.
 */
int installed_dir(const char *datadir, const char *name, char **dir);

#endif
