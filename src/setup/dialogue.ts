import type { Readable, Writable } from 'node:stream';
import { confirm, isCancel, select, text } from '@clack/prompts';
import {
  type Admission,
  type Answers,
  countryCode,
  countryProblem,
  type GivenAnswers,
  nameProblem,
  pinProblem,
} from './answers.js';

/** The questions, at a terminal. Nothing else loads the library that asks them. */

export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
}

/** The user has ended the dialogue: Escape or Ctrl-C. */
class Cancelled extends Error {}

/** Asks what no option has answered. @returns null if the user ends the dialogue */
export async function askAnswers(
  terminal: Terminal,
  given: GivenAnswers,
  defaults: Answers,
  needsCountry: boolean,
): Promise<Answers | null> {
  try {
    const name = given.name ?? (await askName(terminal, defaults.name));
    const admission = given.admission ?? (await askAdmission(terminal, defaults.admission));
    const yesNo = (message: string, present: boolean) => askYesNo(terminal, message, present);
    const addresses =
      given.addresses ?? (await yesNo('Give phones IP addresses? (recommended)', defaults.addresses));
    const country = given.country ?? (needsCountry ? await askCountry(terminal) : null);
    // Without addresses there is nothing to share it with.
    if (given.share !== undefined || !addresses)
      return { name, admission, addresses, share: given.share ?? 'off', country };
    const isShared = await yesNo(
      'Share the internet connection of the box with phones?',
      defaults.share !== 'off',
    );
    // An interface that the user has chosen before stays.
    const present = defaults.share === 'off' ? 'auto' : defaults.share;
    return { name, admission, addresses, share: isShared ? present : 'off', country };
  } catch (error) {
    if (error instanceof Cancelled) return null;
    throw error;
  }
}

/** @returns false also if the user ends the dialogue */
export async function askConsent(terminal: Terminal, question = 'Make these changes?'): Promise<boolean> {
  try {
    return await askYesNo(terminal, question, true);
  } catch (error) {
    if (error instanceof Cancelled) return false;
    throw error;
  }
}

function cancelled(): never {
  throw new Cancelled();
}

async function askName(terminal: Terminal, initialValue: string): Promise<string> {
  const message = 'Name of the box in the lists of phones';
  const typed = await text({
    ...terminal,
    message,
    initialValue,
    validate: (name = '') => nameProblem(name),
  });
  return isCancel(typed) ? cancelled() : typed;
}

async function askAdmission(terminal: Terminal, present: Admission): Promise<Admission> {
  const way = await select<'random' | 'pin' | 'button'>({
    ...terminal,
    message: 'How do phones join?',
    options: [
      { value: 'random', label: 'With a new PIN for each phone', hint: 'recommended' },
      { value: 'pin', label: 'With one PIN that stays' },
      { value: 'button', label: 'Without a PIN', hint: 'any phone nearby can' },
    ],
    initialValue: typeof present === 'string' ? present : 'pin',
  });
  if (isCancel(way)) return cancelled();
  if (way !== 'pin') return way;
  const message = 'Your PIN: 7 digits of your choice and their checksum';
  const initial = typeof present === 'string' ? {} : { initialValue: present.pin };
  const pin = await text({ ...terminal, ...initial, message, validate: (typed = '') => pinProblem(typed) });
  return isCancel(pin) ? cancelled() : { pin };
}

async function askYesNo(terminal: Terminal, message: string, initialValue: boolean): Promise<boolean> {
  const yes = await confirm({ ...terminal, message, initialValue });
  return isCancel(yes) ? cancelled() : yes;
}

async function askCountry(terminal: Terminal): Promise<string> {
  const message = 'Your country, two letters such as DE';
  const country = await text({ ...terminal, message, validate: (typed = '') => countryProblem(typed) });
  return isCancel(country) ? cancelled() : countryCode(country);
}
