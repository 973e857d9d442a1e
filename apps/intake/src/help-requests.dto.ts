import { Urgency, type NeedCode } from '@opora/contracts';
import { AtField, CodeField, DeviceId, Flag, IdField, OneOf, PageQuery, Part, Recording, Text } from '@opora/service';
import { outcomes, urgentHelps } from './domain/help-request.js';
import { sources, type HelpRequest } from './domain/help-request-state.js';
import { needCodes } from './domain/need-titles.js';

const statuses: HelpRequest['status'][] = ['registered', 'triaged', 'in-contact', 'resolved', 'entered-in-error'];
const urgencies = Urgency.enum as string[];

export class RegisterHelpRequest extends Recording {
  @DeviceId() id?: string;
  @OneOf(sources, { description: 'Who asks' }) source!: (typeof sources)[number];
  @CodeField({ optional: true, description: 'The asking organisation’s own number', example: '2026/118' }) reference?: string;
  @IdField({ optional: true, description: 'Left out while nobody knows who it is' }) clientId?: string;
  @OneOf(needCodes, { optional: true, list: true, maxItems: 8 }) needCodes?: NeedCode[];
  @Text(4000, { optional: true, description: 'In the words of whoever asks; it stays in intake' }) text?: string;
}

export class TriageHelpRequest extends Recording {
  @OneOf(urgencies) urgency!: Urgency;
  @IdField({ optional: true, description: 'Whose request it is, if that is known by now' }) clientId?: string;
}

export class LinkClient extends Recording {
  @IdField() clientId!: string;
}

export class GiveUrgentHelp extends Recording {
  @OneOf(urgentHelps) help!: string;
  @Text(2000, { optional: true, description: 'What was done; it stays in intake' }) text?: string;
}

export class ResolveHelpRequest extends Recording {
  @OneOf(outcomes) outcome!: string;
}

export class HelpRequestQuery extends PageQuery {
  @OneOf(statuses, { optional: true }) status?: string;
  @IdField({ optional: true }) clientId?: string;
  @OneOf(['true', 'false'], { optional: true, description: 'Those still waiting for a first contact beyond their time' }) overdue?: string;
}

class FirstContact {
  @AtField() at!: string;
  @Flag() inTime!: boolean;
}

class UrgentHelpGiven {
  @OneOf(urgentHelps) help!: string;
  @AtField() at!: string;
  @Text(2000, { optional: true }) text?: string;
}

export class HelpRequestView {
  @IdField() id!: string;
  @CodeField() agency!: string;
  @OneOf(statuses) status!: string;
  @OneOf(sources) source!: string;
  @CodeField({ optional: true }) reference?: string;
  @IdField({ optional: true }) clientId?: string;
  @OneOf(needCodes, { list: true }) needCodes!: readonly string[];
  @Text(4000, { optional: true }) text?: string;
  @AtField() registeredAt!: string;
  @OneOf(urgencies, { optional: true }) urgency?: string;
  @AtField({ optional: true, description: 'When the response clock started' }) triagedAt?: string;
  @AtField({ optional: true }) respondBy?: string;
  @Flag({ description: 'Still waiting for a first contact beyond its time' }) overdue!: boolean;
  @Part(() => FirstContact, { optional: true }) firstContact?: object;
  @Part(() => UrgentHelpGiven, { optional: true }) urgentHelp?: object;
  @CodeField({ optional: true }) outcome?: string;
}
