#include "support/netbsd_lab.h"

struct filedesc *lab_filedesc(struct lab *lab, int pid)
{
	struct task *task = task_find(lab->m, pid);

	assert_non_null(task);
	return task->files;
}
