/**
 * Why an attempt to form a group failed. Two failures are the same where `kind` and `detail` are: the text may name what
 * is another each time, such as the interface.
 */
export interface Failure {
  readonly kind: /** wpa_supplicant refused a request: which one, and its word. */
    | 'refused'
    | 'timed-out'
    /** wpa_supplicant did not answer a question without which no group is formed. */
    | 'no-answer'
    /** The group ended before it was up: wpa_supplicant's reason. */
    | 'removed'
    /** wpa_supplicant has lost a group that was up: by whom, as far as that is known. */
    | 'vanished'
    /** rfkill keeps the radio off: by what. */
    | 'radio-off'
    /** The group would end the connection of the radio's own interface (`keep_station`). */
    | 'station'
    | 'profile'
    | 'negotiation'
    | 'became-client'
    /** The phone is no longer there, or did not come. */
    | 'phone';
  readonly detail: string;
  readonly text: string;
}

/** What keeps a radio off: `rfkill block`, or a switch or key of the machine. */
export type RadioBlock = 'software' | 'hardware';
