import { Type, type Static } from 'typebox';
import { contract } from './contract.js';
import { serviceTopic, topics } from './topics.js';
import { At, Code, Date, Id, ModuleName, closed } from './values.js';

/** What a module may not erase yet. `until` is open while a hold lasts. */
export const Kept = Type.Object({
  recordType: Code,
  legalBasis: Code,
  until: Type.Optional(Date),
}, closed);
export type Kept = Static<typeof Kept>;

const erasure = { erasureId: Id, clientId: Id };

export const erasureRequested = contract(topics.erasures, 'opora.erasure.requested', '1.0.0', Type.Object({
  ...erasure, aliases: Type.Array(Id, { maxItems: 100, description: 'Ids of records merged into this one' }),
}, closed), 'Two people decided to erase a person: every module erases what it has and says so, also when it has nothing');

export const erasureCompleted = contract(topics.erasures, 'opora.erasure.completed', '1.0.0', Type.Object({
  ...erasure, module: ModuleName, kept: Type.Array(Kept, { maxItems: 100, description: 'What law orders to keep: restricted, and for how long' }),
}, closed), 'The module has erased the person, but for what it says that it keeps');

const step = <T extends string, P extends Record<string, Type.TSchema>>(type: T, more: P, description: string) =>
  contract(serviceTopic('intake'), type, '1.0.0', Type.Object({ ...erasure, at: At, ...more }, closed), description);

export const intakeErasureAsked = step('intake.erasure-asked', { reason: Code }, 'Somebody asked for a person to be erased; another one has to confirm it');
export const intakeErasureRefused = step('intake.erasure-refused', { reason: Code }, 'The person is not erased, and why');
export const intakeErasureAnswered = step('intake.erasure-answered', { module: ModuleName, kept: Type.Array(Kept) }, 'A module’s answer was noted');
export const intakeErasureCompleted = step('intake.erasure-completed', { left: Type.Array(ModuleName) }, 'Every module has erased the person; those that left before are named');

export const personErasing = step('intake.person-erasing', {}, 'The consent state says that the person is being erased; nothing is shared any more');
export const personKeyMade = contract(serviceTopic('intake'), 'intake.person-key-made', '1.0.0', Type.Object({ clientId: Id, at: At }, closed),
  'The person got a key of the own, which travels with the consent state');
