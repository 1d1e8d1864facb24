/*
 * The tables of symbols of sockets, with the numbers of the host's headers.
 */
#include "xlat.h"
#include "xlat_rows.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static const struct word family_rows[] = {
	SYMBOL(AF_UNSPEC), SYMBOL(AF_UNIX),  SYMBOL(AF_INET), SYMBOL(AF_INET6), SYMBOL(AF_NETLINK),
	SYMBOL(AF_PACKET), SYMBOL(AF_VSOCK), SYMBOL(AF_ALG),  ALIAS(AF_LOCAL),  ALIAS(AF_FILE),
	ALIAS(PF_UNIX),    ALIAS(PF_LOCAL),  ALIAS(PF_INET),  ALIAS(PF_INET6),  ALIAS(PF_NETLINK),
};

const struct words family_words = { "family", TABLE(family_rows), NULL, 0 };

#define SOCK_TYPE(x) FIELD(x, 0xf)

static const struct word socktype_rows[] = {
	SOCK_TYPE(SOCK_STREAM), SOCK_TYPE(SOCK_DGRAM),     SOCK_TYPE(SOCK_RAW),
	SOCK_TYPE(SOCK_RDM),    SOCK_TYPE(SOCK_SEQPACKET), SOCK_TYPE(SOCK_DCCP),
	SOCK_TYPE(SOCK_PACKET), FLAG(SOCK_CLOEXEC),        FLAG(SOCK_NONBLOCK),
};

const struct words socktype_words = { "type", TABLE(socktype_rows), NULL, 0 };

/* 0 is IPPROTO_IP, and means nothing elsewhere. */
static const struct word protocol_rows[] = {
	ALIAS(IPPROTO_IP),   SYMBOL(IPPROTO_ICMP), SYMBOL(IPPROTO_TCP),
	SYMBOL(IPPROTO_UDP), SYMBOL(IPPROTO_RAW),
};

const struct words protocol_words = { "protocol", TABLE(protocol_rows), NULL, 0 };

static const struct word msgflag_rows[] = {
	FLAG(MSG_OOB),        FLAG(MSG_PEEK),         FLAG(MSG_DONTROUTE), FLAG(MSG_CTRUNC),
	FLAG(MSG_TRUNC),      FLAG(MSG_DONTWAIT),     FLAG(MSG_EOR),       FLAG(MSG_WAITALL),
	FLAG(MSG_CONFIRM),    FLAG(MSG_ERRQUEUE),     FLAG(MSG_NOSIGNAL),  FLAG(MSG_MORE),
	FLAG(MSG_WAITFORONE), FLAG(MSG_CMSG_CLOEXEC),
};

const struct words msgflag_words = { "flag", TABLE(msgflag_rows), NULL, 0 };

static const struct word shutdown_rows[] = {
	SYMBOL(SHUT_RD),
	SYMBOL(SHUT_WR),
	SYMBOL(SHUT_RDWR),
};

const struct words shutdown_words = { "direction", TABLE(shutdown_rows), NULL, 0 };

static const struct word socklevel_rows[] = {
	SYMBOL(SOL_IP),     SYMBOL(SOL_SOCKET),
	SYMBOL(SOL_TCP),    NAMED("SOL_UDP", IPPROTO_UDP, UINT64_MAX),
	SYMBOL(SOL_IPV6),   SYMBOL(SOL_NETLINK),
	ALIAS(IPPROTO_TCP), ALIAS(IPPROTO_IP),
};

const struct words socklevel_words = { "level", TABLE(socklevel_rows), NULL, 0 };

static const struct word sockopt_rows[] = {
	SYMBOL(SO_DEBUG),     SYMBOL(SO_REUSEADDR), SYMBOL(SO_TYPE),       SYMBOL(SO_ERROR),
	SYMBOL(SO_DONTROUTE), SYMBOL(SO_BROADCAST), SYMBOL(SO_SNDBUF),     SYMBOL(SO_RCVBUF),
	SYMBOL(SO_KEEPALIVE), SYMBOL(SO_OOBINLINE), SYMBOL(SO_LINGER),     SYMBOL(SO_REUSEPORT),
	SYMBOL(SO_PASSCRED),  SYMBOL(SO_PEERCRED),  SYMBOL(SO_RCVTIMEO),   SYMBOL(SO_SNDTIMEO),
	SYMBOL(SO_PEERNAME),  SYMBOL(SO_TIMESTAMP), SYMBOL(SO_ACCEPTCONN), SYMBOL(SO_PROTOCOL),
	SYMBOL(SO_DOMAIN),
};

const struct words sockopt_words = { "option", TABLE(sockopt_rows), NULL, 0 };

static const struct word tcpopt_rows[] = {
	SYMBOL(TCP_NODELAY),
	SYMBOL(TCP_CORK),
	SYMBOL(TCP_KEEPIDLE),
	SYMBOL(TCP_QUICKACK),
};

const struct words tcpopt_words = { "option", TABLE(tcpopt_rows), NULL, 0 };

static const struct word cmsgtype_rows[] = {
	SYMBOL(SCM_RIGHTS),
	SYMBOL(SCM_CREDENTIALS),
};

const struct words cmsgtype_words = { "type", TABLE(cmsgtype_rows), NULL, 0 };
