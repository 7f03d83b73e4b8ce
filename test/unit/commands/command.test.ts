import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkArguments, parseCount, parseSeconds, usage } from '#src/commands/command.js';
import { addressOf } from '#src/commands/devices.js';
import { COMMANDS, FRONTEND_COMMANDS, findSessionCommand, SESSION_COMMANDS } from '#src/commands/table.js';
import { HostP2pError } from '#src/system/errors.js';

const PHONES = [
  { address: '42:00:00:00:01:00', name: 'Pixel' },
  { address: '42:00:00:00:02:00', name: 'Galaxy' },
  { address: '42:00:00:00:03:00', name: 'Galaxy' },
  { address: '42:00:00:00:04:00', name: null },
];

function refused(act: () => unknown): HostP2pError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof HostP2pError);
    return error;
  }
  assert.fail('it was accepted');
}

test('a device is named by its address, known or not, or by a unique name', () => {
  assert.equal(addressOf('42:00:00:00:0A:FF', PHONES), '42:00:00:00:0a:ff');
  assert.equal(addressOf('42-00-00-00-0A-FF', PHONES), '42:00:00:00:0a:ff');
  assert.equal(addressOf('Pixel', PHONES), '42:00:00:00:01:00');
  assert.match(refused(() => addressOf('pixel', PHONES)).message, /^expected an address.* got "pixel"$/);
  const twice = refused(() => addressOf('Galaxy', PHONES));
  assert.equal(twice.code, 'DEVICE_UNKNOWN');
  assert.match(twice.message, /42:00:00:00:02:00 and 42:00:00:00:03:00 have that name$/);
  // A peer that is a station too is one device.
  const pixel = { address: '42:00:00:00:01:00', name: 'Pixel' };
  assert.equal(addressOf('Pixel', [pixel, pixel]), pixel.address);
});

test('an invalid number is refused with the text that was found', () => {
  assert.equal(parseSeconds('find', undefined, 10, 60), 10);
  assert.equal(parseSeconds('find', '2.5', 10, 60), 2.5);
  for (const word of ['-1', 'x', '61', '1e3', '', ' 1', 'Infinity']) {
    assert.match(refused(() => parseSeconds('find', word, 10, 60)).message, /^find: .*at most 60/, word);
  }
  assert.equal(parseCount('events', '0', 20), 0);
  for (const word of ['-1', '1.5', 'all'])
    assert.match(refused(() => parseCount('events', word, 20)).message, /^events: expected a number/, word);
});

test('arguments: too few, too many, or not one of the allowed words', () => {
  const check = (line: string) => {
    const [name = '', ...words] = line.split(' ');
    const command = findSessionCommand(name);
    assert.ok(command, name);
    checkArguments(command, words);
  };
  for (const line of ['status', 'pin a b', 'group start', 'wpa SET a b c', 'pair', 'pair pin 12345670 a'])
    check(line);
  assert.match(
    refused(() => check('pin a')).message,
    /^pin: expected "pin <address> <PIN>", got 1 argument$/,
  );
  assert.match(refused(() => check('status x')).message, /^status takes no arguments$/);
  assert.match(refused(() => check('group begin')).message, /^group: expected start or stop, got "begin"$/);
  assert.match(refused(() => check('wpa')).message, /expected "wpa <request…>", got 0 arguments/);
});

test('every command has a unique name on each frontend, and a summary', () => {
  for (const frontend of ['prompt', 'batch', 'shell', 'socket'] as const) {
    const names = COMMANDS.filter(({ frontends }) => frontends.includes(frontend)).map(({ name }) => name);
    assert.equal(new Set(names).size, names.length, frontend);
  }
  for (const command of COMMANDS) {
    assert.match(command.name, /^[a-z]+$/);
    assert.ok(usage(command).startsWith(command.name));
    // The man page turns it into a sentence.
    assert.doesNotMatch(command.summary, /^[A-Z]|\.$/, command.name);
    if (command.details !== undefined) assert.match(command.details, /\.$/, command.name);
    const optional = command.arguments.findIndex((spec) => spec.optional);
    const after = optional < 0 ? [] : command.arguments.slice(optional);
    assert.ok(
      after.every((spec) => spec.optional),
      `${command.name}: no required argument comes after an optional one`,
    );
  }
});

test('all commands of the manual exist', () => {
  const wanted =
    'version loglevel reload reset stations stats quit help pause resume wait history prompt color ' +
    'status events pair pin invite disconnect forget group find wpa';
  const names = new Set([...SESSION_COMMANDS, ...FRONTEND_COMMANDS].map(({ name }) => name));
  assert.deepEqual(
    wanted.split(' ').filter((name) => !names.has(name)),
    [],
  );
});
