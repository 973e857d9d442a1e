import { CodeField, Flag, IdField, OneOf, Part, Recording, StaffField } from '@opora/service';
import { relations, type Relation } from './domain/circumstances.js';
import { hidingReasons, liftingReasons, unhidingReasons } from './domain/protection.js';

export class ChangeCareTeam extends Recording {
  @StaffField({ optional: true, description: 'Whom it is about; you, unless said' }) member?: string;
}

export class HideRecord extends Recording {
  @OneOf(hidingReasons) reason!: string;
}

export class UnhideRecord extends Recording {
  @OneOf(unhidingReasons) reason!: string;
}

export class BarRelation extends Recording {
  @StaffField({ optional: true, description: 'The `sub` of the tokens of a worker or representative' }) subject?: string;
  @IdField({ optional: true, description: 'Somebody who is a client, of whatever agency' }) client?: string;
  @OneOf(relations, { description: 'What they are to the person' }) relation!: Relation;
}

export class LiftBar extends Recording {
  @OneOf(liftingReasons) reason!: string;
}

class CareTeamMember {
  @StaffField() member!: string;
  @OneOf(['plan', 'assigned'], { list: true, description: 'plan: named as responsible in an open plan entry; assigned: somebody said so' }) because!: string[];
}

class BarView {
  @IdField() barId!: string;
  @StaffField({ optional: true }) subject?: string;
  @IdField({ optional: true }) client?: string;
  @OneOf(relations) relation!: string;
}

export class CircumstancesView {
  @IdField() clientId!: string;
  @Part(() => CareTeamMember, { list: true, description: 'Who cares for the person' }) careTeam!: CareTeamMember[];
  @Flag({ description: 'Only the care team and supervisors find the record' }) hidden!: boolean;
  @CodeField({ optional: true, description: 'Why it is hidden' }) hiddenBecause?: string;
  @Part(() => BarView, { list: true, description: 'Who must never learn anything about the person' }) bars!: BarView[];
}
