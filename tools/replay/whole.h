/*
 * Whether a log shows all calls of its tasks.
 */
#ifndef FDLAB_TOOLS_REPLAY_WHOLE_H
#define FDLAB_TOOLS_REPLAY_WHOLE_H

#include "replay/findings.h"

/*
 * Looks, at the end of a log that diverges, for a proof that the log lacks calls. If there is one,
 * a finding that says so takes the place of all findings.
 */
void findings_check_whole(struct findings *f);

#endif
