/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Symbols by address, from a text file: which function is this instruction in,
 * and which directory of the source is that from?
 *
 * Owns: the symbols and their names. A table does not change once it is loaded,
 * so any number of threads may ask it.
 *
 * Each line of the file is "ADDR SIZE NAME DIR", separated by blanks: two hex
 * numbers without 0x, a name without blanks, and the rest of the line. Lines
 * are in ascending order of ADDR.
 */
#ifndef PODPATH_SYMTAB_H
#define PODPATH_SYMTAB_H

#include "../../ena-model/types.h"

/**
 * struct symbol - a function
 * @addr: its first byte
 * @size: bytes, not zero: where the file has 0, as many as there are until the
 *	next higher @addr, and 1 when there is none
 * @name: owned by the table
 * @dir: directory of its source; owned by the table
 */
struct symbol {
	u64 addr;
	u64 size;
	const char *name;
	const char *dir;
};

struct symtab;

/**
 * symtab_load() - read the symbols of a file
 * @path: the file
 * @err: set to what is wrong, with @path and the line, when NULL is returned
 * @errlen: bytes of @err
 *
 * Errors: the file cannot be read, a line is malformed (a range that wraps is,
 * an empty line, too), the lines are not sorted, no memory. A file without any
 * line is a table without symbols.
 *
 * Return: the table, for symtab_free(), or NULL.
 */
struct symtab *symtab_load(const char *path, char *err, size_t errlen);

/**
 * symtab_free() - free a table and its symbols
 * @t: the table; may be NULL
 */
void symtab_free(struct symtab *t);

/**
 * symtab_find() - the symbol that an address is in
 * @t: the table
 * @addr: any address
 *
 * Of several the one that begins last, and of those that begin together the one
 * that comes first in the file.
 *
 * Return: the symbol, or NULL when the address is in none.
 */
const struct symbol *symtab_find(const struct symtab *t, u64 addr);

/* Number of symbols */
size_t symtab_count(const struct symtab *t);

/**
 * symtab_at() - a symbol by its place in the file
 * @t: the table
 * @i: its line, from 0
 *
 * Return: the symbol, or NULL behind the last.
 */
const struct symbol *symtab_at(const struct symtab *t, size_t i);

/**
 * symtab_index() - the place of a symbol in the file
 * @t: the table
 * @s: one of its symbols
 *
 * Return: less than symtab_count(), to index a table of the caller with.
 */
size_t symtab_index(const struct symtab *t, const struct symbol *s);

#endif /* PODPATH_SYMTAB_H */
