import assert from 'node:assert/strict';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { FileFacts } from '#src/doctor/facts.js';
import { PlantedMachine } from './planted-machine.js';

async function files(planted: PlantedMachine, ...lines: readonly string[]): Promise<FileFacts> {
  return (await planted.gather(...lines)).files;
}

function withEnvironment(t: TestContext, environment: NodeJS.ProcessEnv, uid: number): PlantedMachine {
  const planted = new PlantedMachine(t);
  planted.sources = { ...planted.sources, environment, user: { uid, groups: [uid] } };
  return planted;
}

test('the places of the files for root and for other users', async (t) => {
  const root = await files(withEnvironment(t, {}, 0));
  assert.deepEqual(
    [pathOf(root.pidFolder), root.stateFolder.path, root.runtimeFolder.path, root.log?.file],
    ['/var/run', '/var/lib/hostp2pd', '/run/hostp2pd', '/var/log/hostp2pd.log'],
  );
  const pi = await files(withEnvironment(t, { HOME: '/home/pi', XDG_RUNTIME_DIR: '/run/user/1000' }, 1000));
  assert.deepEqual(
    [pathOf(pi.pidFolder), pi.stateFolder.path, pi.runtimeFolder.path],
    ['/run/user/1000', '/home/pi/.local/state/hostp2pd', '/run/user/1000/hostp2pd'],
  );
  const bare = await files(withEnvironment(t, { HOME: '/home/pi' }, 1000));
  assert.match(pathOf(bare.pidFolder), /^XDG_RUNTIME_DIR is not set/);
  assert.equal(bare.runtimeFolder.path, '/tmp', 'a private folder in /tmp');
});

test('a folder that does not exist yet is checked by its nearest existing parent', async (t) => {
  const planted = new PlantedMachine(t);
  planted.write('srv/plain', '');
  for (const [state_folder, nearest, writable] of [
    ['/var/lib', '/var/lib', true],
    ['/var/lib/a/b', '/var/lib', true],
    ['/srv/plain/a', '/srv/plain', false],
    ['/nothing/here', '/', true],
  ] as const) {
    const { stateFolder } = await files(planted, `state_folder: ${state_folder}`);
    assert.deepEqual(stateFolder, { path: state_folder, nearest, writable });
  }
});

test('the type of the file at the path of the log', async (t) => {
  const planted = new PlantedMachine(t);
  const log = async (file: string) => {
    planted.write('hostp2pd.yaml', `hostp2pd: {}\nlogging:\n  file: ${file}\n`, 0o600);
    const { gather } = await import('#src/doctor/examine.js');
    return (await gather({ configFile: join(planted.root, 'hostp2pd.yaml') }, planted.sources)).files.log;
  };
  planted.write('var/log/plain.log', '');
  planted.link('var/log/link.log', 'plain.log');
  mkdirSync(join(planted.root, 'var/log/folder.log'));
  for (const [name, blocked] of [
    ['new.log', false],
    ['plain.log', false],
    ['link.log', false],
    ['folder.log', true],
  ] as const) {
    assert.equal((await log(`/var/log/${name}`))?.blocked, blocked, name);
  }
  assert.equal(await log('null'), null);
});

test('hooks: found by path or in PATH, with the interpreter of their first line', async (t) => {
  const planted = new PlantedMachine(t);
  const hook = async (program: string) => (await files(planted, `run_program: "${program}"`)).hook;
  planted.write('bin/sh', '', 0o755);
  planted.write('usr/bin/env', '', 0o755);
  planted.write('usr/bin/python3', '', 0o755);
  mkdirSync(join(planted.root, 'srv/folder'), { recursive: true });
  const scripts: Record<string, readonly [text: string, missing: string | null]> = {
    right: ['#!/bin/sh\necho', null],
    spaced: ['#! /bin/sh -e\n', null],
    binary: ['\u007fELF', null],
    empty: ['', null],
    without: ['echo hello\n', null],
    wrong: ['#!/bin/bash\n', '/bin/bash'],
    windows: ['#!/bin/sh\r\necho\r\n', '/bin/sh\r'],
    env: ['#!/usr/bin/env python3\n', null],
    noenv: ['#!/usr/bin/env ruby\n', 'ruby'],
    split: ['#!/usr/bin/env -S ruby -w\n', null],
  };
  for (const [name, [text, missing]] of Object.entries(scripts)) {
    planted.write(`srv/${name}`, text, 0o755);
    const program = `/srv/${name}`;
    const found = await hook(program);
    const right = { program, kind: 'file', hasArguments: false, executable: true, readable: true };
    assert.deepEqual(found, { ...right, missingInterpreter: missing }, name);
  }
  chmodSync(join(planted.root, 'srv/right'), 0o644);
  assert.equal((await hook('/srv/right'))?.executable, false);
  assert.equal((await hook('/srv/folder'))?.kind, 'folder');
  assert.equal((await hook('/srv/nothing'))?.kind, 'missing');
  assert.equal((await hook('python3'))?.kind, 'file', 'in PATH');
  assert.equal((await hook('python2'))?.kind, 'missing', 'not in PATH');
  for (const line of ['/srv/spaced -v', 'python3 /srv/spaced', '/srv/python3 x'])
    assert.equal((await hook(line))?.hasArguments, true, line);
  assert.equal((await hook('/srv/nothing -v'))?.hasArguments, false);
  assert.equal(await hook('-'), null);
  assert.equal(await hook(''), null);
});

test('a PIN module is checked without running it', async (t) => {
  const planted = new PlantedMachine(t);
  planted.write('srv/pins.js', 'globalThis.hasRun = true;');
  const module = async (path: string) => (await files(planted, `pin_module: ${path}`)).pinModule;
  assert.deepEqual(await module('/srv/pins.js'), { path: '/srv/pins.js', readable: true });
  assert.equal((await module('/srv/nothing.js'))?.readable, false);
  mkdirSync(join(planted.root, 'srv/folder.js'));
  assert.equal((await module('/srv/folder.js'))?.readable, false);
  assert.equal(Reflect.get(globalThis, 'hasRun'), undefined);
});

function pathOf(place: { readonly path: string } | string): string {
  return typeof place === 'string' ? place : place.path;
}
