import { CodeField, DayField, DeviceId, Flag, IdField, OneOf, PageQuery, Part, Recording, Text, Whole } from '@opora/service';
import { certainties, contactKinds, groupCodes, nameUses } from './domain/person.js';
import { addressClasses, answerers, sayables, weekDays } from './domain/safe-contact.js';

const certainty = () => OneOf(certainties, { description: 'A value belongs to known and approximate, and only to them' });

class PersonName {
  @OneOf(nameUses) use!: (typeof nameUses)[number];
  @Text(100, { optional: true, example: 'Anna' }) given?: string;
  @Text(100, { optional: true, example: 'Petrova' }) family?: string;
  @Text(100, { optional: true, example: 'Sergeevna' }) patronymic?: string;
}

class PersonNames {
  @certainty() status!: (typeof certainties)[number];
  @Part(() => PersonName, { optional: true, list: true, maxItems: 10 }) value?: PersonName[];
}

class BirthDate {
  @certainty() status!: (typeof certainties)[number];
  @Text(10, { optional: true, description: 'A day when known; YYYY, YYYY-MM or a day when approximate', example: '1961' }) value?: string;
}

class AddressText {
  @Text(300) text!: string;
  @CodeField({ optional: true }) postalCode?: string;
  @OneOf(addressClasses, { optional: true, description: 'safe: a place that must not become known, for the care team and supervisors of the agency only; ordinary, unless said' })
  class?: (typeof addressClasses)[number];
}

class Address {
  @certainty() status!: (typeof certainties)[number];
  @Part(() => AddressText, { optional: true }) value?: AddressText;
  @Flag({ optional: true, description: 'There is a safe address that you are not shown; send it back like this, and it stays' }) withheld?: boolean;
}

const HOUR = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;

class ContactTimes {
  @OneOf(weekDays, { list: true, minItems: 1, maxItems: 7 }) days!: (typeof weekDays)[number][];
  @CodeField({ pattern: HOUR, example: '09:00' }) from!: string;
  @CodeField({ pattern: HOUR, description: 'Not included; 24:00 is midnight', example: '12:30' }) to!: string;
}

class ContactHours {
  @CodeField({ description: 'IANA time zone', example: 'Europe/Moscow' }) zone!: string;
  @Part(() => ContactTimes, { list: true, minItems: 1, maxItems: 20 }) times!: ContactTimes[];
}

class PersonContact {
  @OneOf(contactKinds) kind!: (typeof contactKinds)[number];
  @Text(200) value!: string;
  @Flag({ description: 'Whether using it puts nobody in danger' }) safeToContact!: boolean;
  @Text(300, { optional: true, example: 'only in the morning' }) note?: string;
  @Part(() => ContactHours, { optional: true, description: 'When it may be used; always, unless said' }) hours?: ContactHours;
  @OneOf(answerers, { optional: true, description: 'To whom anything may be said, if they answer; to anyone, unless said' }) answeredBy?: (typeof answerers)[number];
  @OneOf(sayables, { optional: true, description: 'What may be said to whoever answers, or left as a message; anything, unless said' }) maySay?: (typeof sayables)[number];
  @Text(60, { optional: true, description: 'By which the person and the agency know each other; shown to the care team and intake only', example: 'lighthouse' }) codeWord?: string;
}

class Identifier {
  @CodeField({ example: 'urn:opora:id:snils' }) system!: string;
  @Text(60) value!: string;
}

class Group {
  @OneOf(groupCodes) code!: string;
  @DayField({ optional: true, description: 'Today, unless said' }) from?: string;
  @DayField({ optional: true, description: 'The last day' }) until?: string;
}

// Published and free for anybody to choose: too narrow for a name.
const AREA = /^[A-Z0-9][A-Z0-9.-]{1,14}$/;

