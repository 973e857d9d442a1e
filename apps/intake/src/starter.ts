import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { NeedCode } from '@opora/contracts';
import { Database } from '@opora/messaging';
import { SETTINGS, type ServiceSettings } from '@opora/service';
import { v5 } from 'uuid';
import { publish, readQuestionnaire, takeIn } from './domain/instrument.js';
import { write } from './domain/need-rule.js';
import { agree } from './domain/interpretation.js';
import { starterInterpretations, starterNeedRules, starterScreening } from './instruments/index.js';
import { Instruments } from './instruments.store.js';
import { Interpretations } from './interpretations.store.js';
import { NeedRules } from './need-rules.store.js';

/** Namespace of the ids of what ships with intake: the same everywhere, and new with a new version of the document. */
const SHIPPED = '3d6a2f3e-5b0c-5f0e-9a55-0d6f0f5d1c11';

export const starterInstrumentId = v5(`${starterScreening.url}|${starterScreening.version}`, SHIPPED);

/** On the first start, so that a newcomer finds a screening to work with: the shipped one, published, with its rules. */
@Injectable()
export class Starter implements OnApplicationBootstrap {
  constructor(
    private readonly instruments: Instruments, private readonly rules: NeedRules, private readonly interpretations: Interpretations,
    private readonly database: Database,
    @Inject(SETTINGS) private readonly settings: ServiceSettings,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (await this.instruments.load(starterInstrumentId)) return;
    await this.database.transaction(async () => {
      const { agency } = this.settings;
      const read = readQuestionnaire(starterScreening, { problems: [], notComputed: [] });
      const instrumentVersion = await this.instruments.nextVersion(agency, read.url);
      // Another instance may have been first, while this one waited for the number.
      if (await this.instruments.load(starterInstrumentId)) return;
      const act = this.instruments.act('intake');
      const { at } = act;
      const ids = { instrumentId: starterInstrumentId, agency };
      await this.instruments.change(starterInstrumentId, act, (i) => takeIn(i, { ...ids, instrumentVersion, ...read, at }));
      await this.instruments.keep(starterInstrumentId, JSON.stringify(starterScreening));
      await this.instruments.change(starterInstrumentId, act, (i) => publish(i, { at }));
      for (const { rule, need, severity, condition, explanation } of starterNeedRules) {
        const ruleId = v5(rule, starterInstrumentId);
        const text = { condition, need: need.code as NeedCode, severity, explanation };
        await this.rules.change(ruleId, act, (r) => write(r, { ...ids, ruleId, troubles: [], text, at }));
      }
      for (const { interpretation, linkId, ...scale } of starterInterpretations) {
        const interpretationId = v5(`interpretation ${interpretation}`, starterInstrumentId);
        await this.interpretations.change(interpretationId, act, (i) => agree(i, { ...ids, interpretationId, linkId, scale, taken: false, at }));
      }
    });
  }
}
