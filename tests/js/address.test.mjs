/** The address of a code page in capitals, where somebody typed it small. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inCapitals } from '../../assets/js/address.js';

test('an unknown address of a code in small letters leads to its page in capitals', () => {
  assert.equal(inCapitals('/codes/j1100/'), '/codes/J1100/');
  assert.equal(inCapitals('/codes/0446t'), '/codes/0446T/');
});

test('any other unknown address stays, so that nothing leads in a circle', () => {
  for (const path of ['/codes/J1100/', '/codes/97761/', '/codes/9776/', '/codes/j1100x/', '/j1100/', '/codes/../x/', '/']) {
    assert.equal(inCapitals(path), null, path);
  }
});
