import type { Access } from '@opora/contracts';
import { inWords, type Instant } from '@opora/domain';
import { accessWords, deedOf, resourceOf } from './access-words.js';
import type { Language } from './plan-document.js';

export interface PlainAccess {
  readonly module: string;
  readonly at: Instant;
  /** What people call the agency; who in it is not told: the agency answers for its people. */
  readonly agency: string;
  readonly decision: 'permit' | 'deny';
  readonly words: readonly string[];
}

export interface Telling { readonly language: Language; readonly zone?: string | undefined; readonly titleOf: (agency: string) => string }

/** One access in sentences. No id of whoever looked is in it, nor for whom they spoke, nor anything that was seen. */
export const plainAccess = (module: string, { at, by, action, purpose, decision }: Access, { language, zone, titleOf }: Telling): PlainAccess => {
  const say = accessWords[language];
  const role = by.roles.find((one) => one in say.roles) ?? (by.roles.some((one) => one.endsWith(':practitioner')) ? 'practitioner' : '');
  const thing = say.things[resourceOf(action)] ?? say.other.thing;
  const when = inWords(at, language, { zone, clock: true });
  const agency = titleOf(by.agency);
  const permitted = decision === 'permit' ? 'permit' : 'deny';
  return {
    module, at, agency, decision: permitted,
    words: [
      by.roles.includes('client') ? say.you(when) : say.who(when, agency, say.roles[role] ?? say.other.role, role === 'module'),
      (permitted === 'permit' ? say.did : say.wanted)[deedOf(action)](thing),
      say.what(say.purposes[purpose] ?? say.other.purpose), say.decision[permitted],
    ],
  };
};
