/*
 * mock_server.h
 *		The server's functions that the fuzzed files need.
 */
#ifndef MOCK_SERVER_H
#define MOCK_SERVER_H

extern bool mock_server_run(void (*work) (const char *sql), const char *sql);

#endif							/* MOCK_SERVER_H */
