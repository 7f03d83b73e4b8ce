/** The option `freq=` of P2P_GROUP_ADD and P2P_CONNECT: a channel in MHz, a band (`2`, `5`), or `acs`, the choice of the driver. */

/** Where the 6 GHz band begins, in MHz. */
export const SIX_GHZ_MHZ = 5_925;

/** The value of `freq=` in these options; null: it is not among them. */
export function frequencyIn(options: string | null): string | null {
  return /(?:^|\s)freq=(\S+)/.exec(options ?? '')?.[1] ?? null;
}

/** Whether a channel, in MHz, is what `freq=` asks for. */
export function includesFrequency(wanted: string, frequency: number): boolean {
  if (wanted === 'acs') return true;
  if (wanted === '2') return frequency < 4_000;
  if (wanted === '5') return frequency > 4_000 && frequency < SIX_GHZ_MHZ;
  return Number(wanted) === frequency;
}
