// @ts-check
/**
 * Publishes once a day what has come in.
 */

import { alone } from './lib/lease.mjs';
import { publish } from './lib/publishing.mjs';
import { stores } from './lib/store.mjs';

export default async () => {
  const blobs = stores();
  await alone(blobs, () => publish(blobs, { now: new Date() }));
};

export const config = { schedule: '17 6 * * *' };
