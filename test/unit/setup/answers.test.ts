import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answersOf, countryProblem, nameFrom, nameProblem, pinProblem } from '#src/setup/answers.js';

const given = (flags: Record<string, string>) => answersOf(new Map(Object.entries(flags)));

test('without options no question is answered', () => {
  assert.deepEqual(given({}), {});
});

test('every question has an option', () => {
  assert.deepEqual(
    given({ name: 'Küche', admission: 'button', addresses: 'no', 'share-internet': 'eth0', country: 'DE' }),
    {
      name: 'Küche',
      admission: 'button',
      addresses: false,
      share: 'eth0',
      country: 'DE',
    },
  );
  assert.deepEqual(given({ admission: 'random', addresses: 'yes' }), {
    admission: 'random',
    addresses: true,
  });
  assert.deepEqual(given({ admission: 'pin', pin: '52107733' }), { admission: { pin: '52107733' } });
  assert.deepEqual(given({ country: 'de' }), { country: 'DE' });
  assert.deepEqual(given({ pin: '52107733' }), { admission: { pin: '52107733' } }, '--pin alone is enough');
});

test('a wrong answer is refused with its option and the reason', () => {
  for (const [flags, problem] of [
    [{ name: '' }, '--name: expected 1 to 22 bytes, got 0'],
    [{ name: 'A box with a long name ☺' }, '--name: expected 1 to 22 bytes, got 26'],
    [{ name: ' box' }, '--name: expected a name without spaces around it, got " box"'],
    [{ name: 'box\n' }, '--name: expected a name without spaces around it, got "box\\n"'],
    [{ name: 'b\u0007x' }, '--name: expected a name without control characters, got "b\\u0007x"'],
    [{ admission: 'open' }, '--admission: expected random, pin or button, got "open"'],
    [{ admission: 'pin' }, '--admission: pin needs a PIN: --pin PIN'],
    [{ admission: 'random', pin: '52107733' }, '--pin: goes with --admission pin, got --admission random'],
    [{ pin: '1234' }, '--pin: expected a PIN of 8 digits, got 4 characters'],
    [{ pin: '52107734' }, '--pin: the last digit has to be the checksum of the others: 52107733'],
    [{ addresses: 'maybe' }, '--addresses: expected yes or no, got "maybe"'],
    [{ 'share-internet': 'a b' }, '--share-internet: expected off, auto, or an interface, got "a b"'],
    [{ country: 'Germany' }, '--country: expected a country code of two letters, such as DE, got "Germany"'],
  ] as const)
    assert.deepEqual(given(flags), { problem });
});

test('a PIN that everybody tries first is refused, the default of hostp2pd above all', () => {
  for (const pin of ['00000000', '12345670', '11111111'])
    assert.match(pinProblem(pin) ?? '', /is one that everybody tries first/);
  assert.equal(pinProblem('52107733'), undefined);
  assert.equal(countryProblem('DE'), undefined);
});

test('every host name gives the box a name', () => {
  for (const [host, name] of [
    ['raspberrypi', 'raspberrypi'],
    ['pi.example.org', 'pi'],
    ['a-very-long-host-name-of-a-server', 'a-very-long-host-name-'],
    ['', 'hostp2pd'],
  ] as const) {
    assert.equal(nameFrom(host), name);
    assert.equal(nameProblem(nameFrom(host)), undefined);
  }
});
