/*
 * The list of all types, by which signatures find them. Each type is defined beside its reader and
 * printer, in types.c and types_*.c.
 */
#include "notation/types.h"

#include "base/text.h"
#include "notation/args.h"

#include <string.h>

static const struct type *const types[] = {
	&type_fd,
	&type_dirfd,
	&type_int,
	&type_uint,
	&type_id,
	&type_long,
	&type_size,
	&type_hexsize,
	&type_off,
	&type_pid,
	&type_path,
	&type_buf,
	&type_ptr,
	&type_string,
	&type_file,
	&type_argv,
	&type_envp,
	&type_intlist,
	&type_fdpair,
	&type_idpair,
	&type_signame,
	&type_sigset,
	&type_sicode,
	&type_sighandler,
	&type_saflags,
	&type_sigaction,
	&type_sigsetarg,
	&type_timespec,
	&type_timeval,
	&type_leasetype,
	&type_timeout,
	&type_timeoutval,
	&type_pollevents,
	&type_pollfd,
	&type_pollfds,
	&type_pollresult,
	&type_fdsetfd,
	&type_fdset,
	&type_selectresult,
	&type_epollflags,
	&type_epollop,
	&type_epollevents,
	&type_epoll_data,
	&type_epoll_event,
	&type_epoll_events,
	&type_efdflags,
	&type_tfdflags,
	&type_tfdsetflags,
	&type_timerflags,
	&type_clockid,
	&type_itimerspec,
	&type_sighow,
	&type_sfdflags,
	&type_mfdflags,
	&type_seals,
	&type_pidfdflags,
	&type_pidfdsignalflags,
	&type_ininitflags,
	&type_inmask,
	&type_oflags,
	&type_oflags64,
	&type_dupflags,
	&type_mode,
	&type_creatmode,
	&type_howmode,
	&type_fdflags,
	&type_whence,
	&type_cloneflags,
	&type_clone3flags,
	&type_unshareflags,
	&type_closerangeflags,
	&type_atflags,
	&type_resolveflags,
	&type_accessmode,
	&type_accessflags,
	&type_waitoptions,
	&type_signal,
	&type_resource,
	&type_kcmptype,
	&type_fcntlcmd,
	&type_ioctlcmd,
	&type_rwhint,
	&type_rwhints,
	&type_locktype,
	&type_flockop,
	&type_ownertype,
	&type_f_owner_ex,
	&type_idtype,
	&type_cldcode,
	&type_childstatus,
	&type_siginfo,
	&type_forkflags,
	&type_errno,
	&type_family,
	&type_socktype,
	&type_protocol,
	&type_msgflags,
	&type_shuthow,
	&type_socklevel,
	&type_sockopt,
	&type_tcpopt,
	&type_ipopt,
	&type_udpopt,
	&type_optval,
	&type_ucred,
	&type_cmsgdata,
	&type_cmsgtype,
	&type_socklen,
	&type_namelen,
	&type_controllen,
	&type_sunpath,
	&type_port,
	&type_inaddr,
	&type_sockaddr,
	&type_iovec,
	&type_iovecs,
	&type_cmsg,
	&type_cmsgs,
	&type_rwfflags,
	&type_msghdr,
	&type_mmsghdr,
	&type_mmsghdrs,
	&type_sentmsgs,
	&type_mmsgresult,
	&type_wstatus,
	&type_rlim,
	&type_filemode,
	&type_dev,
	&type_rlimit,
	&type_open_how,
	&type_clone_args,
	&type_flock,
	&type_tidptr,
	&type_stat,
	&type_statxflags,
	&type_statxmask,
	&type_statx,
	&type_dirtype,
	&type_dirent,
	&type_dirents,
	&type_offptr,
	&type_spliceflags,
	&type_any,
	&type_dnflags,
};

#define TYPES (sizeof(types) / sizeof(types[0]))

const struct type *type_nth(size_t n)
{
	return n < TYPES ? types[n] : NULL;
}

const struct type *type_find(const char *name, size_t len)
{
	for (size_t i = 0; i < TYPES; i++) {
		const char *candidate = types[i]->name;

		/*
		 * The first letter tells most apart. A program looks up 1,000 types when it starts.
		 */
		if (*candidate == *name && strncmp(candidate, name, len) == 0 &&
		    candidate[len] == '\0')
			return types[i];
	}
	return NULL;
}

void type_print(struct text *t, const char *type, int64_t num)
{
	const struct type *found = type_find(type, strlen(type));
	struct fdl_arg arg = { .num = num };

	if (found && found->store == STORE_NUMBER)
		found->print(t, found, &arg, SIZE_MAX);
	else
		text_int(t, num);
}