class DescribeClient extends Recording {
  @Flag({ optional: true, description: 'The person stays without name and identifiers' }) anonymous?: boolean;
  @Part(() => PersonNames, { optional: true, description: 'Needed unless anonymous' }) names?: PersonNames;
  @Part(() => BirthDate, { optional: true }) birthDate?: BirthDate;
  @Part(() => Address, { optional: true }) address?: Address;
  @Part(() => PersonContact, { optional: true, list: true, maxItems: 20, description: 'In the order that the person prefers' }) contacts?: PersonContact[];
  @CodeField({ optional: true, pattern: /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, description: 'BCP 47', example: 'ru' }) language?: string;
  @Part(() => Identifier, { optional: true, list: true, maxItems: 20 }) identifiers?: Identifier[];
  @Part(() => Group, { optional: true, list: true, maxItems: 30 }) groups?: Group[];
  @CodeField({ optional: true, pattern: AREA, description: 'Of the region’s list of areas: capitals, digits, dots and hyphens', example: 'RU-MOW' }) areaCode?: string;
  @IdField({ optional: true, list: true, maxItems: 50, description: 'Clients whom you looked at: this is somebody else' }) notDuplicateOf?: string[];
}

export class RegisterClient extends DescribeClient {
  @DeviceId() id?: string;
}

/** Replaces all that is known; what is left out was not asked. */
export class CorrectClient extends DescribeClient {}

export class ClientQuery extends PageQuery {
  @OneOf(['registered', 'entered-in-error'], { optional: true }) status?: string;
}

export class ClientListed {
  @IdField() id!: string;
  @OneOf(['registered', 'entered-in-error']) status!: string;
}

export class ClientView extends ClientListed {
  @CodeField() agency!: string;
  @Flag() anonymous!: boolean;
  @Part(() => PersonNames) names!: object;
  @Part(() => BirthDate) birthDate!: object;
  @Part(() => Address) address!: object;
  @Part(() => PersonContact, { list: true }) contacts!: readonly object[];
  @CodeField({ optional: true }) language?: string;
  @Part(() => Identifier, { list: true }) identifiers!: readonly object[];
  @Part(() => Group, { list: true }) groups!: readonly object[];
  @CodeField({ optional: true }) areaCode?: string;
  @IdField({ list: true, description: 'Ids of records merged into this one' }) aliases!: readonly string[];
  @IdField({ optional: true, description: 'The record under which the person is read, when this one was merged into it' }) mergedInto?: string;
}

export class DisplayClients {
  @IdField({ list: true, minItems: 1, maxItems: 200 }) ids!: string[];
  @CodeField({ optional: true, description: 'What for; kept with the record of who looked', example: 'appointment' }) purpose?: string;
}

class PermittedContact {
  @OneOf(contactKinds) kind!: string;
  @Text(200) value!: string;
  @OneOf(answerers, { optional: true, description: 'To whom anything may be said, if they answer' }) answeredBy?: string;
  @OneOf(sayables, { optional: true, description: 'What may be said to whoever answers, or left as a message' }) maySay?: string;
}

export class ClientDisplayed {
  @IdField() id!: string;
  @Text(120, { nullable: true, example: 'Anna P.' }) shortName!: string | null;
  @Whole(0, 150, { nullable: true }) age!: number | null;
  @Part(() => PermittedContact, { nullable: true, description: 'The way of contact that is permitted at this moment; null when none is' }) contact!: object | null;
  @IdField({ optional: true, description: 'Of a merged record: the one whose name this is' }) mergedInto?: string;
}

export class SearchClients extends PageQuery {
  @Text(200, { optional: true, description: 'Words that begin words of the name, in any order and in Cyrillic or Latin letters' }) name?: string;
  @Text(10, { optional: true, description: 'As recorded: a day, a month or a year' }) birthDate?: string;
  @Part(() => Identifier, { optional: true }) identifier?: Identifier;
  @Text(60, { optional: true }) phone?: string;
  @CodeField({ optional: true, description: 'What for; kept with the record of who looked' }) purpose?: string;
}

export class ClientFound {
  @IdField() id!: string;
  @Text(120, { nullable: true }) shortName!: string | null;
  @Whole(1800, 3000, { nullable: true }) birthYear!: number | null;
}
