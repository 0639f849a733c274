/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands of the control socket: words in, lines out.
 *
 * Owns: nothing; knows the model. README.md lists the commands for people.
 */
#ifndef PODPATH_CMD_H
#define PODPATH_CMD_H

#include "model.h"

/* Less than a socket takes at once */
#define REPLY_MAX	(100 * 1024)
/* Kept for the last line */
#define REPLY_END	128

/**
 * struct reply - an answer in the making
 * @len: bytes in @text
 * @text: whole lines
 */
struct reply {
	size_t len;
	char text[REPLY_MAX];
};

/**
 * reply_line() - add a line; what does not fit is dropped, but for the last
 * @r: the answer
 * @fmt: printf format, without the line's end
 */
void reply_line(struct reply *r, const char *fmt, ...) __printf(2, 3);

/**
 * reply_error() - end the answer with an error
 * @r: the answer
 * @why: the reason
 */
void reply_error(struct reply *r, const char *why);

/**
 * cmd_run() - one line
 * @m: the program
 * @c: who asks
 * @line: the line; changed
 * @r: the answer, empty; stays empty when the answer comes later
 */
void cmd_run(struct model *m, struct client *c, char *line, struct reply *r);

#endif /* PODPATH_CMD_H */
