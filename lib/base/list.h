/*
 * Doubly linked lists whose links live in their elements, as the kernel's. An empty head points to
 * itself.
 */
#ifndef LIST_H
#define LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next, *prev;
};

/* The object of a type that has *ptr as this member. */
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/* Walks over the links of a list, in order; the second may remove pos. */
#define list_for_each(pos, head)                                                                   \
	for (struct list *pos = (head)->next; pos != (head); pos = pos->next)
#define list_for_each_safe(pos, n, head)                                                           \
	for (struct list *pos = (head)->next, *n = pos->next; pos != (head); pos = n, n = pos->next)

/* Makes a head an empty list, or a link one that is in no list. */
static inline void list_init(struct list *head)
{
	head->next = head->prev = head;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

/* Puts e at the end of the list. */
static inline void list_add_tail(struct list *e, struct list *head)
{
	e->prev = head->prev;
	e->next = head;
	head->prev->next = e;
	head->prev = e;
}

/* Puts e at the start of the list. */
static inline void list_add(struct list *e, struct list *head)
{
	list_add_tail(e, head->next);
}

/* Takes e out of its list, if it is in one, and initialises it. */
static inline void list_del(struct list *e)
{
	e->prev->next = e->next;
	e->next->prev = e->prev;
	list_init(e);
}

#endif
