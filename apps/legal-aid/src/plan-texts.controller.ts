import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import type { PlanTextsAnswer } from '@opora/contracts';
import { Answers, By, PlanTexts, PlanTextsView, Reading } from '@opora/service';
import { Matters } from './matters.store.js';

@ApiTags('plan')
@Controller('v1/legal-aid')
export class PlanTextsController {
  constructor(private readonly matters: Matters, private readonly reading: Reading) {}

  /** The summary of a matter as it stood while that version of its entry was shown. It is privileged: for the client and legal aid only. */
  @Allow('plan-text.read') @Post('plan-texts') @Answers(PlanTextsView)
  async readPlanTexts(@Body() { entries }: PlanTexts, @By() actor: Actor): Promise<PlanTextsAnswer> {
    const texts = await Promise.all(entries.map(async ({ entryId, version }) => {
      const matter = await this.matters.load(entryId);
      if (!matter || matter.state.status === 'entered-in-error') return undefined;
      if (!(await this.reading.may(actor, { clientId: matter.state.clientId, agency: matter.state.agency, dataClass: 'D3' }))) return undefined;
      const shown = await this.matters.shown(entryId, version);
      const text = shown && matter.state.summaries.filter(({ at }) => shown.until === undefined || at < shown.until).at(-1)?.text;
      return text === undefined ? undefined : { entryId, version, text };
    }));
    return { texts: texts.filter((text) => text !== undefined) };
  }
}
