import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, type Actor } from '@opora/access';
import type { PlanTextsAnswer } from '@opora/contracts';
import { Answers, By, PlanTexts, PlanTextsView, Reading } from '@opora/service';
import { Plans } from './plans.store.js';

@ApiTags('plan')
@Controller('v1/counselling')
export class PlanTextsController {
  constructor(private readonly plans: Plans, private readonly reading: Reading) {}

  /** The person's own aim behind each goal. A goal never changes its words: another aim is another goal. */
  @Allow('plan-text.read') @Post('plan-texts') @Answers(PlanTextsView)
  async readPlanTexts(@Body() { entries }: PlanTexts, @By() actor: Actor): Promise<PlanTextsAnswer> {
    const plans = await this.plans.ofGoals(entries.map(({ entryId }) => entryId));
    const texts = await Promise.all(entries.map(async ({ entryId, version }) => {
      const plan = plans.find(({ status, shownGoals }) => status !== 'entered-in-error' && shownGoals.some(({ goalId }) => goalId === entryId));
      const goal = plan?.shownGoals.find(({ goalId }) => goalId === entryId);
      if (!plan || !goal) return undefined;
      const { clientId, agency } = plan;
      const readable = await this.reading.may(actor, { clientId, agency, dataClass: goal.dataClass });
      return readable ? { entryId, version, text: goal.ownAim } : undefined;
    }));
    return { texts: texts.filter((text) => text !== undefined) };
  }
}
