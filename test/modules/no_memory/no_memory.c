/*
 * no_memory.c
 *		Refuses memory to one process, for tests: to be preloaded by the linker.
 *
 * The file NO_MEMORY_FILE holds two numbers: whose requests fail, and from what
 * size on.  It is mapped, so that a test changes them in processes that run.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct Victim
{
	int			pid;			/* 0: nobody */
	int			from_size;
} Victim;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static volatile Victim *victim = NULL;

__attribute__((constructor)) static void
map_file(void)
{
	const char *name = getenv("NO_MEMORY_FILE");
	int			fd = name != NULL ? open(name, O_RDONLY) : -1;
	void	   *map;

	if (fd < 0)
		return;
	map = mmap(NULL, sizeof(Victim), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (map != MAP_FAILED)
		victim = map;
}

static int
refuses(size_t size)
{
	if (victim == NULL || victim->pid == 0 || victim->pid != getpid() ||
		size < (size_t) victim->from_size)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t size)
{
	return refuses(size) ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return refuses(n * size) ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *old, size_t size)
{
	return refuses(size) ? NULL : __libc_realloc(old, size);
}
