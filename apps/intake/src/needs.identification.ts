import { Injectable } from '@nestjs/common';
import type { NeedCode } from '@opora/contracts';
import { idTaken, type Act } from '@opora/domain';
import { newId, type Changed, type Stored } from '@opora/messaging';
import { addEvidence, identify, reassess } from './domain/need.js';
import type { Evidence, Finding, Statement } from './domain/need-evidence.js';
import { isOpen, type Need } from './domain/need-state.js';
import { withdrawalReasons } from './domain/need-titles.js';
import { Needs } from './needs.store.js';

interface About { readonly clientId: string; readonly agency: string }

/** A person ended the need that this rule had found in this screening; the machine does not bring it back. */
const settledByPerson = (needs: readonly Stored<Need>[], { ruleId }: Finding): boolean => needs.some(({ state }) =>
  !isOpen(state) && (state.status !== 'withdrawn' || withdrawalReasons.includes(state.reason))
  && state.evidence.some((one) => one.source === 'screening' && one.ruleId === ruleId));

/**
 * Which need a finding or a statement belongs to. A client has at most one open need of a code: whatever points to that code
 * again becomes further evidence of it. All of it joins the transaction under way.
 */
@Injectable()
export class Identification {
  constructor(private readonly needs: Needs) {}

  /** What a screening finds now, in place of what it found before. Answers with every need that it touched. */
  async fromScreening(
    { screeningId, clientId, agency }: About & { screeningId: string }, found: ReadonlyMap<NeedCode, readonly Finding[]>,
    reason: 'screening-amended' | 'screening-entered-in-error', act: Act,
  ): Promise<Changed<Need>[]> {
    await this.needs.lockClient(clientId);
    const mine = await this.needs.ofScreening(screeningId);
    const others = (await this.needs.openOf([clientId])).filter(({ id, state }) => found.has(state.code) && !mine.some((one) => one.id === id));
    const changes: Changed<Need>[] = [];
    for (const { id, state } of [...mine, ...others].filter(({ state: { status } }) => status !== 'entered-in-error')) {
      changes.push(await this.needs.change(id, act, (need) =>
        reassess(need, { basis: { screeningId }, findings: found.get(state.code) ?? [], reason, at: act.at })));
    }
    const held = new Set([...mine, ...others].filter(({ state }) => isOpen(state)).map(({ state }) => state.code));
    for (const [code, findings] of found) {
      const [first, ...more] = held.has(code) ? [] : findings.filter((finding) => !settledByPerson(mine, finding));
      if (first) changes.push(await this.create({ clientId, agency }, code, [first, ...more], act));
    }
    return changes;
  }

  /** A person names a need. `joined` when it was open already; the id then is its own, not the one that was made for it. */
  async fromPerson(about: About, code: NeedCode, statement: Statement, act: Act, needId?: string): Promise<{ need: Changed<Need>; joined: boolean }> {
    await this.needs.lockClient(about.clientId);
    if (needId !== undefined && await this.needs.load(needId)) throw idTaken();
    const known = (await this.needs.openOf([about.clientId])).find(({ state }) => state.code === code);
    if (!known) return { need: await this.create(about, code, [statement], act, needId), joined: false };
    return { need: await this.needs.change(known.id, act, (need) => addEvidence(need, { evidence: statement, at: act.at })), joined: true };
  }

  /** A rule was wrong: what only it had found stands no longer. */
  async withoutRule(ruleId: string, act: Act): Promise<void> {
    for (const { id, state: { status } } of await this.needs.ofRule(ruleId)) {
      if (status === 'entered-in-error') continue;
      await this.needs.change(id, act, (need) => reassess(need, { basis: { ruleId }, findings: [], reason: 'rule-entered-in-error', at: act.at }));
    }
  }

  private create({ clientId, agency }: About, code: NeedCode, evidence: readonly [Evidence, ...Evidence[]], act: Act, needId = newId()): Promise<Changed<Need>> {
    return this.needs.change(needId, act, (need) => identify(need, { needId, clientId, agency, code, evidence, at: act.at }));
  }
}
