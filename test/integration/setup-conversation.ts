import { agree } from '#src/setup/conversation.js';
import { joiningText } from '#src/setup/first-phone.js';
import { styled } from '#src/system/colours.js';
import { having } from '../unit/doctor/healthy.js';
import { managed, surveyOf } from '../unit/setup/surveys.js';

/** The conversation of `hostp2pd setup` as a program, on a machine that has no country yet. Nothing is changed. */

const facts = having.radios(
  { countries: new Map([['global', '00']]) },
  having.reported({ country: null }, managed()),
);
const { columns } = process.stdout;
const terminal = { input: process.stdin, output: process.stdout };
const print = (text: string) => void process.stdout.write(`${text}\n`);
const io = { print, paint: styled, report: {}, colour: true, terminal, columns };
void agree(surveyOf(facts, { loggedIn: true }), {}, io, terminal).then((agreement) => {
  print(agreement === null ? 'not agreed' : joiningText(agreement.answers, true, columns));
});
