import type { Titles } from '@opora/contracts';
import { Counselling } from '@opora/counselling';
import { Gateway } from '@opora/gateway';
import { Intake } from '@opora/intake';
import { LegalAid } from '@opora/legal-aid';
import type { ServiceDefinition } from '@opora/service';

/** The modules behind the gateway. */
export const modules: readonly ServiceDefinition[] = [Intake, Counselling, LegalAid];

export const services: readonly ServiceDefinition[] = [...modules, Gateway];

/** Which agency runs which service where one machine has them all. */
export const agencyOf = (service: string): string => (service === 'legal-aid' ? 'bureau' : 'centre');

/** What the demo's agencies are called. */
export const agencyTitles: Readonly<Record<string, Titles>> = {
  centre: { en: 'Support Centre', ru: 'Центр помощи' },
  bureau: { en: 'Legal Bureau', ru: 'Юридическое бюро' },
};
