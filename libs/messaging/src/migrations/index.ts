import { Messaging1700000000001 } from './0001-messaging.js';
import { Audit1700000000002 } from './0002-audit.js';
import { Erasure1700000000003 } from './0003-erasure.js';
import { Aliases1700000000004 } from './0004-aliases.js';
import { Objection1700000000005 } from './0005-objection.js';
import { Openings1700000000006 } from './0006-openings.js';

/** The tables that every service has in its own schema, in their order. */
export const everyServicesMigrations = [Messaging1700000000001, Audit1700000000002, Erasure1700000000003, Aliases1700000000004, Objection1700000000005, Openings1700000000006] as const;
