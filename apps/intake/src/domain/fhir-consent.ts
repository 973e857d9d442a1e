import type { Instant } from '@opora/domain';
import type { ConsentDocument } from './consent-evidence.js';
import { statusAt, type Consent, type ConsentRecord } from './consent.js';

const statuses: Record<ReturnType<typeof statusAt>, string> = {
  requested: 'proposed', given: 'active', refused: 'rejected', withdrawn: 'inactive', ended: 'inactive', 'objected-to': 'inactive', expired: 'inactive', 'entered-in-error': 'entered-in-error',
};

const coding = (system: string, code: string, display?: string) => ({ system, code, ...(display && { display }) });
const concept = (...one: Parameters<typeof coding>) => ({ coding: [coding(...one)] });
/** Names somebody of whom there is no resource here. */
const known = (type: string, system: string, value: string) => ({ type, identifier: { system: `urn:opora:${system}`, value } });

/** R4 knows hashes of attachments by SHA-1 only; as the document's identifier a SHA-256 is a URI of its own (RFC 6920, section 7). */
const documentOf = ({ medium, sha256, formVersion, language }: ConsentDocument) => ({
  resourceType: 'DocumentReference', id: 'document', status: 'current',
  ...(sha256 && { masterIdentifier: { system: 'urn:ietf:rfc:3986', value: `nih:sha-256;${sha256}` } }),
  ...(formVersion && { identifier: [{ system: 'urn:opora:consent-form', value: formVersion }] }),
  content: [{ attachment: { title: medium, ...(language && { language }) }, format: coding('urn:opora:consent-medium', medium) }],
});

/**
 * A FHIR R4 Consent (https://hl7.org/fhir/R4/consent.html). Data classes are `class` and not `securityLabel`: a label of
 * confidentiality is a high-water mark, and consent to D2 is none to D1.
 */
export const fhirConsent = (consent: Consent, { clientId, agency }: Pick<ConsentRecord, 'clientId' | 'agency'>, at: Instant): object => {
  const { consentId, purpose, recipients, dataClasses, legalBasis, norm, from, until, givenAt, evidence } = consent;
  const patient = known('Patient', 'client', clientId);
  const grantor = evidence?.representative ? known('RelatedPerson', 'representative', evidence.representative.id) : legalBasis === 'consent' ? patient : known('Organization', 'agency', agency);
  return {
    resourceType: 'Consent', id: consentId,
    ...(evidence && { contained: [documentOf(evidence.document)] }),
    ...(evidence && { extension: [{ url: 'urn:opora:fhir:consent-taken-by', valueReference: evidence.byClient ? patient : known('Practitioner', 'staff', evidence.takenBy) }] }),
    status: statuses[statusAt(consent, at)],
    scope: concept('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
    category: [concept('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'IDSCL', 'information disclosure')],
    patient, dateTime: givenAt ?? from, performer: [grantor], organization: [known('Organization', 'agency', agency)],
    ...(evidence && { sourceReference: { reference: '#document' } }),
    ...(norm && { policy: [{ uri: `urn:opora:norm:${norm}` }] }),
    policyRule: concept('urn:opora:legal-basis', legalBasis),
    provision: {
      type: 'permit', period: { start: from, ...(until && { end: until }) },
      actor: recipients.map((recipient) => ({ role: concept('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP', 'information recipient'), reference: known('Organization', 'agency', recipient) })),
      purpose: [coding('urn:opora:purpose', purpose)],
      class: dataClasses.map((one) => coding('urn:opora:data-class', one)),
    },
  };
};
