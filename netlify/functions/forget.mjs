// @ts-check
/**
 * Deletes every hour what was counted of addresses in the hour before, should no request have done so.
 */

import { forget } from './lib/limits.mjs';
import { stores } from './lib/store.mjs';

export default async () => {
  await forget(stores(), new Date());
};

export const config = { schedule: '3 * * * *' };
