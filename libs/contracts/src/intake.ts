import { serviceTopic } from './topics.js';

export const intakeTopic = serviceTopic('intake');
