import { serviceTopic } from './topics.js';

export const counsellingTopic = serviceTopic('counselling');
